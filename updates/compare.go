package updates

import (
	"fmt"
	"slices"

	"slipway/cache"
)

// Difference is one path at which an updated tree is not the new one.
type Difference struct {
	Path string `json:"path"`
	What string `json:"what"` // "missing", "stray", "contents", "mode", "stray directory"
	Got  string `json:"got,omitempty"`
	Want string `json:"want,omitempty"`
	// Why says, for an allowed difference, what the format leaves it for.
	Why string `json:"why,omitempty"`
}

func (d Difference) String() string {
	s := d.What + " " + d.Path
	if d.Got != "" || d.Want != "" {
		s += fmt.Sprintf(" (got %s, want %s)", d.Got, d.Want)
	}
	if d.Why != "" {
		s += ": " + d.Why
	}
	return s
}

// compare lists where got, made of from by an update of the given type, is not
// want, and which of that the format means to be so.
func compare(from, got, want cache.Tree, updateType string) (wrong, allowed []Difference) {
	file := func(d Difference, why string) {
		if d.Why = why; why != "" {
			allowed = append(allowed, d)
		} else {
			wrong = append(wrong, d)
		}
	}
	had := newImage(from)
	for _, w := range want.Entries {
		g, ok := got.Lookup(w.Path)
		was, wasThere := from.Lookup(w.Path)
		switch {
		case !ok:
			why := ""
			if ext := extensionOf(w.Path); ext != "" && !had.exists(ext) {
				why = "the installation does not have this extension"
			}
			file(Difference{Path: w.Path, What: "missing"}, why)
		case g.Blob != w.Blob:
			why := ""
			if wasThere && isAddIfNot(w.Path) && g.Blob == was.Blob {
				why = "installed only where missing"
			}
			file(Difference{Path: w.Path, What: "contents", Got: g.Blob.Short(), Want: w.Blob.Short()}, why)
		case shipMode(g.Mode) != shipMode(w.Mode):
			why := ""
			if wasThere && isAddIfNot(w.Path) {
				why = "installed only where missing"
			}
			file(Difference{
				Path: w.Path, What: "mode",
				Got: fmt.Sprintf("%#o", shipMode(g.Mode)), Want: fmt.Sprintf("%#o", shipMode(w.Mode)),
			}, why)
		}
	}
	kept := func(p string) string {
		if had.exists(p) && updateType == TypeComplete && survivesComplete(p) {
			return "precomplete leaves it to users and partners"
		}
		return ""
	}
	for _, g := range got.Entries {
		if _, ok := want.Lookup(g.Path); !ok {
			file(Difference{Path: g.Path, What: "stray"}, kept(g.Path))
		}
	}
	for _, d := range got.Dirs {
		if !slices.Contains(want.Dirs, d) {
			file(Difference{Path: d + "/", What: "stray directory"}, kept(d+"/"))
		}
	}
	return wrong, allowed
}
