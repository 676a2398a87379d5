package zucchini

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// compressed is the size of b as xz makes it.
func compressed(t testing.TB, b []byte, preset string) int {
	t.Helper()
	cmd := exec.Command(peer.Path(t, "xz"), preset, "--stdout")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return len(out)
}

// mustDiff makes a patch and proves it independently of Diff's own proof.
func mustDiff(t testing.TB, old, new []byte, o Options) []byte {
	t.Helper()
	patch, err := Diff(old, new, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Apply(old, patch, int64(len(new)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, new) {
		t.Fatal("patch gives another file")
	}
	return patch
}

// kinds returns the types of a patch's elements.
func kinds(t testing.TB, patch []byte) string {
	t.Helper()
	info, err := Inspect(patch)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range info.Elements {
		types = append(types, string(e.Type))
	}
	return strings.Join(types, " ")
}

// Our patches are of the type of the original generator's, and no larger after
// compression.
func TestNoLargerThanOriginal(t *testing.T) {
	for _, name := range samples {
		for suffix, o := range map[string]Options{".raw.zuc": {Raw: true}, ".zuc": {}} {
			theirs := sample(t, name+suffix)
			ours := mustDiff(t, sample(t, name+".old"), sample(t, name+".new"), o)
			if got, want := kinds(t, ours), kinds(t, theirs); got != want {
				t.Errorf("%s%s: got elements %s, want %s", name, suffix, got, want)
			}
			for _, preset := range []string{"-6", "-9e"} {
				got, want := compressed(t, ours, preset), compressed(t, theirs, preset)
				if got > want {
					t.Errorf("%s%s: xz %s makes %d bytes of ours, %d of the original", name, suffix, preset, got, want)
				}
			}
		}
	}
}

func TestDiffIsDeterministic(t *testing.T) {
	old, new := sample(t, "pe64-O1.old"), sample(t, "pe64-O1.new")
	if !bytes.Equal(mustDiff(t, old, new, Options{}), mustDiff(t, old, new, Options{})) {
		t.Error("two runs give two patches")
	}
}

// Whatever happens to an executable, a patch of it gives it back.
func TestRoundTripMutatedPrograms(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range samples {
		pristine := sample(t, name+".old")
		for range 20 {
			old, new := mutate(rng, pristine), mutate(rng, sample(t, name+".new"))
			mustDiff(t, old, new, Options{})
			mustDiff(t, new, pristine, Options{})
		}
	}
}

// mutate returns a copy of b with a few bytes set, blocks moved, cut or added.
func mutate(rng *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range rng.IntN(4) {
		at := rng.IntN(len(b))
		n := min(len(b)-at, 1+rng.IntN(600))
		switch rng.IntN(5) {
		case 0:
			b[at] = byte(rng.Uint32())
		case 1: // headers are dense with meaning
			b[rng.IntN(min(len(b), 0x400))] = byte(rng.Uint32())
		case 2:
			copy(b[rng.IntN(len(b)):], b[at:at+n])
		case 3:
			b = append(b[:at], b[at+n:]...)
		case 4:
			b = append(b[:at:at], append(bytes.Repeat([]byte{byte(n)}, n), b[at:]...)...)
		}
		if len(b) == 0 {
			b = []byte{0}
		}
	}
	return b
}

// What the format's own disassemblers refuse, or may see in two ways, goes raw.
func TestWhatGoesRaw(t *testing.T) {
	elf := func(change func(b []byte, section func(i int) []byte)) []byte {
		b := sample(t, "elf64-O1.old")
		table := le64(b, 40)
		change(b, func(i int) []byte { return b[table+uint64(i)*sectionSize:] })
		return b
	}
	for _, c := range []struct {
		name string
		old  []byte
		want string
	}{
		{"as it is", elf(func([]byte, func(int) []byte) {}), "Ex64"},
		{"another machine", elf(func(b []byte, _ func(int) []byte) { b[18] = 0xf3 }), "NoOp"},
		{"big-endian", elf(func(b []byte, _ func(int) []byte) { b[5] = 2 }), "NoOp"},
		{"relocatable object", elf(func(b []byte, _ func(int) []byte) { b[16] = 1 }), "NoOp"},
		{"section table behind the end", elf(func(b []byte, _ func(int) []byte) { putLE64(b, 40, 1<<40) }), "NoOp"},
		{"names in a section that is not there", elf(func(b []byte, _ func(int) []byte) { putLE16(b, 62, 999) }), "NoOp"},
		{"section beyond the file", elf(func(_ []byte, s func(int) []byte) { putLE64(s(1), 32, 1<<30) }), "NoOp"},
		{"section at 4 GiB", elf(func(_ []byte, s func(int) []byte) { putLE64(s(1), 16, 1<<32) }), "NoOp"},
		{"one address, two offsets", elf(func(_ []byte, s func(int) []byte) { putLE64(s(2), 16, le64(s(1), 16)) }), "NoOp"},
		{"no bytes at offset 0", elf(func(b []byte, s func(int) []byte) {
			for i := range int(le16(b, 60)) {
				if h := s(i); le32(h, 4) == shtNobits {
					putLE64(h, 24, 0)
				}
			}
		}), "NoOp"},
		{"Mach-O", append([]byte{0xcf, 0xfa, 0xed, 0xfe}, make([]byte, 4000)...), "NoOp"},
		{"PE with a signature", append(sample(t, "pe64-O1.old"), "signature"...), "Px64 NoOp"},
		{"PE without code", bytes.ReplaceAll(sample(t, "pe64-O1.old"), []byte{0x60, 0, 0, 0x60}, []byte{0x60, 0, 0, 0x40}), "NoOp"},
	} {
		new := bytes.Clone(c.old)
		new[len(new)-3] ^= 0x55
		for i := 2000; i < 3000; i += 7 { // enough to make references worth it
			new[i] ^= 1
		}
		elements := executableElements(c.old, new)
		got := string(Raw)
		if elements != nil {
			patch, err := assemble(elements, c.old, new)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			got = kinds(t, patch)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		mustDiff(t, c.old, new, Options{})
	}
}

func TestDiffRefusesEmptyFiles(t *testing.T) {
	for _, c := range [][2]string{{"", "new"}, {"old", ""}, {"", ""}} {
		if _, err := Diff([]byte(c[0]), []byte(c[1]), Options{}); err == nil || !strings.Contains(err.Error(), "add it whole") {
			t.Errorf("%q to %q: got %v", c[0], c[1], err)
		}
	}
}

func TestDiffTinyFiles(t *testing.T) {
	for _, c := range [][2]string{{"a", "a"}, {"a", "b"}, {"abc", "abcdefghijklmnopq"}, {"abcdefghijklmnopq", "q"}} {
		mustDiff(t, []byte(c[0]), []byte(c[1]), Options{})
	}
}

// Two nearly equal copies in old drive a differ that searches for the longest
// match into quadratic time; here it must end at once, and find the copy.
func TestAdversarialCopies(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	const n = 2 << 20
	prefix, a := random(1000), random(n)
	b := bytes.Clone(a)
	for _, at := range []int{100, n - 50, n - 40, n - 30, n - 20} {
		b[at]++
	}
	old := bytes.Join([][]byte{prefix, a, random(1000), b}, nil)
	patch := mustDiff(t, old, append(prefix, b...), Options{})
	if len(patch) > 1000 {
		t.Errorf("got a patch of %d bytes for a copy", len(patch))
	}
	mustDiff(t, make([]byte, n), make([]byte, n+1), Options{})
	mustDiff(t, bytes.Repeat([]byte("ab\x00c"), n/4), bytes.Repeat([]byte("ab\x00cd"), n/5), Options{})
}

func TestApplyRefusesWrongOld(t *testing.T) {
	old := sample(t, "elf64-O1.old")
	patch := sample(t, "elf64-O1.zuc")
	other := bytes.Clone(old)
	other[5000] ^= 1
	for _, wrong := range [][]byte{other, old[1:], nil} {
		if _, err := Apply(wrong, patch, testLimit); !errors.Is(err, ErrOldFile) {
			t.Errorf("%d bytes: got %v, want ErrOldFile", len(wrong), err)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	text := make([]byte, 16<<20)
	for i := range text {
		text[i] = byte(rng.IntN(40))
	}
	edited := mutate(rng, text)
	for i := 0; i < len(edited); i += 1 + rng.IntN(4000) {
		edited[i]++
	}
	b.Run("raw", func(b *testing.B) { benchmarkDiff(b, text, edited) })
	b.Run("program", func(b *testing.B) { benchmarkDiff(b, sample(b, "pe64-O1.old"), sample(b, "pe64-O1.new")) })
}

func benchmarkDiff(b *testing.B, old, new []byte) {
	b.SetBytes(int64(len(new)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Diff(old, new, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	old, patch := sample(b, "pe64-O1.old"), sample(b, "pe64-O1.zuc")
	b.SetBytes(int64(len(old)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Apply(old, patch, testLimit); err != nil {
			b.Fatal(err)
		}
	}
}
