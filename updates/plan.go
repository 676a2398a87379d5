package updates

import (
	"slices"
	"strings"

	"slipway/cache"
	"slipway/updates/mar"
)

// step is one instruction of an update before it is known whether a changed
// file ships as a patch or whole.
type step struct {
	line Instruction // how the file is installed whole, or what is removed
	file cache.Entry // what an add installs; no Blob for a removal
	old  cache.Entry // what a patch may start from; no Blob when only whole will do
}

func removal(verb Verb, p string) step {
	return step{line: Instruction{Verb: verb, Path: p}}
}

func whole(e cache.Entry) step { return step{line: addLine(e.Path), file: e} }

// planComplete lists the steps of a complete update in manifest order: every
// file, last path first, then the removed-files lines.
func planComplete(t cache.Tree, removed []Instruction) ([]step, error) {
	if err := checkRemoved(removed, t); err != nil {
		return nil, err
	}
	var steps []step
	for _, e := range slices.Backward(t.Entries) {
		steps = append(steps, whole(e))
	}
	for _, in := range removed {
		steps = append(steps, step{line: in})
	}
	return steps, nil
}

// planPartial lists the steps from old to new in manifest order:
//
//  1. removals that must come before an add (see [earlyRemovals]),
//  2. files in both, last path first, when they changed or must ship anyway,
//  3. files only in new, last path first,
//  4. files only in old, last path first, removed,
//  5. the removed-files lines of new,
//  6. directories only in old, children before parents.
//
// An instruction is listed once, where it stands last if it removes a
// directory (its children must be gone) and first otherwise.
func planPartial(old, new cache.Tree, removed []Instruction, force []string) ([]step, error) {
	if err := checkRemoved(removed, new); err != nil {
		return nil, err
	}
	early, err := earlyRemovals(old, new)
	if err != nil {
		return nil, err
	}
	steps := early
	for _, was := range slices.Backward(old.Entries) {
		if is, ok := new.Lookup(was.Path); ok {
			if s, ships := changed(was, is, force); ships {
				steps = append(steps, s)
			}
		}
	}
	for _, is := range slices.Backward(new.Entries) {
		if _, ok := old.Lookup(is.Path); !ok {
			steps = append(steps, whole(is))
		}
	}
	for _, was := range slices.Backward(old.Entries) {
		if _, ok := new.Lookup(was.Path); !ok {
			steps = append(steps, removal(Remove, was.Path))
		}
	}
	for _, in := range removed {
		steps = append(steps, step{line: in})
	}
	kept := directories(new)
	for _, d := range slices.Backward(directories(old)) {
		if _, ok := slices.BinarySearch(kept, d); !ok {
			steps = append(steps, removal(Rmdir, d+"/"))
		}
	}
	return once(steps), nil
}

// changed decides about a file that is in both trees.
func changed(was, is cache.Entry, force []string) (step, bool) {
	s := whole(is)
	switch {
	case isAddIfNot(is.Path), isForced(is.Path, force):
		return s, true // ships even if equal
	case shipMode(was.Mode) != shipMode(is.Mode):
		return s, true // a patched file keeps its old mode
	case was.Blob == is.Blob:
		return step{}, false
	case was.Size > 0 && is.Size > 0:
		s.old = was // neither patch format is of use with an empty side
	}
	return s, true
}

// earlyRemovals lists old files that must be gone before new ones are added.
// A file whose place a directory takes would stop the directory from being
// made. A file that differs from a new one only in case is, on Windows and
// macOS, that file: removed later, it would take the new one with it.
//
// A directory that becomes a file is refused: the updater removes directories
// only after all files are in place, so it fails on such an update.
func earlyRemovals(old, new cache.Tree) ([]step, error) {
	oldDirs := map[string]string{}
	for _, d := range directories(old) {
		oldDirs[strings.ToLower(d)] = d
	}
	folded := map[string]bool{} // every path of new, and its directories, in one case
	for _, e := range new.Entries {
		lower := strings.ToLower(e.Path)
		if d, ok := oldDirs[lower]; ok {
			return nil, refuse(mar.NotAFile,
				"%q is a directory of the old tree and %q a file of the new one: give the file another name", d, e.Path)
		}
		folded[lower] = true
	}
	for _, d := range directories(new) {
		folded[strings.ToLower(d)] = true
	}
	var steps []step
	for _, e := range slices.Backward(old.Entries) {
		if _, stays := new.Lookup(e.Path); !stays && folded[strings.ToLower(e.Path)] {
			steps = append(steps, removal(Remove, e.Path))
		}
	}
	return steps, nil
}

func once(steps []step) []step {
	last := map[Instruction]int{}
	for i, s := range steps {
		last[s.line] = i
	}
	seen := map[Instruction]bool{}
	out := steps[:0:0]
	for i, s := range steps {
		if s.line.Verb == Rmdir && last[s.line] != i || s.line.Verb != Rmdir && seen[s.line] {
			continue
		}
		seen[s.line] = true
		out = append(out, s)
	}
	return out
}
