package repack

import (
	"context"
	"fmt"
	"io"

	"slipway/cache"
)

// sink takes the entries of one archive, whatever its format, and makes a
// tree of them. Every rule about entries is here or in names.go, so the
// formats cannot differ in what they let through.
type sink struct {
	ctx   context.Context
	blobs *cache.Batch // committed when the whole archive is read
	lim   Limits
	names *names
	tree  cache.Tree
	files map[string]int // path → index in tree.Entries, for hard links
	dirs  []string
	count int
	left  int64 // bytes of files that may still come
}

func newSink(ctx context.Context, blobs *cache.Batch, lim Limits) *sink {
	return &sink{ctx: ctx, blobs: blobs, lim: lim, names: newNames(), files: map[string]int{}, left: lim.Total}
}

func (s *sink) countOne() error {
	if s.count++; s.count > s.lim.Entries {
		return fmt.Errorf("more than %d entries", s.lim.Entries)
	}
	return s.ctx.Err()
}

// claim checks an entry's name and counts it. An empty path means that the
// entry is the root directory, which needs nothing.
func (s *sink) claim(name string, w what) (string, error) {
	if err := s.countOne(); err != nil {
		return "", err
	}
	p, err := cleanName(name)
	if err != nil {
		return "", err
	}
	if p == "." {
		if w == isDir {
			return "", nil
		}
		return "", fmt.Errorf("empty name")
	}
	return p, s.names.add(p, w)
}

func (s *sink) dir(name string) error {
	p, err := s.claim(name, isDir)
	if err == nil && p != "" {
		s.dirs = append(s.dirs, p)
	}
	return err
}

func (s *sink) file(name string, mode uint32, size int64, r io.Reader) error {
	p, err := s.claim(name, isFile)
	if err != nil {
		return err
	}
	if mode&^0o777 != 0 {
		return fmt.Errorf("mode %#o: set-user-ID, set-group-ID and sticky files are not shipped", mode)
	}
	if size < 0 || size > s.lim.File || size > s.left {
		return fmt.Errorf("%d bytes: limits are %d a file and %d in all", size, s.lim.File, s.lim.Total)
	}
	s.left -= size
	blob, err := s.blobs.Put(s.ctx, r)
	if err != nil {
		return err
	}
	if blob.Size != size {
		return fmt.Errorf("got %d bytes, the header says %d", blob.Size, size)
	}
	s.files[p] = len(s.tree.Entries)
	s.tree.Entries = append(s.tree.Entries, cache.Entry{Path: p, Mode: mode, Size: size, Blob: blob.Digest})
	return nil
}

func (s *sink) symlink(name, target string) error {
	p, err := s.claim(name, isSymlink)
	if err != nil {
		return err
	}
	if err := checkLink(p, target); err != nil {
		return err
	}
	s.tree.Entries = append(s.tree.Entries, cache.Entry{Path: p, Mode: 0o777, Link: target})
	return nil
}

// hardlink makes the entry a file of its own: trees know no shared inodes.
func (s *sink) hardlink(name, target string) error {
	p, err := s.claim(name, isFile)
	if err != nil {
		return err
	}
	to, err := cleanName(target)
	if err != nil {
		return fmt.Errorf("hard link to %q: %w", target, err)
	}
	i, ok := s.files[to]
	if !ok {
		return fmt.Errorf("hard link to %q, which is no file before it in the archive", target)
	}
	e := s.tree.Entries[i]
	if e.Size > s.left {
		return fmt.Errorf("more than %d bytes in all", s.lim.Total)
	}
	s.left -= e.Size
	e.Path = p
	s.files[p] = len(s.tree.Entries)
	s.tree.Entries = append(s.tree.Entries, e)
	return nil
}

// done gives the tree: sorted, with the directories that nothing lies in.
func (s *sink) done() (cache.Tree, error) {
	full := map[string]bool{}
	for p := range s.names.seen {
		full[parent(p)] = true
	}
	for _, d := range s.dirs {
		if !full[d] {
			s.tree.Dirs = append(s.tree.Dirs, d)
		}
	}
	if len(s.tree.Entries) == 0 {
		return cache.Tree{}, fmt.Errorf("no files in the archive")
	}
	s.tree.Sort()
	return s.tree, nil
}
