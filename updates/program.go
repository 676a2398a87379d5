package updates

import (
	"strings"

	"slipway/updates/mar"
)

// action is an instruction as one installation will run it: conditions are
// decided, rmrfdir is spelled out, the installed precomplete file is in front.
type action struct {
	Instruction
	skip bool // its condition does not hold here; it still counts as an action
}

// compile turns a manifest into the actions for one installation. This is the
// updater's parse and the decisions of its prepare pass: all of them look at
// the installation before any change.
func compile(m Manifest, im *image, precomplete []byte) ([]action, error) {
	var lines []Instruction
	if m.Type == TypeComplete {
		var err error
		if lines, err = ParsePrecomplete(precomplete); err != nil {
			return nil, err
		}
	}
	below := im.below()
	gone := map[string]bool{} // twice is the same as once, and many times too much
	for _, in := range m.Lines {
		if in.Verb == Rmrfdir {
			if gone[in.Path] {
				continue
			}
			gone[in.Path] = true
			files, dirs := below(in.Path)
			for _, f := range files {
				lines = append(lines, Instruction{Verb: Remove, Path: f})
			}
			for _, d := range dirs {
				lines = append(lines, Instruction{Verb: Rmdir, Path: d})
			}
			continue
		}
		lines = append(lines, in)
	}
	if len(lines) == 0 {
		return nil, refuse(mar.NoActions, "%s holds no action", ManifestName)
	}
	actions := make([]action, len(lines))
	for i, in := range lines {
		a := action{Instruction: in}
		switch in.Verb {
		case AddIf, PatchIf:
			a.skip = !im.exists(in.Test)
		case AddIfNot:
			a.skip = im.exists(in.Test)
		case Rmdir:
			if im.isFile(strings.TrimSuffix(in.Path, "/")) {
				return nil, refuse(mar.NotADir, "%v: not a directory", in)
			}
		case Remove:
			if a.skip = !im.exists(in.Path); !a.skip && !im.isFile(in.Path) {
				return nil, refuse(mar.NotAFile, "%v: not a plain file", in)
			}
		}
		actions[i] = a
	}
	return actions, nil
}

// checkOnce refuses two lines that read one entry, two adds of a path among
// them: the updater fails on the second and then rolls back wrongly. Of two that
// exclude each other it reads for one alone.
func checkOnce(lines []Instruction) error {
	seen := map[string][]Instruction{} // by entry: two at most
	for _, in := range lines {
		name := in.Entry()
		if name == "" {
			continue
		}
		for _, before := range seen[name] {
			if !excludes(before, in) {
				return refuse(mar.ReadError, "%v: a line before reads the entry %q too", in, name)
			}
		}
		seen[name] = append(seen[name], in)
	}
	return nil
}
