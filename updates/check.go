package updates

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"slipway/updates/bsdiff"
	"slipway/updates/mar"
	"slipway/updates/xz"
	"slipway/updates/zucchini"
)

// Check returns everything that is wrong with a package, container, manifest
// and entries, or may be, each with what the updater makes of it. It needs no
// old tree; whether the patches give the right files is for Verify.
func Check(r io.ReaderAt, size int64) []mar.Finding {
	findings := mar.Check(r, size)
	parsed, err := mar.Parse(r, size)
	if err != nil {
		return findings
	}
	l := &linter{archive: indexed(parsed), findings: findings, patches: map[string]bool{}}
	if i, ok := l.entries[ManifestName]; ok {
		if text, err := l.read(ManifestName, maxManifest); err == nil { // else told of below
			l.manifestText(parsed.Entries[i], text)
		}
	}
	told := map[int64]bool{} // where there is no xz stream at all
	for _, f := range findings {
		told[f.Offset] = told[f.Offset] || f.Code == mar.XZError
	}
	for _, e := range parsed.Entries {
		if e.Size > 0 && !told[e.Offset] { // an entry of no bytes is told of, too
			l.entry(e)
		}
	}
	return l.findings
}

// MustNotShip says whether one of the findings keeps a package from working.
// Notes do not: an unsigned package, for one, waits for its signature.
func MustNotShip(findings []mar.Finding) bool {
	for _, f := range findings {
		if f.Level != mar.Note {
			return true
		}
	}
	return false
}

type linter struct {
	*archive
	findings []mar.Finding
	patches  map[string]bool // entries that the manifest applies as patches
	installs []string        // by a complete update: every path
	size     unpacked
}

// maxFindings is where no more is told of a hostile package, which is a fault: the
// rest may hold others.
const maxFindings = 10_000

func (l *linter) add(level mar.Level, e mar.Entry, code int, format string, args ...any) {
	switch n := len(l.findings); {
	case n > maxFindings:
		return
	case n == maxFindings:
		level, code, format, args = mar.Fails, mar.Accepts, "there are more than %d findings; the rest is not told", []any{maxFindings}
	}
	l.findings = append(l.findings, mar.Finding{
		Level: level, Offset: e.Offset, Code: code,
		What: fmt.Sprintf("entry %q: ", e.Name) + fmt.Sprintf(format, args...),
	})
}

func (l *linter) entry(e mar.Entry) {
	packed, err := l.packed(e.Name)
	if err != nil {
		l.add(mar.Fails, e, mar.ReadError, "%v", err)
		return
	}
	stream, err := xz.Inspect(packed)
	if err != nil {
		l.add(mar.Fails, e, mar.XZError, "%v", err)
		return
	}
	if n := int64(len(packed)) - stream.Size; n > 0 {
		l.add(mar.Fails, e, mar.Accepts, "%d bytes follow its xz stream", n)
	}
	if stream.Check == xz.CheckNone {
		l.add(mar.Note, e, mar.Accepts, "its xz stream has no check; damage would go unseen")
	}
	if err := l.size.add(min(stream.Uncompressed, maxFile)); err != nil {
		l.add(mar.Fails, e, mar.Accepts, "%v", err)
		return
	}
	data, err := stream.Decode(packed, maxFile)
	if err != nil {
		l.add(mar.Fails, e, mar.XZError, "%v", err)
		return
	}
	switch {
	case l.patches[e.Name]:
		l.patch(e, data)
	case e.Name == "precomplete", e.Name == "Contents/Resources/precomplete":
		l.precomplete(e, data)
	}
}

func (l *linter) manifestText(e mar.Entry, text []byte) {
	m, err := ParseManifest(text)
	var several interface{ Unwrap() []error }
	if err != nil && errors.As(err, &several) {
		for _, err := range several.Unwrap() {
			l.refusal(e, err)
		}
		return
	}
	if err != nil {
		l.refusal(e, err)
		return
	}
	if len(m.Lines) == 0 {
		l.add(mar.Fails, e, mar.NoActions, "holds no action")
	}
	if err := checkOnce(m.Lines); err != nil {
		l.refusal(e, err)
	}
	for _, err := range checkChanges(m.Lines) {
		l.refusal(e, err)
	}
	l.instructions(e, m)
}

func (l *linter) refusal(e mar.Entry, err error) {
	code, _ := CodeOf(err)
	var r *Refusal
	if errors.As(err, &r) { // the outcome is told by the code
		err = errors.New(strings.TrimSuffix(err.Error(), " ("+mar.Outcome(code)+")"))
	}
	l.add(mar.Fails, e, code, "%v", err)
}

// instructions holds the manifest against the entries, and its lines against
// each other.
func (l *linter) instructions(e mar.Entry, m Manifest) {
	named := map[string]bool{ManifestName: true}
	installed := map[string]bool{}
	folded := map[string]string{} // what is installed, as Windows and macOS see it
	gone := map[string]bool{}     // a manifest may say it many times
	names := slices.Sorted(maps.Keys(l.entries))
	for _, in := range m.Lines {
		switch name := in.Entry(); {
		case name != "":
			named[name] = true
			installed[in.Path] = true
			folded[mar.Fold(in.Path)] = in.Path
			if m.Type == TypeComplete {
				l.installs = append(l.installs, in.Path)
			}
			l.patches[name] = in.Patches()
			if _, ok := l.entries[name]; !ok {
				l.add(mar.Fails, e, mar.Crashes, "%v: the archive has no such entry", in)
			}
			if in.Patches() && m.Type == TypeComplete {
				l.add(mar.Fails, e, mar.ReadError, "%v: precomplete has removed the file before", in)
			}
		case in.Verb == Remove && installed[in.Path]:
			l.add(mar.Fails, e, mar.Accepts, "%v: deletes what an earlier line installs", in)
		case in.Verb == Remove && folded[mar.Fold(in.Path)] != "":
			l.add(mar.Note, e, mar.Accepts, "%v: on Windows and macOS deletes %q, which an earlier line installs", in, folded[mar.Fold(in.Path)])
		case in.Verb == Rmrfdir && !gone[in.Path]:
			gone[in.Path] = true
			below := lastFirst(names, in.Path)
			if i := slices.IndexFunc(below, func(name string) bool { return installed[name] }); i >= 0 {
				l.add(mar.Fails, e, mar.Accepts, "%v: deletes %q, which an earlier line installs, if it was there before", in, below[i])
			}
		}
	}
	for _, other := range l.Entries {
		if !named[other.Name] {
			l.add(mar.Note, other, mar.Accepts, "no line of the manifest uses it")
		}
	}
	if !named["precomplete"] && !named["Contents/Resources/precomplete"] {
		l.add(mar.Note, e, mar.Accepts, "brings no precomplete file; the next complete update will leave old files behind")
	}
}

func (l *linter) patch(e mar.Entry, data []byte) {
	var err error
	switch formatOf(data) {
	case FormatZucchini:
		_, err = zucchini.Inspect(data)
	case FormatBsdiff:
		_, err = bsdiff.Inspect(data)
	default:
		err = fmt.Errorf("begins with %.8q, want %s or %s", data, bsdiff.MBDIFF10, zucchini.Magic)
	}
	if err == nil {
		return
	}
	code := mar.ReadError
	if wrongNewSize(data) {
		code = mar.Accepts // and leaves a file of that size, filled up with zeros
	}
	l.add(mar.Fails, e, code, "%v", err)
}

// wrongNewSize says whether an MBDIFF10 is sound but for the size of its
// result, which the updater does not check.
func wrongNewSize(p []byte) bool {
	if len(p) < 32 || formatOf(p) != FormatBsdiff {
		return false
	}
	u := func(at int) uint64 { return uint64(binary.BigEndian.Uint32(p[at:])) }
	newSize, control, diff, extra := u(16), u(20), u(24), u(28)
	return uint64(len(p)) == 32+control+diff+extra && newSize != diff+extra
}
