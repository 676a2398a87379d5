package updates

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/cache"
	"slipway/updates/mar"
)

// precompletePath is where a tree's precomplete file belongs: a Mac bundle
// keeps it with its resources.
func precompletePath(t cache.Tree) string {
	for _, e := range t.Entries {
		if strings.HasPrefix(e.Path, "Contents/Resources/") {
			return "Contents/Resources/precomplete"
		}
	}
	return "precomplete"
}

// MakePrecomplete lists what a later complete update must clear away before it
// installs its own files: every file and directory of the tree, itself
// included, but not what users and partners own.
func MakePrecomplete(t cache.Tree) []byte {
	files := []string{precompletePath(t)}
	for _, e := range t.Entries {
		files = append(files, e.Path)
	}
	dirs := directories(t)
	var b bytes.Buffer
	write := func(verb Verb, paths []string, slash string) {
		slices.Sort(paths)
		paths = slices.Compact(paths)
		for _, p := range slices.Backward(paths) {
			if !survivesComplete(p + slash) {
				fmt.Fprintln(&b, Instruction{Verb: verb, Path: p + slash})
			}
		}
	}
	write(Remove, files, "")
	write(Rmdir, dirs, "/")
	return b.Bytes()
}

// survivesComplete names what precomplete leaves alone. A directory is asked
// for with its trailing slash.
func survivesComplete(p string) bool {
	return strings.Contains(p, "distribution/") ||
		strings.HasSuffix(p, "channel-prefs.js") ||
		strings.HasSuffix(p, "update-settings.ini") ||
		inFramework(p)
}

// ParsePrecomplete reads the precomplete file of an installed tree.
func ParsePrecomplete(b []byte) ([]Instruction, error) {
	var lines []Instruction
	err := eachLine(b, func(verb string, args []string) error {
		switch Verb(verb) {
		case Remove, Rmdir:
			in, err := instruction(Verb(verb), args)
			lines = append(lines, in)
			return err
		case "remove-cc": // of products long gone; the updater skips it
			return nil
		}
		return refuse(mar.ParseError, "unknown instruction %q", verb)
	})
	if err != nil {
		return nil, fmt.Errorf("precomplete: %w", err)
	}
	return lines, nil
}

// directories lists every directory of the tree, without trailing slashes.
func directories(t cache.Tree) []string {
	seen := map[string]bool{}
	up := func(d string) {
		for ; d != "." && d != "/" && !seen[d]; d = path.Dir(d) {
			seen[d] = true
		}
	}
	for _, e := range t.Entries {
		up(path.Dir(e.Path))
	}
	for _, d := range t.Dirs {
		up(d)
	}
	dirs := make([]string, 0, len(seen))
	for d := range seen {
		dirs = append(dirs, d)
	}
	slices.Sort(dirs)
	return dirs
}
