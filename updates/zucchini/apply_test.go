package zucchini

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testLimit = 64 << 20

// The samples are pairs of builds of one small C program, with patches that
// the original generator made of them, executable-aware and raw.
var samples = []string{"elf64-O1", "elf64-O2", "elfa64-O1", "elfa64-O2", "pe64-O1", "pe64-O2"}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The original generator's patches give the new files.
func TestApplyOriginalPatches(t *testing.T) {
	for _, name := range samples {
		for _, suffix := range []string{".raw.zuc", ".zuc"} {
			t.Run(name+suffix, func(t *testing.T) {
				got, err := Apply(sample(t, name+".old"), sample(t, name+suffix), testLimit)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, sample(t, name+".new")) {
					t.Error("result differs from the new file")
				}
			})
		}
	}
}

// Parsing and encoding again loses nothing.
func TestContainerRoundTrip(t *testing.T) {
	for _, name := range samples {
		for _, suffix := range []string{".raw.zuc", ".zuc"} {
			patch := sample(t, name+suffix)
			c, err := parse(patch)
			if err != nil {
				t.Fatalf("%s%s: %v", name, suffix, err)
			}
			if !bytes.Equal(c.encode(), patch) {
				t.Errorf("%s%s: encoded again, it differs", name, suffix)
			}
		}
	}
}

func TestInspect(t *testing.T) {
	want := map[string]Type{"elf64-O1": ELFAMD64, "pe64-O1": PEAMD64, "elfa64-O1": ELFAArch64}
	for name, kind := range want {
		info, err := Inspect(sample(t, name+".zuc"))
		if err != nil {
			t.Fatal(err)
		}
		if info.Elements[0].Type != kind || int(info.NewSize) != len(sample(t, name+".new")) {
			t.Errorf("%s: got %+v", name, info)
		}
		t.Logf("%s: %+v", name, info)
	}
	if _, err := Inspect([]byte("MBDIFF10, which is another format")); err == nil || !strings.Contains(err.Error(), "MBDI") {
		t.Errorf("another format: got %v", err)
	}
}
