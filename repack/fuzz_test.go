package repack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"os/exec"
	"testing"

	"slipway/updates/xz"
)

func run(t testing.TB, dir, prog string, args ...string) {
	t.Helper()
	cmd := exec.Command(prog, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", prog, args, err, out)
	}
}

func packXz(t testing.TB, b []byte) []byte {
	t.Helper()
	out, err := xz.Encode(b, xz.Options{Preset: xzPreset})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever Unpack lets through, Pack can write and Unpack reads the same.
func FuzzUnpack(f *testing.F) {
	good := tarOf(f, reg("a"), sym("d/l", "../a"), kind("e/", tar.TypeDir))
	f.Add(good, uint8(0))
	f.Add(gz(good), uint8(1))
	f.Add(zipOf(f, member{name: "a", text: "text"}, member{name: "l", mode: unixSymlink | 0o777, text: "a"}), uint8(2))
	s := openStore(f)
	f.Fuzz(func(t *testing.T, b []byte, kind uint8) {
		format := []Format{Tar, TarGz, Zip}[kind%3]
		ctx := context.Background()
		tree, err := unpackBytes(t, s, b, format, Limits{Entries: 50, File: 1 << 16, Total: 1 << 20})
		if err != nil {
			return
		}
		blob, err := Pack(ctx, s, tree, Zip, when)
		if err != nil {
			t.Fatalf("what was unpacked cannot be packed: %v", err)
		}
		again, err := Unpack(ctx, s, blob.Digest, Zip, Limits{})
		if err != nil {
			t.Fatalf("what was packed cannot be unpacked: %v", err)
		}
		if d := Diff(tree, again); d != nil {
			t.Fatalf("differences: %v", d)
		}
	})
}

// What checkZip lets through, Go's reader reads, and it finds the same files
// gaplessly from the first byte on.
func FuzzCheckZip(f *testing.F) {
	f.Add(zipOf(f, member{name: "a", text: "text"}, member{name: "d/", mode: unixDir | 0o755}))
	f.Add(zipOf(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		if checkZip(bytes.NewReader(b), int64(len(b)), DefaultLimits()) != nil {
			return
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return // stricter than we are: refused all the same
		}
		at := int64(0)
		for _, file := range z.File {
			data, err := file.DataOffset()
			if err != nil || data < at+lenLocal+int64(len(file.Name)) {
				t.Fatalf("%q: data at %d, the file before ends at %d, %v", file.Name, data, at, err)
			}
			at = data + int64(file.CompressedSize64)
		}
		if bytes.Count(b, []byte(sigCentral)) < len(z.File) {
			t.Fatalf("%d files of %d directory headers", len(z.File), bytes.Count(b, []byte(sigCentral)))
		}
	})
}
