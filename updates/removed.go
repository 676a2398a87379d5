package updates

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/cache"
	"slipway/updates/mar"
)

// removedFilesNames are where a product lists what earlier versions left.
var removedFilesNames = []string{"removed-files", "Contents/Resources/removed-files"}

// ParseRemovedFiles turns a removed-files list into instructions: one path a
// line, "dir/" for a directory to go if empty, "dir/*" for one to go with all
// it holds. Reverse order puts children before their parents.
func ParseRemovedFiles(b []byte) ([]Instruction, error) {
	lines := strings.Split(string(b), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	var out []Instruction
	for _, l := range slices.Backward(lines) {
		if l == "" || l[0] == '#' {
			continue
		}
		in := Instruction{Verb: Remove, Path: l}
		if dir, ok := strings.CutSuffix(l, "/*"); ok {
			in = Instruction{Verb: Rmrfdir, Path: dir + "/"}
		} else if strings.HasSuffix(l, "/") {
			in.Verb = Rmdir
		}
		if err := checkPath(in.Path, in.Verb != Remove); err != nil {
			return nil, fmt.Errorf("removed-files: %w", err)
		}
		out = append(out, in)
	}
	return out, nil
}

// checkRemoved refuses a list that would delete what the same update installs, or
// that takes its files for directories or the other way round, where the updater
// fails. Case does not count: on Windows and macOS Foo is foo.
func checkRemoved(lines []Instruction, t cache.Tree) error {
	files, dirs := map[string]string{}, map[string]string{} // folded, to a file of the tree
	for _, e := range t.Entries {
		files[mar.Fold(e.Path)] = e.Path
		for d := path.Dir(e.Path); d != "." && dirs[mar.Fold(d)] == ""; d = path.Dir(d) {
			dirs[mar.Fold(d)] = e.Path
		}
	}
	for _, in := range lines {
		name := mar.Fold(strings.TrimSuffix(in.Path, "/"))
		file, isFile := files[name]
		below, isDir := dirs[name]
		switch {
		case in.Verb == Remove && isFile:
			return refuse(mar.Accepts, "removed-files: %v would delete %q, which the new tree holds", in, file)
		case in.Verb == Remove && isDir:
			return refuse(mar.NotAFile, "removed-files: %v names a directory of the new tree, with %q", in, below)
		case in.Verb == Rmrfdir && isDir:
			return refuse(mar.Accepts, "removed-files: %v would delete %q, which the new tree holds", in, below)
		case in.Verb != Remove && isFile:
			return refuse(mar.NotADir, "removed-files: %v names a file of the new tree, %q", in, file)
		}
	}
	return nil
}
