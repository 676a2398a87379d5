package cache

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// maxTree bounds the JSON of a tree: 200,000 entries of 300 bytes.
const maxTree = 64 << 20

// PutTree keeps the tree, checked and in canonical order, as a blob whose
// digest is the tree's. The files' bytes are put on their own.
func (s *Store) PutTree(ctx context.Context, t Tree) (Blob, error) {
	t = t.canonical()
	if err := t.Check(); err != nil {
		return Blob{}, err
	}
	return s.PutBytes(ctx, t.encode())
}

// Tree returns the tree that PutTree kept under d.
func (s *Store) Tree(ctx context.Context, d Digest) (Tree, error) {
	b, err := s.Bytes(ctx, d, maxTree)
	if err != nil {
		return Tree{}, err
	}
	t, err := parseTree(b)
	if err != nil {
		return Tree{}, fmt.Errorf("tree %s: %w", d, err)
	}
	return t, nil
}

func parseTree(b []byte) (Tree, error) {
	var t Tree
	if err := json.Unmarshal(b, &t); err != nil {
		return Tree{}, err
	}
	// One tree, one spelling: this refuses unknown and repeated keys, another
	// order and stray space in one comparison.
	if !bytes.Equal(t.canonical().encode(), b) {
		return Tree{}, fmt.Errorf("is not the canonical JSON of a tree")
	}
	return t, t.Check()
}

// Check refuses a sorted tree that cannot be laid out below a directory
// without doubt about what lands where.
func (t *Tree) Check() error {
	files := make(map[string]bool, len(t.Entries))
	prev := ""
	for _, e := range t.Entries {
		if err := checkPath(e.Path); err != nil {
			return err
		}
		if e.Path <= prev {
			return fmt.Errorf("entry %q stands after %q: want each path once, in byte order", e.Path, prev)
		}
		prev = e.Path
		if err := e.check(); err != nil {
			return fmt.Errorf("entry %q: %w", e.Path, err)
		}
		files[e.Path] = true
	}
	prev = ""
	for _, d := range t.Dirs {
		if err := checkPath(d); err != nil {
			return err
		}
		if d <= prev {
			return fmt.Errorf("directory %q stands after %q: want each path once, in byte order", d, prev)
		}
		prev = d
		if files[d] {
			return fmt.Errorf("%q is a file and a directory", d)
		}
	}
	// A directory that holds something is not empty, and what lies below a
	// file, or through a link, lies nowhere.
	empty := make(map[string]bool, len(t.Dirs))
	for _, d := range t.Dirs {
		empty[d] = true
	}
	below := func(p string) error {
		for i := strings.LastIndexByte(p, '/'); i > 0; i = strings.LastIndexByte(p[:i], '/') {
			switch dir := p[:i]; {
			case files[dir]:
				return fmt.Errorf("%q is a file, and %q lies below it", dir, p)
			case empty[dir]:
				return fmt.Errorf("directory %q is listed as empty, and %q lies in it", dir, p)
			}
		}
		return nil
	}
	for _, e := range t.Entries {
		if err := below(e.Path); err != nil {
			return err
		}
	}
	for _, d := range t.Dirs {
		if err := below(d); err != nil {
			return err
		}
	}
	return nil
}

func (e Entry) check() error {
	if e.Mode > 0o777 {
		return fmt.Errorf("mode %#o: want permission bits only", e.Mode)
	}
	if e.Link != "" {
		if e.Blob != "" || e.Size != 0 {
			return fmt.Errorf("is a link to %q and has contents", e.Link)
		}
		if strings.IndexByte(e.Link, 0) >= 0 || !utf8.ValidString(e.Link) {
			return fmt.Errorf("link target %q: want UTF-8 without NUL", e.Link)
		}
		return nil
	}
	if e.Size < 0 {
		return fmt.Errorf("size %d", e.Size)
	}
	_, err := ParseDigest(string(e.Blob))
	return err
}

// checkPath accepts relative, clean, slash-separated UTF-8. A backslash is a
// separator on some systems and a letter on others, so it is neither here.
func checkPath(p string) error {
	if !fs.ValidPath(p) || p == "." || strings.ContainsAny(p, "\\\x00") {
		return fmt.Errorf("path %q: want a relative path, clean, without backslash or NUL", p)
	}
	return nil
}

// canonical returns the tree as its digest sees it: sorted, nil for empty.
func (t Tree) canonical() Tree {
	c := Tree{Entries: append([]Entry(nil), t.Entries...), Dirs: append([]string(nil), t.Dirs...)}
	c.Sort()
	return c
}

func (t Tree) encode() []byte {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings and integers always marshal
	}
	return b
}
