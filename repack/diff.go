package repack

import (
	"sort"

	"slipway/cache"
)

// Change is one path at which two trees differ.
type Change struct {
	Path string `json:"path"`
	Kind string `json:"kind"` // added, removed, contents, mode, link
}

// Diff lists where tree b differs from tree a, by path.
func Diff(a, b cache.Tree) []Change {
	var list []Change
	old := map[string]cache.Entry{}
	for _, e := range a.Entries {
		old[e.Path] = e
	}
	for _, e := range b.Entries {
		was, ok := old[e.Path]
		delete(old, e.Path)
		switch {
		case !ok:
			list = append(list, Change{e.Path, "added"})
		case was.Link != e.Link:
			list = append(list, Change{e.Path, "link"})
		case was.Blob != e.Blob:
			list = append(list, Change{e.Path, "contents"})
		case was.Mode != e.Mode:
			list = append(list, Change{e.Path, "mode"})
		}
	}
	for p := range old {
		list = append(list, Change{p, "removed"})
	}
	list = append(list, diffDirs(a.Dirs, b.Dirs)...)
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// diffDirs compares empty directories; their paths end in a slash.
func diffDirs(a, b []string) (list []Change) {
	old := map[string]bool{}
	for _, d := range a {
		old[d] = true
	}
	for _, d := range b {
		if !old[d] {
			list = append(list, Change{d + "/", "added"})
		}
		delete(old, d)
	}
	for d := range old {
		list = append(list, Change{d + "/", "removed"})
	}
	return list
}
