package cache

import (
	"fmt"
	"sort"
	"strings"
)

// Entry is one file or symbolic link of a [Tree].
type Entry struct {
	Path string `json:"path"`           // relative, slash-separated, clean
	Mode uint32 `json:"mode"`           // Unix permission bits, 0 to 0777
	Size int64  `json:"size"`           // bytes
	Blob Digest `json:"blob,omitempty"` // the contents; empty for a link
	Link string `json:"link,omitempty"` // target, for a symbolic link only
}

// Tree is a directory as data, sorted by path in byte order. Empty
// directories are listed by Dirs, for no archive of ours loses one silently.
type Tree struct {
	Entries []Entry  `json:"entries"`
	Dirs    []string `json:"dirs,omitempty"` // empty directories, without trailing slash
}

// Sort puts the tree in its canonical order.
func (t *Tree) Sort() {
	sort.Slice(t.Entries, func(i, j int) bool { return t.Entries[i].Path < t.Entries[j].Path })
	sort.Strings(t.Dirs)
}

// Lookup finds the entry at path in a sorted tree.
func (t *Tree) Lookup(path string) (Entry, bool) {
	i := sort.Search(len(t.Entries), func(i int) bool { return t.Entries[i].Path >= path })
	if i < len(t.Entries) && t.Entries[i].Path == path {
		return t.Entries[i], true
	}
	return Entry{}, false
}

// Size is the sum of the entries' sizes in bytes.
func (t *Tree) Size() (n int64) {
	for _, e := range t.Entries {
		n += e.Size
	}
	return n
}

// Digest names the whole tree: equal trees, and no others, have equal digests.
func (t *Tree) Digest() Digest { return Sum(t.canonical().encode()) }

// Sub returns the part of the tree below dir, with paths relative to it.
func (t *Tree) Sub(dir string) (Tree, error) {
	prefix := strings.TrimSuffix(dir, "/") + "/"
	var sub Tree
	for _, e := range t.Entries {
		if rest, ok := strings.CutPrefix(e.Path, prefix); ok {
			e.Path = rest
			sub.Entries = append(sub.Entries, e)
		}
	}
	for _, d := range t.Dirs {
		if rest, ok := strings.CutPrefix(d, prefix); ok {
			sub.Dirs = append(sub.Dirs, rest)
		}
	}
	if len(sub.Entries) == 0 {
		return Tree{}, fmt.Errorf("no directory %q in the tree", dir)
	}
	return sub, nil
}
