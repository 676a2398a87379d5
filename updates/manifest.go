package updates

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"slipway/updates/mar"
)

// ManifestName is the entry that holds the instructions. Names of older
// updaters (updatev2.manifest, update.manifest) are neither made nor read.
const ManifestName = mar.ManifestName

// The first line of a manifest says which kind of update it is.
const (
	TypeComplete = "complete" // first runs the installed precomplete file
	TypePartial  = "partial"
)

// Verb is the word an instruction starts with.
type Verb string

// The verbs of updatev3.manifest.
const (
	Add      Verb = "add"        // replace or create Path from the entry of that name
	AddIf    Verb = "add-if"     // the same, when Test exists
	AddIfNot Verb = "add-if-not" // the same, when Test does not exist
	Patch    Verb = "patch"      // apply the entry Patch to Path
	PatchIf  Verb = "patch-if"   // the same, when Test exists
	Remove   Verb = "remove"     // delete the file Path if it is there
	Rmdir    Verb = "rmdir"      // at the end, delete the directory Path if empty
	Rmrfdir  Verb = "rmrfdir"    // delete the directory Path with what it holds before the update
)

// Instruction is one line of a manifest. Path names a file, or for [Rmdir] and
// [Rmrfdir] a directory with its trailing slash.
type Instruction struct {
	Verb  Verb
	Test  string // only add-if, add-if-not, patch-if
	Patch string // only patch, patch-if
	Path  string
}

// Entry is the name of the archive entry that the instruction reads, or "".
func (in Instruction) Entry() string {
	switch in.Verb {
	case Add, AddIf, AddIfNot:
		return in.Path
	case Patch, PatchIf:
		return in.Patch
	}
	return ""
}

// Patches says whether the instruction applies a patch.
func (in Instruction) Patches() bool { return in.Verb == Patch || in.Verb == PatchIf }

func (in Instruction) String() string {
	s := string(in.Verb)
	for _, a := range []string{in.Test, in.Patch, in.Path} {
		if a != "" {
			s += ` "` + a + `"`
		}
	}
	return s
}

// Manifest is the program of an update. The updater runs it in order.
type Manifest struct {
	Type  string // TypeComplete or TypePartial
	Lines []Instruction
}

// Bytes writes the manifest as the updater reads it: a type line, a line per
// instruction, each ended by a line feed.
func (m Manifest) Bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "type %q\n", m.Type)
	for _, in := range m.Lines {
		b.WriteString(in.String())
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// checkPath holds a path to what the updater takes on every system, and to
// one spelling. A directory ends with a slash, a file does not.
func checkPath(p string, isDir bool) error {
	file := p
	if isDir {
		var ok bool
		if file, ok = strings.CutSuffix(p, "/"); !ok {
			return refuse(mar.ParseError, "directory %q does not end with a slash", p)
		}
	}
	switch {
	case strings.HasPrefix(p, "/"):
		return refuse(mar.ParseError, "path %q is absolute", p)
	case strings.Contains(p, ".."):
		// The updater looks for the two bytes, so "a..b" is refused as well.
		return refuse(mar.ParseError, `path %q holds ".."`, p)
	case file == "":
		return refuse(mar.ParseError, "empty path")
	case strings.ContainsAny(p, `\`) || len(p) > 1 && p[1] == ':':
		return refuse(mar.ParseError, "path %q is not relative with forward slashes on Windows", p)
	case file == "." && isDir:
		return refuse(mar.Accepts, "path %q is the whole installation; want a directory in it", p)
	case file == ".":
		return refuse(mar.NotAFile, "path %q is the whole installation; want a file in it", p)
	case path.Clean(file) != file:
		return refuse(mar.Accepts, "path %q is not in its shortest form %q", p, path.Clean(file))
	}
	return checkText(p)
}

// checkText refuses what a manifest line cannot carry.
func checkText(p string) error {
	if !utf8.ValidString(p) {
		return refuse(mar.Accepts, "path %q is not UTF-8", p)
	}
	for i, c := range p {
		if c < ' ' || c == 0x7f || c == '"' {
			return refuse(mar.ParseError, "path %q: %q at byte %d cannot stand in a manifest", p, c, i)
		}
	}
	return nil
}
