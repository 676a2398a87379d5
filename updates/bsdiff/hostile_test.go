package bsdiff

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// Patches of Mozilla's mbsdiff, from small programs in two builds.
func TestApplyMozillas(t *testing.T) {
	for _, name := range []string{"elf64-O1", "pe64-O2"} {
		old, new, patch := sample(t, name+".old"), sample(t, name+".new"), sample(t, name+".mbdiff")
		got, err := Apply(old, patch, int64(len(new)))
		if err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(got, new) {
			t.Errorf("%s: mbsdiff's patch restores another file", name)
		}
		h, err := Inspect(patch)
		if err != nil {
			t.Fatal(name, err)
		}
		if h.OldSize != int64(len(old)) || h.OldCRC != oldCRC(old) || h.NewSize != int64(len(new)) {
			t.Errorf("%s: got %+v", name, h)
		}
	}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestApplyBsdiffs(t *testing.T) {
	bsdiff := peer.Path(t, "bsdiff")
	for _, p := range pairs() {
		if len(p.old) == 0 || len(p.new) == 0 {
			continue // bsdiff cannot map an empty file
		}
		dir := t.TempDir()
		for name, b := range map[string][]byte{"old": p.old, "new": p.new} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(bsdiff, "old", "new", "patch")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: bsdiff: %v\n%s", p.name, err, out)
		}
		patch, err := os.ReadFile(filepath.Join(dir, "patch"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Apply(p.old, patch, int64(len(p.new)))
		if err != nil || !bytes.Equal(got, p.new) {
			t.Errorf("%s: bsdiff's patch restores another file (%v)", p.name, err)
		}
	}
}

// TestHostile is PAT-1 and PAT-2: whatever a patch claims, it is refused by
// name, and before memory is taken for it.
func TestHostile(t *testing.T) {
	old := bytes.Repeat([]byte("0123456789abcdef"), 64)
	new := append(bytes.Clone(old[512:]), "something else"...)
	p := &Patch{Old: old, New: new, Control: []Triple{{0, 0, 512}, {512, 14, 0}}}
	mb := p.MBDIFF10()
	classic, err := p.BSDIFF40()
	if err != nil {
		t.Fatal(err)
	}
	put32 := func(at int, v uint32) []byte {
		b := bytes.Clone(mb)
		binary.BigEndian.PutUint32(b[at:], v)
		return b
	}
	put64 := func(at int, v uint64) []byte {
		b := bytes.Clone(classic)
		binary.LittleEndian.PutUint64(b[at:], v)
		return b
	}
	// control returns a BSDIFF40 patch with other triples.
	control := func(add, insert, seek int32) []byte {
		// The diff and extra streams are those of a patch that fits.
		b := encodeClassic(t, []Triple{{add, insert, seek}}, make([]byte, len(new)), make([]byte, len(new)))
		putOfft(b[24:], int64(len(new)))
		return b
	}
	const negative = 1 << 63
	for _, c := range []struct {
		name  string
		patch []byte
		want  error
		text  string
	}{
		{"empty", nil, ErrCorrupt, `begins with ""`},
		{"other magic", []byte("BSDIFF41" + string(classic[8:])), ErrCorrupt, `begins with "BSDIFF41"`},

		{"MBDIFF10 header cut", mb[:31], ErrCorrupt, "got 31 bytes, want 32"},
		{"MBDIFF10 cut", mb[:len(mb)-1], ErrCorrupt, "lengths add up"},
		{"MBDIFF10 and more", append(bytes.Clone(mb), 0), ErrCorrupt, "lengths add up"},
		{"MBDIFF10 old size", put32(8, 1025), ErrOldSize, "got 1024 bytes, patch wants 1025"},
		{"MBDIFF10 old size negative", put32(8, math.MaxUint32), ErrCorrupt, "old size 4294967295"},
		{"MBDIFF10 old CRC", put32(12, 0), ErrOldCRC, "patch wants 00000000"},
		{"MBDIFF10 new size 0", put32(16, 0), ErrCorrupt, "want the new size 0"},
		{"MBDIFF10 new size 2 GiB", put32(16, 1<<31), ErrCorrupt, "new size 2147483648"},
		{"MBDIFF10 new size one more", put32(16, uint32(len(new)+1)), ErrCorrupt, "want the new size 527"},
		{"MBDIFF10 control not of triples", put32(20, 25), ErrCorrupt, "want a multiple of 12"},
		{"MBDIFF10 lengths wrap around", put32(24, math.MaxUint32), ErrCorrupt, "lengths add up"},
		{"MBDIFF10 add too long", put32(44, 513), ErrCorrupt, "triple 1: adds 513 bytes, diff has 512 left"},
		{"MBDIFF10 add -1", put32(44, math.MaxUint32), ErrCorrupt, "triple 1: adds 4294967295 bytes"},
		{"MBDIFF10 insert too long", put32(48, 15), ErrCorrupt, "triple 1: inserts 15 bytes, extra has 14 left"},
		{"MBDIFF10 add too short", put32(44, 511), ErrCorrupt, "leaves 1 bytes of diff"},
		{"MBDIFF10 seek before old", put32(40, 0xffffffff), ErrCorrupt, "triple 0: seeks by -1 from 0"},
		{"MBDIFF10 seek beyond old", put32(40, 1025), ErrCorrupt, "triple 0: seeks by 1025 from 0"},
		{"MBDIFF10 add beyond old", put32(40, 513), ErrCorrupt, "triple 1: adds 512 bytes at 513 of old"},

		{"BSDIFF40 header cut", classic[:31], ErrCorrupt, "got 31 bytes, want 32"},
		{"BSDIFF40 cut", classic[:len(classic)-20], ErrCorrupt, "extra: unexpected EOF"},
		{"BSDIFF40 control length negative", put64(8, negative|5), ErrCorrupt, "control -5"},
		{"BSDIFF40 diff length negative", put64(16, negative|5), ErrCorrupt, "diff -5"},
		{"BSDIFF40 control length huge", put64(8, math.MaxInt64), ErrCorrupt, "control 9223372036854775807"},
		{"BSDIFF40 lengths wrap around", put64(16, math.MaxInt64), ErrCorrupt, "diff 9223372036854775807"},
		{"BSDIFF40 new size -1", put64(24, negative|1), ErrCorrupt, "new size -1"},
		{"BSDIFF40 new size 2^63-1", put64(24, math.MaxInt64), ErrLimit, "limit is"},
		{"BSDIFF40 new size 10 GiB", put64(24, 10<<30), ErrLimit, "patch makes 10737418240 bytes"},
		{"BSDIFF40 new size at the limit", put64(24, 1<<30), ErrCorrupt, "triple 2: control: EOF"},
		{"BSDIFF40 control is no bzip2", put64(8, 0), ErrCorrupt, "triple 0: control"},
		{"BSDIFF40 add negative", control(-1, 0, 0), ErrCorrupt, "negative length: add -1"},
		{"BSDIFF40 insert negative", control(0, -1, 0), ErrCorrupt, "negative length: add 0, insert -1"},
		{"BSDIFF40 add more than new", control(527, 0, 0), ErrCorrupt, "adds 527 bytes, diff has 526 left"},
		{"BSDIFF40 insert more than new", control(500, 27, 0), ErrCorrupt, "inserts 27 bytes, extra has 26 left"},
		{"BSDIFF40 seek before old", control(10, 0, -11), ErrCorrupt, "seeks by -11 from 10"},
		{"BSDIFF40 seek beyond old", control(10, 0, 1015), ErrCorrupt, "seeks by 1015 from 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := Apply(old, c.patch, 1<<30)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got error %v, want %v: %s", err, c.want, c.text)
			}
			if got != nil {
				t.Error("a file came back with the error")
			}
			// bzip2 takes 3.6 MB for each of three streams.
			if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
				t.Errorf("took %d bytes of memory", n)
			}
		})
	}
	for name, patch := range map[string][]byte{"MBDIFF10": mb, "BSDIFF40": classic} {
		if _, err := Apply(old, patch, int64(len(new))-1); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: got error %v, want %v", name, err, ErrLimit)
		}
	}
}

// encodeClassic writes a BSDIFF40 with any triples and streams.
func encodeClassic(t *testing.T, control []Triple, diff, extra []byte) []byte {
	t.Helper()
	b, err := classic(control, diff, extra, 0)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDiffRefusesWhatInt32CannotSay(t *testing.T) {
	if err := checkSizes(2<<30, 0); !errors.Is(err, ErrTooLarge) {
		t.Errorf("old of 2 GiB: got %v", err)
	}
	if err := checkSizes(0, 2<<30); !errors.Is(err, ErrTooLarge) {
		t.Errorf("new of 2 GiB: got %v", err)
	}
	if err := checkSizes(2<<30-1, 2<<30-1); err != nil {
		t.Errorf("one byte less: got %v", err)
	}
}

func TestOldCRC(t *testing.T) {
	// The check value of CRC-32/BZIP2 in the catalogue of parametrised CRCs.
	if got := oldCRC([]byte("123456789")); got != 0xfc891918 {
		t.Errorf("got %08x, want fc891918", got)
	}
}

func TestCrossCheckNamesTheDifference(t *testing.T) {
	old, new := []byte("the quick brown fox"), []byte("the quick brown dog")
	p, err := Diff(old, new, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.BSDIFF40()
	if err != nil {
		t.Fatal(err)
	}
	err = CrossCheck(old, []byte("the quick brown cat"), b)
	if err == nil || !strings.Contains(err.Error(), "first difference at 0x10") {
		t.Errorf("got %v", err)
	}
}
