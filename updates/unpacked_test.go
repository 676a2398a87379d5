package updates

import (
	"strings"
	"testing"

	"slipway/updates/mar"
)

func TestUnpackedIsBounded(t *testing.T) {
	var u unpacked
	for range maxUnpacked / maxFile {
		if err := u.add(maxFile); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.add(1); err == nil {
		t.Errorf("more than %d bytes were let out", maxUnpacked)
	}
}

// A small package that unpacks to more than is allowed fills no store: each file
// is within its own limit, all of them are not.
func TestStoreIsNotFilled(t *testing.T) {
	b := newBuilder(t, 1)
	x, y := strings.Repeat("x", 600), strings.Repeat("y", 600)
	d := putBytes(t, b, rawMAR(t, "type \"complete\"\nadd \"x\"\nadd \"y\"\nadd \"precomplete\"\n",
		mar.Bytes("x", 0o644, xzOf(t, x)), mar.Bytes("y", 0o644, xzOf(t, y)), mar.Bytes("precomplete", 0o644, xzOf(t, "remove \"x\"\n"))))
	old := putTree(t, b, file{path: "precomplete"})
	both := func() (unpacking, applying error) {
		_, _, unpacking = b.Unpack(t.Context(), d)
		_, applying = b.Apply(t.Context(), ApplyJob{Tree: old, MAR: d})
		return unpacking, applying
	}
	b.most = 2000
	if unpacking, applying := both(); unpacking != nil || applying != nil {
		t.Errorf("within the limit: %v, %v", unpacking, applying)
	}
	b.most = 1000
	unpacking, applying := both()
	for _, err := range []error{unpacking, applying} {
		if err == nil || !strings.Contains(err.Error(), "the package unpacks to more than 1000 bytes") {
			t.Errorf("beyond the limit: %v", err)
		}
	}
}

// Equal entries are unpacked once, but each of their files takes room.
func TestDirectoryIsNotFilled(t *testing.T) {
	b := newBuilder(t, 1)
	x := strings.Repeat("x", 600)
	d := putBytes(t, b, rawMAR(t, "type \"complete\"\nadd \"x\"\nadd \"y\"\nadd \"precomplete\"\n",
		mar.Bytes("x", 0o644, xzOf(t, x)), mar.Bytes("y", 0o644, xzOf(t, x)), mar.Bytes("precomplete", 0o644, xzOf(t, "remove \"x\"\n"))))
	old := putTree(t, b, file{path: "precomplete"})
	for most, want := range map[int64]string{2000: "", 1000: "the package unpacks to more than 1000 bytes"} {
		dir, err := openDir(layOut(t, b, old))
		if err != nil {
			t.Fatal(err)
		}
		defer dir.close()
		dir.most = most
		err = dir.apply(t.Context(), parsed(t, b, d))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("at most %d bytes: %v, want %q", most, err, want)
		}
	}
}
