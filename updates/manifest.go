package updates

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"slipway/updates/mar"
)

// ManifestName is the entry that holds the instructions. Names of older
// updaters (updatev2.manifest, update.manifest) are neither made nor read.
const ManifestName = "updatev3.manifest"

// maxManifest bounds what we decode and parse. 65,536 instructions of the
// longest sensible paths fit; the largest real ones have some hundred.
const maxManifest = 32 << 20

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

// ParseManifest reads updatev3.manifest. It refuses all that the updater
// refuses, and what the updater takes in a way that nobody meant: arguments
// without quotes, words after the last argument, carriage returns (which split
// lines), a missing type line.
func ParseManifest(b []byte) (Manifest, error) {
	var m Manifest
	err := eachLine(b, func(verb string, args []string) error {
		if m.Type == "" {
			if verb != "type" {
				return refuse(mar.Accepts, `the first instruction is %q, want type "complete" or type "partial"`, verb)
			}
			if len(args) != 1 || args[0] != TypeComplete && args[0] != TypePartial {
				return refuse(mar.ParseError, `type %q: want "complete" or "partial"`, args)
			}
			m.Type = args[0]
			return nil
		}
		in, err := instruction(Verb(verb), args)
		m.Lines = append(m.Lines, in)
		return err
	})
	if err == nil && m.Type == "" {
		err = refuse(mar.NoActions, "no type line and no instruction")
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", ManifestName, err)
	}
	return m, nil
}

// maxComplaints is how many bad lines are told of before reading stops.
const maxComplaints = 20

// eachLine splits the text that manifests and precomplete files are written
// in. It names the line of each error and goes on, to return them all.
func eachLine(b []byte, do func(verb string, args []string) error) error {
	if len(b) > maxManifest {
		return refuse(mar.Accepts, "%d bytes, want at most %d", len(b), maxManifest)
	}
	var errs []error
	for n := 1; len(b) > 0 && len(errs) < maxComplaints; n++ {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		verb, args, err := splitLine(string(line))
		if err == nil {
			err = do(verb, args)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", n, err))
		}
	}
	return errors.Join(errs...)
}

// splitLine reads a verb and its arguments: what stands between double quotes.
// There are no escapes, so no path can hold a quote.
func splitLine(line string) (verb string, args []string, err error) {
	for i, c := range line {
		if c == utf8.RuneError && !strings.HasPrefix(line[i:], "\uFFFD") {
			return "", nil, refuse(mar.Accepts, "byte %d of %q is not UTF-8", i, line)
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			return "", nil, refuse(mar.Accepts, "control character %q at byte %d", c, i)
		}
	}
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return line, nil, nil
	}
	verb, rest := line[:end], line[end:]
	for {
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" {
			return verb, args, nil
		}
		if rest[0] != '"' {
			return "", nil, refuse(mar.Accepts, "%s: argument %q has no quotes", verb, rest)
		}
		arg, after, ok := strings.Cut(rest[1:], `"`)
		if !ok {
			return "", nil, refuse(mar.Accepts, "%s: quote of %q is not closed", verb, rest[1:])
		}
		args, rest = append(args, arg), after
	}
}

func instruction(verb Verb, args []string) (Instruction, error) {
	in := Instruction{Verb: verb}
	var want []*string
	switch verb {
	case Add, Remove, Rmdir, Rmrfdir:
		want = []*string{&in.Path}
	case AddIf, AddIfNot:
		want = []*string{&in.Test, &in.Path}
	case Patch:
		want = []*string{&in.Patch, &in.Path}
	case PatchIf:
		want = []*string{&in.Test, &in.Patch, &in.Path}
	case "type":
		return in, refuse(mar.ParseError, "type stands after the first instruction")
	default:
		return in, refuse(mar.ParseError, "unknown instruction %q", verb)
	}
	if len(args) != len(want) {
		code := mar.ParseError
		if len(args) > len(want) {
			code = mar.Accepts // the updater drops what follows
		}
		return in, refuse(code, "%s has %d arguments, want %d", verb, len(args), len(want))
	}
	isDir := verb == Rmdir || verb == Rmrfdir
	for i, a := range args {
		*want[i] = a
		if err := checkPath(a, isDir); err != nil {
			return in, fmt.Errorf("%s: %w", verb, err)
		}
	}
	return in, nil
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
	case path.Clean(file) != file || file == ".":
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
