package updates

import (
	"strings"

	"slipway/updates/mar"
)

// changes knows the lines that change each path so far. The updater runs them
// one after the other on one file, and each keeps what it finds for a rollback
// in place of what the line before kept.
type changes struct {
	by      map[string][]Instruction // by path: one, or two of which only one can run
	removed map[string]Instruction   // paths, and directories with their slash
	told    map[string]bool
}

// checkChanges refuses lines that cannot follow others on one path: one fault a
// path. Removing a file and adding it is fine. So are two lines of which each
// runs only where the other does not. Two adds are for checkOnce.
func checkChanges(lines []Instruction) []error {
	c := changes{by: map[string][]Instruction{}, removed: map[string]Instruction{}, told: map[string]bool{}}
	var faults []error
	for _, in := range lines {
		if c.told[in.Path] {
			continue
		}
		if err := c.next(in); err != nil {
			c.told[in.Path] = true
			faults = append(faults, err)
		}
	}
	return faults
}

func (c *changes) next(in Instruction) error {
	if in.Verb == Remove || in.Verb == Rmrfdir {
		c.removed[in.Path] = in
		return nil
	}
	if in.Entry() == "" {
		return nil
	}
	for _, before := range c.by[in.Path] {
		switch {
		case excludes(before, in):
		case before.Entry() == in.Entry():
			return nil
		case in.Patches():
			return refuse(mar.CRCError, "%v: the file is no longer the one that the patch is for, after %v", in, before)
		default:
			return refuse(mar.Accepts, "%v: a rollback would not bring the old file back, after %v", in, before)
		}
	}
	if before, ok := c.remover(in.Path); ok && in.Patches() && len(c.by[in.Path]) == 0 {
		return refuse(mar.ReadError, "%v: the file is gone, after %v", in, before)
	}
	c.by[in.Path] = append(c.by[in.Path], in)
	return nil
}

// maxAbove is how many directories above a file are looked at: a hostile path can
// have millions, and no tree is as deep.
const maxAbove = 100

// remover is a line that has deleted the file, or a directory above it.
func (c *changes) remover(p string) (Instruction, bool) {
	if in, ok := c.removed[p]; ok {
		return in, true
	}
	for range maxAbove {
		i := strings.LastIndexByte(p, '/')
		if i < 0 {
			break
		}
		if in, ok := c.removed[p[:i+1]]; ok {
			return in, true
		}
		p = p[:i]
	}
	return Instruction{}, false
}

// excludes says whether only one of two lines can run, by the same test file.
func excludes(a, b Instruction) bool {
	return a.Test != "" && a.Test == b.Test && (a.Verb == AddIfNot) != (b.Verb == AddIfNot)
}
