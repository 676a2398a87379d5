package updates

import (
	"context"
	"fmt"

	"slipway/cache"
)

// installation is what users of a source have on disk.
type installation struct {
	tree  cache.Tree
	read  func(context.Context, cache.Entry) ([]byte, error)
	close func()
}

func (b *Builder) nothing() installation {
	return installation{read: b.readOld, close: func() {}}
}

func (b *Builder) installed(ctx context.Context, s Source, shared *memo) (installation, error) {
	if _, ok := b.borrowed[s.MAR]; ok {
		return b.borrowedInstallation(ctx, s.MAR, shared)
	}
	in := b.nothing()
	t, _, err := b.side(ctx, s)
	if err == nil && s.Tree != "" { // of which a complete would be made so
		if t, _, err = carriable(t, true); err == nil {
			t, err = b.withPrecomplete(ctx, t, true)
		}
	}
	in.tree = t
	return in, err
}

// borrowedInstallation is what a borrowed complete installs. Its files are not
// kept: most are needed for their digests alone, and what is patched is unpacked
// once more.
func (b *Builder) borrowedInstallation(ctx context.Context, d cache.Digest, shared *memo) (installation, error) {
	a, err := b.open(ctx, d)
	if err != nil {
		return installation{}, err
	}
	in := installation{read: a.readOld, close: func() { a.Close() }}
	if in.tree, err = a.tree(); err == nil {
		err = a.fill(ctx, in.tree, shared)
	}
	if err != nil {
		a.Close()
		return installation{}, err
	}
	return in, nil
}

// fill puts digests and sizes into the tree of a complete.
func (a *archive) fill(ctx context.Context, t cache.Tree, shared *memo) error {
	x := &execution{a: a, put: hashOnly, memo: shared}
	for i := range t.Entries {
		e := &t.Entries[i]
		blob, err := x.contents(ctx, Instruction{Verb: Add, Path: e.Path}, cache.Entry{})
		if err != nil {
			return fmt.Errorf("entry %q: %w", e.Path, err)
		}
		e.Blob, e.Size = blob.Digest, blob.Size
	}
	t.Sort()
	return nil
}

// readOld returns the file that the package installed, if it still is that one.
func (a *archive) readOld(_ context.Context, e cache.Entry) ([]byte, error) {
	data, err := a.read(e.Path, maxFile)
	if err == nil && cache.Sum(data) != e.Blob {
		err = fmt.Errorf("%q has changed since it was installed", e.Path)
	}
	return data, err
}

func hashOnly(_ context.Context, data []byte) (cache.Blob, error) {
	return cache.Blob{Digest: cache.Sum(data), Size: int64(len(data))}, nil
}
