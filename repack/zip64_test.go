package repack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// wideZip is a zip of one stored file "aa" in which every field that can be is
// saturated, as in archives beyond 4 GiB. It also tells where its parts begin.
func wideZip(t testing.TB) (zipped []byte, central, end64 int) {
	text := []byte("first")
	n, sum := uint64(len(text)), crc32.ChecksumIEEE(text)
	var b []byte
	put := func(parts ...any) {
		for _, p := range parts {
			if s, ok := p.(string); ok {
				b = append(b, s...)
				continue
			}
			var err error
			if b, err = binary.Append(b, binary.LittleEndian, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	const wide = uint32(saturated)
	put(sigLocal, [4]uint16{45, 0, 0, 0}, uint16(0x21), sum, wide, wide, [2]uint16{2, 20}, "aa")
	put([2]uint16{extraZip64, 16}, n, n, string(text))
	central = len(b)
	put(sigCentral, [5]uint16{creatorUnix<<8 | 45, 45, 0, 0, 0}, uint16(0x21), sum, wide, wide, [5]uint16{2, 28, 0, 0, 0})
	put(uint32(0o100644<<16), wide, "aa", [2]uint16{extraZip64, 24}, n, n, uint64(0))
	end64 = len(b)
	put(sigEnd64, uint64(lenEnd64-12), [2]uint16{45, 45}, [2]uint32{}, [4]uint64{1, 1, uint64(end64 - central), uint64(central)})
	put(sigLocator64, uint32(0), uint64(end64), uint32(1))
	put(sigEnd, [2]uint16{}, [2]uint16{0xffff, 0xffff}, wide, wide, uint16(0))
	return b, central, end64
}

func TestWideZipHasOneReading(t *testing.T) {
	s := openStore(t)
	good, central, end64 := wideZip(t)
	got, err := unpackBytes(t, s, good, Zip, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := Diff(tree(t, s, map[string]string{"aa": "first"}), got); d != nil {
		t.Errorf("differences: %v", d)
	}
	locator, end := end64+lenEnd64, end64+lenEnd64+lenLocator64
	for name, c := range map[string]struct {
		at   int
		b    []byte
		want string
	}{
		"locator elsewhere":  {locator + 8, []byte{0}, "right before the end"},
		"no locator":         {locator, []byte("X"), "right before the end"},
		"no wide end":        {end64, []byte("X"), "right before the end"},
		"wide end longer":    {end64 + 4, []byte{45}, "right before the end"},
		"disks":              {locator + 16, []byte{2}, "several volumes"},
		"counts differ":      {end64 + 24, []byte{2}, "several volumes"},
		"other count":        {end + 8, []byte{2, 0, 2, 0}, "two readings: 2 entries"},
		"other place":        {end + 16, []byte{1, 0, 0, 0}, "two readings"},
		"directory far away": {end64 + 48, bytes.Repeat([]byte{0xff}, 8), "does not reach"},
		"directory huge":     {end64 + 40, []byte{0, 0, 0, 0, 0, 1}, "directory of 1099511627776 bytes, limit"},
		"entries beyond":     {end64 + 24, []byte{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, "entries, limit"},
		"told again":         {central + 24, []byte{5, 0, 0, 0}, "has a second size"},
		"nowhere told":       {central + 46 + 2, []byte{0x99, 0x99}, "none in a zip64 field"},
		"other size locally": {lenLocal + 2 + 4, []byte{9}, "two readings"},
		"offset beyond":      {central + 46 + 2 + 4 + 16, []byte{9}, "overlap"},
		"size beyond any":    {central + 46 + 2 + 4 + 8, bytes.Repeat([]byte{0xff}, 8), "none in a zip64"},
		"size of petabytes":  {central + 46 + 2 + 4 + 8, bytes.Repeat([]byte{0xff}, 6), "run past the files' end"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Clone(good)
			copy(bad[c.at:], c.b)
			if _, err := unpackBytes(t, s, bad, Zip, Limits{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// TestManyFilesNeedAWideEnd: empty directories, for they are made fastest.
func TestManyFilesNeedAWideEnd(t *testing.T) {
	s := openStore(t)
	many := tree(t, s, map[string]string{"a": "file"})
	for i := range 66_000 {
		many.Dirs = append(many.Dirs, fmt.Sprintf("%05d", i))
	}
	packed, err := Pack(t.Context(), s, many, Zip, when)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unpack(t.Context(), s, packed.Digest, Zip, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 1 || !slices.Equal(got.Dirs, many.Dirs) {
		t.Errorf("%d directories came back", len(got.Dirs))
	}
	prog := peer.Path(t, "unzip")
	zipped, err := s.Bytes(t.Context(), packed.Digest, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "many.zip"), zipped, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, prog, "-tqq", "many.zip")
}
