package updates

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"slipway/updates/mar"
)

// maxManifest bounds what we decode and parse. 65,536 instructions of the
// longest sensible paths fit; the largest real ones have some hundred.
const maxManifest = 32 << 20

// maxLines bounds the instructions: what is known of one takes ten times the room
// of its shortest line, and xz packs millions of them into a few kB. An add for
// each entry that a package can have fits, a remove for each it replaces, and a
// directory for each.
const maxLines = 3 * mar.MaxEntries

// ParseManifest reads updatev3.manifest. It refuses all that the updater
// refuses, and what the updater takes in a way that nobody meant: arguments
// without quotes, words after the last argument, carriage returns (which split
// lines), a missing type line.
func ParseManifest(b []byte) (Manifest, error) {
	var m Manifest
	first := true
	err := eachLine(b, func(verb string, args []string) error {
		if first && verb == "type" {
			first = false
			if len(args) != 1 || args[0] != TypeComplete && args[0] != TypePartial {
				return refuse(mar.ParseError, `type %q: want "complete" or "partial"`, args)
			}
			m.Type = args[0]
			return nil
		}
		first = false
		in, err := instruction(Verb(verb), args)
		m.Lines = append(m.Lines, in)
		return err
	})
	switch {
	case err != nil: // the type may be among the lines told of
	case m.Type == "" && len(m.Lines) > 0:
		err = refuse(mar.Accepts, `the first instruction is %q, want type "complete" or type "partial"`, m.Lines[0].Verb)
	case m.Type == "":
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
	count := 0
	for n := 1; len(b) > 0 && len(errs) < maxComplaints; n++ {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if count++; count > maxLines {
			errs = append(errs, fmt.Errorf("line %d: %w", n, refuse(mar.Accepts, "one instruction more than the %d that are read", maxLines)))
			break
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
