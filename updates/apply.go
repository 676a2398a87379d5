package updates

import (
	"context"
	"fmt"

	"slipway/cache"
	"slipway/updates/mar"
)

// ApplyJob asks what an installation becomes.
type ApplyJob struct {
	Tree cache.Digest `json:"tree"`
	MAR  cache.Digest `json:"mar"`
}

// Apply returns the tree that the updater would make of job.Tree with job.MAR,
// or the refusal that it would end with. Channel and version rules and
// signatures are the container's affair and not looked at.
func (b *Builder) Apply(ctx context.Context, job ApplyJob) (cache.Tree, error) {
	t, err := b.Store.Tree(ctx, job.Tree)
	if err != nil {
		return t, err
	}
	a, err := b.open(ctx, job.MAR)
	if err == nil {
		defer a.Close()
		x := &execution{a: a, b: b, read: b.readOld, put: b.Store.PutBytes, memo: newMemo(), total: unpacked{most: b.most}}
		t, err = x.apply(ctx, t)
	}
	if err != nil {
		return cache.Tree{}, fmt.Errorf("applying %s: %w", job.MAR.Short(), err)
	}
	return t, nil
}

// umask is what an updater runs under; it takes group's and others' write bits
// from what an add installs.
const umask = 0o022

// execution is one run of a package on a tree, wherever its bytes lie.
type execution struct {
	a    *archive
	b    *Builder // for its workers and Progress
	read func(context.Context, cache.Entry) ([]byte, error)
	put  func(context.Context, []byte) (cache.Blob, error)
	memo *memo

	total unpacked // what it has made, less what the memo had
}

func (b *Builder) readOld(ctx context.Context, e cache.Entry) ([]byte, error) {
	return b.Store.Bytes(ctx, e.Blob, maxFile)
}

// apply runs the package on t and returns what becomes of it.
func (x *execution) apply(ctx context.Context, t cache.Tree) (cache.Tree, error) {
	im := newImage(t)
	var precomplete []byte
	if e, ok := im.files[precompletePath(t)]; ok && x.a.manifest.Type == TypeComplete {
		var err error
		if precomplete, err = x.read(ctx, e); err != nil {
			return t, err
		}
	}
	actions, err := compile(x.a.manifest, im, precomplete)
	if err != nil {
		return t, err
	}
	if err := x.prepare(ctx, actions, im); err != nil {
		return t, err
	}
	for _, act := range actions {
		if act.skip {
			continue
		}
		if err := x.execute(ctx, act.Instruction, im); err != nil {
			return t, fmt.Errorf("%v: %w", act.Instruction, err)
		}
	}
	for _, act := range actions {
		if act.Verb == Rmdir {
			im.rmdir(act.Path)
		}
	}
	return im.tree(), nil
}

// prepare makes, in parallel, what adds and patches will install, as far as
// that does not hang on earlier instructions.
func (x *execution) prepare(ctx context.Context, actions []action, im *image) error {
	var ready []Instruction
	changed := map[string]bool{} // by an earlier line
	for _, act := range actions {
		if act.skip {
			continue
		}
		if act.Entry() != "" && !(act.Patches() && (changed[act.Path] || !im.isFile(act.Path))) {
			ready = append(ready, act.Instruction)
		}
		changed[act.Path] = true
	}
	told := x.b.tell("apply", len(ready))
	size := func(i int) int64 { return max(im.files[ready[i].Path].Size, x.a.entry(ready[i].Entry()).Size) }
	return x.b.each(ctx, len(ready), size, func(ctx context.Context, i, _ int) error {
		defer told.begin(ready[i].Path)()
		if _, err := x.contents(ctx, ready[i], im.files[ready[i].Path]); err != nil {
			return fmt.Errorf("%v: %w", ready[i], err)
		}
		return nil
	})
}

// contents returns what in installs over the file was.
func (x *execution) contents(ctx context.Context, in Instruction, was cache.Entry) (cache.Blob, error) {
	packed, err := x.a.packed(in.Entry())
	if err != nil {
		return cache.Blob{}, err
	}
	id := made{packed: cache.Sum(packed)}
	if in.Patches() {
		id.old = was.Blob
	}
	return x.memo.do(id, func() (cache.Blob, error) {
		data, err := unpackEntry(packed, maxFile)
		if err != nil || !in.Patches() {
			return x.keep(ctx, data, err)
		}
		old, err := x.read(ctx, was)
		if err != nil {
			return cache.Blob{}, err
		}
		data, err = applyPatch(old, data, maxFile)
		return x.keep(ctx, data, err)
	})
}

func (x *execution) keep(ctx context.Context, data []byte, err error) (cache.Blob, error) {
	if err == nil {
		err = x.total.add(int64(len(data)))
	}
	if err != nil {
		return cache.Blob{}, err
	}
	return x.put(ctx, data)
}

// execute runs one instruction that is not skipped. Directories are removed
// when all else is done, see apply.
func (x *execution) execute(ctx context.Context, in Instruction, im *image) error {
	switch in.Verb {
	case Remove:
		im.remove(in.Path)
	case Add, AddIf, AddIfNot:
		if f := im.fileAbove(in.Path); f != "" {
			return refuse(mar.WriteError, "%q is a file where a directory is needed", f)
		}
		if im.exists(in.Path) && !im.isFile(in.Path) {
			return refuse(mar.NotAFile, "%q is not a plain file", in.Path)
		}
		blob, err := x.contents(ctx, in, cache.Entry{})
		if err != nil {
			return err
		}
		im.put(cache.Entry{
			Path: in.Path, Mode: x.a.entry(in.Entry()).Mode &^ umask,
			Size: blob.Size, Blob: blob.Digest,
		})
	case Patch, PatchIf:
		if !im.isFile(in.Path) {
			return refuse(mar.ReadError, "%q is not there", in.Path)
		}
		was := im.files[in.Path]
		blob, err := x.contents(ctx, in, was)
		if err != nil {
			return err
		}
		was.Blob, was.Size = blob.Digest, blob.Size
		im.files[in.Path] = was
	}
	return nil
}
