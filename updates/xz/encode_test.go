package xz

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// samples are small inputs of each shape that takes another way through the
// encoder.
func samples() map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 150_000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	sparse := make([]byte, 200_000) // like the differences in a patch
	for i := 0; i < len(sparse); i += 16 + rnd.IntN(100) {
		sparse[i] = byte(rnd.IntN(4) * 8)
	}
	code := make([]byte, 100_000) // calls among noise of few values
	for i := range code {
		code[i] = byte(rnd.IntN(6)) * 0x33
		if rnd.IntN(9) == 0 {
			code[i] = 0xE8
		}
	}
	var words strings.Builder
	for range 15_000 {
		fmt.Fprintf(&words, "%s ", []string{"tag", "push", "ship", "locale", "build", "mirror"}[rnd.IntN(6)])
	}
	text := []byte(words.String())
	m := map[string][]byte{
		"zeros":  make([]byte, 3<<20),
		"noise":  noise,
		"sparse": sparse,
		"code":   code,
		"text":   text,
		"mixed":  bytes.Join([][]byte{text[:50_000], noise, text[50_000:], noise[:70_000], text}, nil),
	}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 4096} {
		m[fmt.Sprintf("text%d", n)] = text[:n]
	}
	return m
}

var someOptions = map[string]Options{
	"default": {},
	"x86":     {BCJ: X86},
	"patch":   {Nice: 273},
	"9e":      {Preset: 9, Extreme: true, BCJ: X86},
	"blocks":  {BlockSize: 70_001, BCJ: X86},
	"small":   {DictSize: 4 << 10, Nice: 4},
	"words":   {Contexts: Contexts{LC: 1, LP: 3, PB: 4}},
}

func TestRoundTrip(t *testing.T) {
	for name, want := range samples() {
		for on, o := range someOptions {
			t.Run(name+"/"+on, func(t *testing.T) {
				packed, err := Encode(want, o)
				if err != nil {
					t.Fatal(err)
				}
				got, err := Decode(packed, int64(len(want)))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Fatal("decoded bytes differ")
				}
				o.Workers = 3
				if again, _ := Encode(want, o); !bytes.Equal(again, packed) {
					t.Error("three workers make other bytes than one")
				}
			})
		}
	}
}

// xz reads what we write, and we read what xz writes.
func TestPeer(t *testing.T) {
	for name, want := range samples() {
		if len(want) > 5 && len(want) < 5000 {
			continue // TestRoundTrip has been there; a process each is dear
		}
		for on, o := range someOptions {
			t.Run(name+"/"+on, func(t *testing.T) {
				packed, err := Encode(want, o)
				if err != nil {
					t.Fatal(err)
				}
				if got := run(t, packed, "xz", "-dc"); !bytes.Equal(got, want) {
					t.Fatal("xz decodes to other bytes")
				}
			})
		}
		for _, args := range [][]string{
			{"-6"},
			{"-0", "-C", "crc32"},
			{"-C", "none", "--x86", "--lzma2=preset=6,lc=1,lp=3,pb=0"},
			{"--block-size=70001", "-T2"},
			{"--arm", "--lzma2=preset=0", "--block-size=70001", "-T2"},
		} {
			packed := run(t, want, "xz", append(args, "-c")...)
			got, err := Decode(packed, int64(len(want)))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: from xz %q: %v", name, args, err)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Preset: 5}, "preset 5 is neither 6 nor 9"},
		{Options{Nice: 3}, "nice length 3 is not within 4 and 273"},
		{Options{Nice: 274}, "nice length 274 is not within 4 and 273"},
		{Options{DictSize: 65 << 20}, "dictionary of 68157440 bytes is not within 4096 and 67108864"},
		{Options{DictSize: 4095}, "dictionary of 4095 bytes is not within 4096 and 67108864"},
		{Options{BlockSize: -1}, "block size -1 is not within 1 and 1073741824"},
		{Options{BCJ: 7}, "unknown filter BCJ(7)"},
		{Options{Contexts: Contexts{LC: 3, LP: 2}}, "contexts of 3 and 2 bits for literals and 0 for positions are not within 0 and 4"},
		{Options{Contexts: Contexts{LC: 3, PB: 5}}, "contexts of 3 and 0 bits for literals and 5 for positions are not within 0 and 4"},
		{Options{Contexts: Contexts{LC: -1}}, "contexts of -1 and 0 bits for literals and 0 for positions are not within 0 and 4"},
	} {
		if _, err := Encode(nil, c.o); err == nil || err.Error() != "xz: "+c.want {
			t.Errorf("%+v: got error %v, want %s", c.o, err, c.want)
		}
	}
}

// With the same settings and blocks we may be half a per cent larger than xz
// at most. Sizes do not depend on the machine, so this can be asserted.
func TestSizes(t *testing.T) {
	inputs := map[string][]byte{
		"sources": goSources(t, 1<<20),
		"patch":   sparsePatch(1 << 20),
	}
	for name, in := range inputs {
		for args, o := range map[string]Options{
			"--lzma2=preset=6":          {BCJ: X86, BlockSize: 700 << 10},
			"--lzma2=preset=6,nice=273": {BCJ: X86, BlockSize: 700 << 10, Nice: 273},
		} {
			ours, err := Encode(in, o)
			if err != nil {
				t.Fatal(err)
			}
			theirs := run(t, in, "xz", "--x86", args, "--block-size=700KiB", "-T1", "-c")
			run(t, ours, "xz", "-t")
			if got := float64(len(ours)) / float64(len(theirs)); got > 1.005 {
				t.Errorf("%s %s: %d bytes, xz %d: %.4f, want at most 1.005", name, args, len(ours), len(theirs), got)
			}
		}
	}
}
