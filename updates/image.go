package updates

import (
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"slipway/cache"
)

// image is an installation in memory: what the updater would see on disk.
// A directory is there until it is removed, whatever becomes of its files.
type image struct {
	files map[string]cache.Entry // by path; links too, which no update touches
	dirs  map[string]int         // number of children of each directory
}

func newImage(t cache.Tree) *image {
	im := &image{files: make(map[string]cache.Entry, len(t.Entries)), dirs: map[string]int{".": 0}}
	for _, e := range t.Entries {
		im.put(e)
	}
	for _, d := range t.Dirs {
		im.mkdir(d)
	}
	return im
}

func (im *image) exists(p string) bool {
	_, file := im.files[p]
	_, dir := im.dirs[strings.TrimSuffix(p, "/")]
	return file || dir
}

// isFile says whether p is a plain file; links are not.
func (im *image) isFile(p string) bool {
	e, ok := im.files[p]
	return ok && e.Link == ""
}

// fileAbove returns the file that stands where a parent of p should be, or "".
func (im *image) fileAbove(p string) string {
	for d := path.Dir(p); d != "."; d = path.Dir(d) {
		if _, ok := im.files[d]; ok {
			return d
		}
	}
	return ""
}

func (im *image) mkdir(d string) {
	if _, ok := im.dirs[d]; ok {
		return
	}
	parent := path.Dir(d)
	im.mkdir(parent)
	im.dirs[parent]++
	im.dirs[d] = 0
}

func (im *image) put(e cache.Entry) {
	if _, ok := im.files[e.Path]; !ok {
		im.mkdir(path.Dir(e.Path))
		im.dirs[path.Dir(e.Path)]++
	}
	im.files[e.Path] = e
}

func (im *image) remove(p string) {
	if _, ok := im.files[p]; ok {
		delete(im.files, p)
		im.dirs[path.Dir(p)]--
	}
}

// rmdir removes a directory if it is empty; the updater does not mind if not.
func (im *image) rmdir(d string) {
	d = strings.TrimSuffix(d, "/")
	if n, ok := im.dirs[d]; ok && n == 0 && d != "." {
		delete(im.dirs, d)
		im.dirs[path.Dir(d)]--
	}
}

// below returns what lists files and directories below a directory; both with
// its slash, and in the order in which they can be removed: what is inside first.
// Sorting once bounds what a manifest of many lines costs.
func (im *image) below() func(dir string) (files, dirs []string) {
	allFiles := slices.Sorted(maps.Keys(im.files))
	var allDirs []string
	for d := range im.dirs {
		allDirs = append(allDirs, d+"/")
	}
	slices.Sort(allDirs)
	return func(dir string) (files, dirs []string) {
		return lastFirst(allFiles, dir), lastFirst(allDirs, dir)
	}
}

// lastFirst returns the names of a sorted list that begin with prefix, last first.
func lastFirst(list []string, prefix string) []string {
	from, _ := slices.BinarySearch(list, prefix)
	n := sort.Search(len(list)-from, func(i int) bool { return !strings.HasPrefix(list[from+i], prefix) })
	found := slices.Clone(list[from : from+n])
	slices.Reverse(found)
	return found
}

// tree is the image as a tree again, empty directories included.
func (im *image) tree() cache.Tree {
	var t cache.Tree
	for _, e := range im.files {
		t.Entries = append(t.Entries, e)
	}
	for d, n := range im.dirs {
		if n == 0 && d != "." {
			t.Dirs = append(t.Dirs, d)
		}
	}
	t.Sort()
	return t
}
