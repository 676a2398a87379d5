package updates

import (
	"fmt"
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

// checkRemoved refuses a list that would delete what the same update installs.
func checkRemoved(lines []Instruction, t cache.Tree) error {
	for _, in := range lines {
		for _, e := range t.Entries {
			if in.Verb == Remove && e.Path == in.Path || in.Verb == Rmrfdir && strings.HasPrefix(e.Path, in.Path) {
				return refuse(mar.Accepts, "removed-files: %v would delete %q, which the new tree holds", in, e.Path)
			}
		}
	}
	return nil
}
