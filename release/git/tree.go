package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"slipway/cache"
)

// ReadFile returns one file of a revision. maxFile bounds it.
func (m *Mirror) ReadFile(ctx context.Context, rev, path string) ([]byte, error) {
	if err := errors.Join(CheckPath(path), m.Need(ctx, rev)); err != nil {
		return nil, err
	}
	size, err := m.run(ctx, "cat-file", "-s", rev+":"+path)
	if err != nil {
		return nil, fmt.Errorf("%s at %s has no file %q: %w", m.Name, rev, path, err)
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(size), 10, 64); err != nil || n > maxFile {
		return nil, fmt.Errorf("%s at %s: %q has %s bytes, more than %d", m.Name, rev, path, strings.TrimSpace(size), maxFile)
	}
	return m.git.output(ctx, m.dir, nil, nil, "cat-file", "blob", rev+":"+path)
}

// maxFile bounds a file that is read whole: version files, locale lists,
// configurations. The largest known, Firefox's l10n-changesets, has 60 kB.
const maxFile = 16 << 20

// object is one line of ls-tree.
type object struct {
	mode, kind, id, path string
}

// list names every file below dir ("" is the root) of a revision.
func (m *Mirror) list(ctx context.Context, rev, dir string) ([]object, error) {
	spec := rev + "^{tree}"
	if dir != "" {
		if err := CheckPath(dir); err != nil {
			return nil, err
		}
		spec = rev + ":" + dir
	}
	out, err := m.run(ctx, "ls-tree", "-r", "-z", "--full-tree", spec)
	if err != nil {
		return nil, fmt.Errorf("%s at %s has no directory %q: %w", m.Name, rev, dir, err)
	}
	var objects []object
	for _, rec := range strings.Split(strings.TrimSuffix(out, "\x00"), "\x00") {
		if rec == "" {
			continue
		}
		head, path, _ := strings.Cut(rec, "\t")
		f := strings.Fields(head)
		if len(f) != 3 {
			return nil, fmt.Errorf("ls-tree of %s printed %q", rev, rec)
		}
		if err := CheckPath(path); err != nil {
			return nil, fmt.Errorf("%s at %s: %w", m.Name, rev, err)
		}
		objects = append(objects, object{f[0], f[1], f[2], path})
	}
	return objects, nil
}

// Dirs names the directories directly below dir that hold files.
func (m *Mirror) Dirs(ctx context.Context, rev, dir string) ([]string, error) {
	if err := m.Need(ctx, rev); err != nil {
		return nil, err
	}
	objects, err := m.list(ctx, rev, dir)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, o := range objects {
		first, _, nested := strings.Cut(o.path, "/")
		if nested && (len(dirs) == 0 || dirs[len(dirs)-1] != first) {
			dirs = append(dirs, first)
		}
	}
	return dirs, nil
}

// Tree puts the files below dir ("" is the root) of a revision into the cache.
// Submodules are left out: they are repositories of their own in the plan.
func (m *Mirror) Tree(ctx context.Context, store *cache.Store, rev, dir string) (cache.Tree, error) {
	var tree cache.Tree
	if err := m.Need(ctx, rev); err != nil {
		return tree, err
	}
	objects, err := m.list(ctx, rev, dir)
	if err != nil {
		return tree, err
	}
	blobs := store.Batch()
	defer blobs.Abort()
	err = m.read(ctx, objects, func(o object, r io.Reader) error {
		e := cache.Entry{Path: o.path, Mode: 0o644}
		if o.mode == "120000" {
			target, err := io.ReadAll(io.LimitReader(r, 4096))
			e.Mode, e.Link = 0o777, string(target)
			tree.Entries = append(tree.Entries, e)
			return err
		}
		if o.mode == "100755" {
			e.Mode = 0o755
		}
		blob, err := blobs.Put(ctx, r)
		e.Blob, e.Size = blob.Digest, blob.Size
		tree.Entries = append(tree.Entries, e)
		return err
	})
	if err == nil {
		err = blobs.Commit(ctx)
	}
	tree.Sort()
	return tree, err
}

// read streams the blobs among objects through one git process.
func (m *Mirror) read(ctx context.Context, objects []object, each func(object, io.Reader) error) error {
	var ids bytes.Buffer
	for _, o := range objects {
		if o.kind == "blob" {
			fmt.Fprintln(&ids, o.id)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := m.git.command(ctx, m.dir, nil, "cat-file", "--batch")
	cmd.Stdin = &ids
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = readBatch(bufio.NewReaderSize(out, 1<<16), objects, each)
	if err != nil {
		cancel()
		_ = cmd.Wait() // the reading error is the cause
		return fmt.Errorf("reading %s: %w", m.Name, err)
	}
	return cmd.Wait()
}

// readBatch parses "ID TYPE SIZE\n", the bytes, "\n" for each blob.
func readBatch(in *bufio.Reader, objects []object, each func(object, io.Reader) error) error {
	for _, o := range objects {
		if o.kind != "blob" {
			continue
		}
		head, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		var id, kind string
		var size int64
		if _, err := fmt.Sscanf(head, "%s %s %d", &id, &kind, &size); err != nil || id != o.id || kind != "blob" {
			return fmt.Errorf("object %s (%s): git answered %q", o.id, o.path, head)
		}
		body := io.LimitReader(in, size)
		if err := each(o, body); err != nil {
			return fmt.Errorf("%s: %w", o.path, err)
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return err
		}
		if _, err := in.Discard(1); err != nil {
			return err
		}
	}
	return nil
}

// Checkout writes the files below from ("" is the root) of a revision into an
// empty directory, as a build wants them: real files, no repository around them.
// Times are set to the commit's, so that a build that records them stays
// reproducible.
func (m *Mirror) Checkout(ctx context.Context, rev, from, dir string) error {
	commit, err := m.Commit(ctx, rev)
	if err != nil {
		return err
	}
	objects, err := m.list(ctx, rev, from)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return m.read(ctx, objects, func(o object, r io.Reader) error {
		if parent := filepath.Dir(o.path); parent != "." {
			if err := root.MkdirAll(parent, 0o755); err != nil {
				return err
			}
		}
		if o.mode == "120000" {
			target, err := io.ReadAll(io.LimitReader(r, 4096))
			if err != nil {
				return err
			}
			return root.Symlink(string(target), o.path)
		}
		mode := os.FileMode(0o644)
		if o.mode == "100755" {
			mode = 0o755
		}
		f, err := root.OpenFile(o.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, r); err != nil {
			f.Close()
			return err
		}
		// The umask of whoever runs us must not reach a package.
		if err := errors.Join(f.Chmod(mode), f.Close()); err != nil {
			return err
		}
		return root.Chtimes(o.path, commit.When, commit.When)
	})
}
