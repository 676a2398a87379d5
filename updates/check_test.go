package updates

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slipway/updates/bsdiff"
	"slipway/updates/mar"
	"slipway/updates/xz"
)

// rawMAR writes a package that the generators would refuse to make.
func rawMAR(t testing.TB, manifest string, entries ...mar.Content) []byte {
	t.Helper()
	all := append([]mar.Content{mar.Bytes(ManifestName, 0o644, xzOf(t, manifest))}, entries...)
	var b bytes.Buffer
	if err := mar.Write(&b, mar.Contents{Channel: "c", Version: "1", Entries: all}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func xzOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := xz.Encode([]byte(s), xz.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each fault is named with what the updater makes of it, and where the updater
// stops, applying stops too.
func TestCheckNames(t *testing.T) {
	p, err := bsdiff.Diff([]byte("old"), []byte("new bytes"), bsdiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other := mar.Bytes("y.patch", 0o644, xzOf(t, string(p.MBDIFF10())))
	same, err := bsdiff.Diff([]byte("old"), []byte("new"), bsdiff.Options{}) // of the old size
	if err != nil {
		t.Fatal(err)
	}
	tooLong := bytes.Clone(p.MBDIFF10())
	tooLong[19]++ // new size
	x := mar.Bytes("x", 0o644, xzOf(t, "x"))
	damaged := xzOf(t, strings.Repeat("damaged ", 50))
	damaged[len(damaged)/2] ^= 1
	entry := func(b []byte) mar.Content { return mar.Bytes("x", 0o644, b) }
	patch := func(b []byte) mar.Content { return mar.Bytes("x.patch", 0o644, xzOf(t, string(b))) }
	const add, apply = "type \"partial\"\nadd \"x\"\n", "type \"partial\"\npatch \"x.patch\" \"x\"\n"
	tests := []struct {
		name string
		mar  []byte
		code int
		say  string
	}{
		{"missing entry", rawMAR(t, add), mar.Crashes, `add "x": the archive has no such entry`},
		{"two adds", rawMAR(t, add+"add-if \"t\" \"x\"\n", x), mar.ReadError, `a line before reads the entry "x" too`},
		{"two patches by one entry", rawMAR(t, apply+"patch \"x.patch\" \"y\"\n", patch(p.MBDIFF10())), mar.ReadError, `a line before reads the entry "x.patch" too`},
		{"no action", rawMAR(t, "type \"partial\"\n", x), mar.NoActions, "holds no action"},
		{"not a manifest", rawMAR(t, "add \"x\"\n", x), mar.Accepts, "first instruction"},
		{"bad line", rawMAR(t, add+"frob \"x\"\n", x), mar.ParseError, "line 3: unknown instruction"},
		{"raw entry", rawMAR(t, add, entry([]byte("raw bytes as they are"))), mar.XZError, "not as an xz stream"},
		{"bzip2 entry", rawMAR(t, add, entry([]byte("BZh91AY&SY and so on"))), mar.XZError, "not as an xz stream"},
		{"entry of no bytes", rawMAR(t, add, entry(nil)), mar.EmptyEntry, "has no bytes"},
		{"damaged entry", rawMAR(t, add, entry(damaged)), mar.XZError, "xz:"},
		{"bytes behind the stream", rawMAR(t, add, entry(append(xzOf(t, "x"), 1, 2, 3, 4))), mar.Accepts, "4 bytes follow"},
		{"patch of no known format", rawMAR(t, apply, patch([]byte("BSDIFF40..."))), mar.ReadError, `begins with "BSDIFF40"`},
		{"patch cut short", rawMAR(t, apply, patch(p.MBDIFF10()[:40])), mar.ReadError, "lengths add up"},
		{"patch with a wrong new size", rawMAR(t, apply, patch(tooLong)), mar.Accepts, "want the new size 10"},
		{"remove of what was added", rawMAR(t, add+"remove \"x\"\n", x), mar.Accepts, "deletes what an earlier line installs"},
		{"rmrfdir of what was added", rawMAR(t, "type \"partial\"\nadd \"d/x\"\nrmrfdir \"d/\"\n", mar.Bytes("d/x", 0o644, xzOf(t, "x"))), mar.Accepts, `deletes "d/x"`},
		{"patch of what was patched", rawMAR(t, apply+"patch \"y.patch\" \"x\"\n", patch(same.MBDIFF10()), other), mar.CRCError, `patch "y.patch" "x": the file is no longer the one that the patch is for, after patch "x.patch" "x"`},
		{"patch of what was added", rawMAR(t, add+"patch \"y.patch\" \"x\"\n", mar.Bytes("x", 0o644, xzOf(t, "new")), other), mar.CRCError, `after add "x"`},
		{"add of what was patched", rawMAR(t, apply+"add \"x\"\n", patch(p.MBDIFF10()), x), mar.Accepts, `add "x": a rollback would not bring the old file back, after patch "x.patch" "x"`},
		{"patch of what was removed", rawMAR(t, "type \"partial\"\nremove \"x\"\npatch \"y.patch\" \"x\"\n", other), mar.ReadError, `the file is gone, after remove "x"`},
		{"patch in a complete", rawMAR(t, strings.Replace(apply, "partial", "complete", 1), patch(p.MBDIFF10())), mar.ReadError, "precomplete has removed the file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			findings := Check(bytes.NewReader(tt.mar), int64(len(tt.mar)))
			if !MustNotShip(findings) {
				t.Errorf("found fit to ship: %+v", findings)
			}
			found := false
			said := map[int64]int{} // faults of one entry of one kind
			for _, f := range findings {
				if f.Code == mar.XZError || f.Code == mar.EmptyEntry {
					said[f.Offset]++
				}
				if said[f.Offset] > 1 {
					t.Errorf("said twice: %+v", f)
				}
				found = found || f.Level == mar.Fails && f.Code == tt.code && strings.Contains(f.What, tt.say)
			}
			if !found {
				t.Errorf("want code %d and %q, got %+v", tt.code, tt.say, findings)
			}
			if tt.code == mar.Accepts {
				return
			}
			b := newBuilder(t, 1)
			tree := putTree(t, b, file{"precomplete", 0, "remove \"x\"\n"}, file{"x", 0, "old"})
			got, err := b.Apply(t.Context(), ApplyJob{Tree: tree, MAR: putBytes(t, b, tt.mar)})
			if err == nil {
				t.Fatalf("applied: %+v", got)
			}
			if code, ok := CodeOf(err); !ok || code != tt.code {
				t.Errorf("applying: code %d, want %d: %v", code, tt.code, err)
			}
		})
	}
}

// What can follow another line on one path, or never runs with it, is no fault,
// and a path is told of once.
func TestCheckChanges(t *testing.T) {
	for text, want := range map[string]int{
		"remove \"x\"\nadd \"x\"\n":                                 0,
		"remove \"d/x\"\nremove \"d/x\"\nrmrfdir \"d/\"\n":          0,
		"add-if \"t\" \"x\"\nadd-if-not \"t\" \"x\"\n":              0,
		"patch-if \"t\" \"p\" \"x\"\nadd-if-not \"t\" \"x\"\n":      0,
		"patch-if \"t\" \"p\" \"x\"\nadd-if-not \"u\" \"x\"\n":      1,
		"patch-if \"t\" \"p\" \"x\"\nadd-if \"t\" \"x\"\n":          1,
		"rmrfdir \"d/\"\npatch \"p\" \"d/e/x\"\n":                   1,
		"rmrfdir \"d/\"\npatch \"p\" \"dd/x\"\n":                    0,
		"patch \"p\" \"x\"\npatch \"q\" \"x\"\npatch \"r\" \"x\"\n": 1,
	} {
		m, err := ParseManifest([]byte("type \"partial\"\n" + text))
		check(t, err)
		if got := checkChanges(m.Lines); len(got) != want {
			t.Errorf("%q: got %v, want %d faults", text, got, want)
		}
	}
}

// However often a line stands there, the next is compared with two at most.
func TestCheckChangesIsBounded(t *testing.T) {
	c := changes{by: map[string][]Instruction{}, removed: map[string]Instruction{}, told: map[string]bool{}}
	for range 50 {
		for _, verb := range []Verb{AddIf, AddIfNot} {
			if err := c.next(Instruction{Verb: verb, Test: "t", Path: "x"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(c.by["x"]); n != 2 {
		t.Errorf("%d lines are kept, want 2", n)
	}
	deep := Instruction{Verb: Patch, Patch: "p", Path: strings.Repeat("d/", maxManifest/2) + "x"}
	c.removed["d/"] = Instruction{Verb: Rmrfdir, Path: "d/"}
	if err := c.next(deep); err != nil { // and ends
		t.Error(err)
	}
}

// A file that one of two lines brings, by the same test file, is no fault, and
// comes whichever it is; the package still is one tree.
func TestAddIfOrNot(t *testing.T) {
	data := rawMAR(t, "type \"complete\"\nadd-if \"t\" \"x\"\nadd-if-not \"t\" \"x\"\n", mar.Bytes("x", 0o644, xzOf(t, "new")))
	if findings := Check(bytes.NewReader(data), int64(len(data))); MustNotShip(findings) {
		t.Errorf("found unfit to ship: %+v", findings)
	}
	b := newBuilder(t, 1)
	blob := putBytes(t, b, data)
	for _, old := range [][]file{{{"t", 0, "test"}}, {{"x", 0, "old"}}} {
		tree, err := b.Apply(t.Context(), ApplyJob{Tree: putTree(t, b, append(old, file{"precomplete", 0, ""})...), MAR: blob})
		check(t, err)
		if e, ok := tree.Lookup("x"); !ok || e.Size != 3 {
			t.Errorf("%v became %+v", old, tree)
		}
	}
	again := rawMAR(t, "type \"partial\"\nadd-if \"t\" \"x\"\nadd-if-not \"t\" \"x\"\nadd-if \"t\" \"x\"\n", mar.Bytes("x", 0o644, xzOf(t, "new")))
	if !MustNotShip(Check(bytes.NewReader(again), int64(len(again)))) {
		t.Error("a third line is found fit to ship")
	}
	parsed, err := mar.Parse(bytes.NewReader(data), int64(len(data)))
	check(t, err)
	a, err := openArchive(parsed)
	check(t, err)
	if tree, err := a.tree(); err != nil || len(tree.Entries) != 1 {
		t.Errorf("as a tree: %+v, %v", tree, err)
	}
	dir := t.TempDir()
	check(t, ApplyDir(t.Context(), parsed, dir))
	if got, err := os.ReadFile(filepath.Join(dir, "x")); err != nil || string(got) != "new" {
		t.Errorf("applied to a directory: %q, %v", got, err)
	}
}

// No maker writes a line that undoes another's.
func TestWriteRefusesTwoChanges(t *testing.T) {
	b := newBuilder(t, 1)
	m := Manifest{Type: TypePartial, Lines: []Instruction{{Verb: Patch, Patch: "p", Path: "x"}, {Verb: Add, Path: "x"}}}
	if _, err := b.write(t.Context(), m, nil, "c", "1", packing{}); err == nil || !strings.Contains(err.Error(), "a rollback would not") {
		t.Errorf("got %v", err)
	}
}

// The list that the next complete update will run is read already: what is not
// in it stays for ever, and a list that does not parse stops that update.
func TestCheckPrecomplete(t *testing.T) {
	x := mar.Bytes("x", 0o644, xzOf(t, "x"))
	for list, want := range map[string]mar.Finding{
		"remove \"precomplete\"\n": {Level: mar.Note, Code: mar.Accepts, What: `does not list "x" (files like it: 1)`},
		"rm \"x\"\n":               {Level: mar.Fails, Code: mar.ParseError, What: "the next complete update stops on it: precomplete: line 1: unknown instruction"},
	} {
		data := rawMAR(t, "type \"complete\"\nadd \"x\"\nadd \"precomplete\"\n", x, mar.Bytes("precomplete", 0o644, xzOf(t, list)))
		found := false
		for _, f := range Check(bytes.NewReader(data), int64(len(data))) {
			found = found || f.Level == want.Level && f.Code == want.Code && strings.Contains(f.What, want.What)
		}
		if !found {
			t.Errorf("%q: want %+v, got %+v", list, want, Check(bytes.NewReader(data), int64(len(data))))
		}
	}
}

// What only some systems mind is said and no more: the package may be for others.
func TestCheckNotesCase(t *testing.T) {
	data := rawMAR(t, "type \"partial\"\nadd \"x\"\nremove \"X\"\n", mar.Bytes("x", 0o644, xzOf(t, "x")))
	findings := Check(bytes.NewReader(data), int64(len(data)))
	if MustNotShip(findings) || !slices.ContainsFunc(findings, func(f mar.Finding) bool {
		return strings.Contains(f.What, `on Windows and macOS deletes "x"`)
	}) {
		t.Errorf("got %+v", findings)
	}
}

// One line a million times is told of once, and one that deletes much names one.
func TestCheckIsBounded(t *testing.T) {
	var manifest strings.Builder
	var entries []mar.Content
	manifest.WriteString("type \"partial\"\n")
	for i := range 100 {
		name := "a/" + strconv.Itoa(i)
		fmt.Fprintf(&manifest, "add %q\n", name)
		entries = append(entries, mar.Bytes(name, 0o644, xzOf(t, "x")))
	}
	manifest.WriteString(strings.Repeat("rmrfdir \"a/\"\n", 100))
	data := rawMAR(t, manifest.String(), entries...)
	deletes := 0
	for _, f := range Check(bytes.NewReader(data), int64(len(data))) {
		if strings.Contains(f.What, "deletes") {
			deletes++
		}
	}
	if deletes != 1 {
		t.Errorf("%d findings of one fault, want 1", deletes)
	}
}

// Notes without end do not hide that there may be faults behind them.
func TestCheckGivesUpAloud(t *testing.T) {
	l := &linter{archive: &archive{}}
	for range 2 * maxFindings {
		l.add(mar.Note, mar.Entry{}, mar.Accepts, "a note")
	}
	if last := l.findings[len(l.findings)-1]; len(l.findings) != maxFindings+1 || !MustNotShip(l.findings) || !strings.Contains(last.What, "the rest is not told") {
		t.Errorf("%d findings, the last %+v", len(l.findings), last)
	}
}

// What Mozilla's tools make has no fault but to be unsigned.
func TestCheckPasses(t *testing.T) {
	b := newBuilder(t, 2)
	for _, name := range []string{"old.complete", "new.complete", "new.signed", "bsdiff.partial", "zucchini.partial"} {
		data := marBytes(t, b, sampleMAR(t, b, name))
		for _, f := range Check(bytes.NewReader(data), int64(len(data))) {
			if f.Level != mar.Note || !strings.Contains(f.What, "is not signed") {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// A patch may be filtered and in blocks, as ours are: the updater reads both.
func TestCheckAcceptsOwnPatches(t *testing.T) {
	b := newBuilder(t, 1)
	rng := rand.New(rand.NewPCG(3, 9))
	kept, code := binaryNoise(rng, 100_000), make([]byte, 0, 50_000)
	for len(code) < cap(code) { // calls of one target
		v := uint32(1<<20 - len(code))
		code = append(code, 0xE8, byte(v), byte(v>>8), byte(v>>16), 0)
	}
	precomplete := file{"precomplete", 0, "remove \"x\"\n"}
	old := putTree(t, b, file{"x", 0, string(kept)}, precomplete)
	fresh := putTree(t, b, file{"x", 0, string(kept) + string(code)}, precomplete)
	m, err := b.Partial(t.Context(), PartialJob{From: Source{Tree: old}, To: Source{Tree: fresh}, ChannelID: "c", Version: "2", BCJ: BCJX86})
	check(t, err)
	data, err := b.Store.Bytes(t.Context(), m.Blob, maxFile)
	check(t, err)
	if !bytes.Contains(data, []byte("x.patch")) {
		t.Fatal("x travels whole")
	}
	for _, f := range Check(bytes.NewReader(data), int64(len(data))) {
		if !strings.Contains(f.What, "is not signed") {
			t.Errorf("%v: %s", f.Level, f.What)
		}
	}
}
