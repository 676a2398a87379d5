package updates

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"slipway/testdata/peer"
	"slipway/updates/mar"
)

func runPeer(t testing.TB, input []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(peer.Path(t, name), args...)
	cmd.Stdin = bytes.NewReader(input)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, args, err, talk.String())
	}
	return out
}

// The xz program takes every entry of our packages, and sees the filters and
// the check that the updater knows.
func TestXZReadsOurEntries(t *testing.T) {
	b := newBuilder(t, 2)
	complete, partial := both(t, b)
	for _, m := range []MAR{complete, partial} {
		opened(t, b, m.Blob, func(a *archive) {
			for i, e := range a.Entries {
				packed, err := a.Bytes(i, mar.MaxSize)
				check(t, err)
				data, err := a.read(e.Name, maxFile)
				check(t, err)
				if got := runPeer(t, packed, "xz", "-dc"); !bytes.Equal(got, data) {
					t.Errorf("%s: xz unpacks %d bytes, we %d", e.Name, len(got), len(data))
				}
				if len(data) == 0 {
					continue
				}
				name := t.TempDir() + "/entry.xz"
				check(t, os.WriteFile(name, packed, 0o600))
				listing := string(runPeer(t, nil, "xz", "-lvv", name))
				bcj := strings.Contains(listing, "--x86")
				if isPatch := strings.HasSuffix(e.Name, ".patch"); !strings.Contains(listing, "CRC64") || bcj == isPatch {
					t.Errorf("%s: want CRC64 and, but in patches, the x86 filter:\n%s", e.Name, listing)
				}
			}
		})
	}
}

// What xz can write and the updater cannot read is named, with error 39.
func TestCheckNamesStreams(t *testing.T) {
	for what, args := range map[string][]string{
		"dictionary": {"--lzma2=preset=6,dict=96MiB"},
		"SHA-256":    {"--check=sha256"},
		"delta":      {"--delta", "--lzma2=preset=1"},
		"powerpc":    {"--powerpc", "--lzma2=preset=1"},
		"armthumb":   {"--armthumb", "--lzma2=preset=1"},
	} {
		packed := runPeer(t, []byte("some bytes"), "xz", append([]string{"-zc"}, args...)...)
		data := rawMAR(t, "type \"partial\"\nadd \"x\"\n", mar.Bytes("x", 0o644, packed))
		found := false
		for _, f := range Check(bytes.NewReader(data), int64(len(data))) {
			found = found || f.Level == mar.Fails && f.Code == mar.XZError && strings.Contains(f.What, what)
		}
		if !found {
			t.Errorf("%s: not found", what)
		}
	}
}

// A package packed with the other filter that the updater knows is checked,
// applied and updated from like any; what we pack is packed without.
func TestPackedForARM(t *testing.T) {
	b := newBuilder(t, 1)
	code := strings.Repeat("\x01\x02\x03\xeb\x00\x00\x90\xe5", 100)
	pack := func(s string) []byte { return runPeer(t, []byte(s), "xz", "-zc", "--arm", "--lzma2=preset=6") }
	precomplete := "remove \"x\"\nremove \"precomplete\"\n"
	var buf bytes.Buffer
	check(t, mar.Write(&buf, mar.Contents{Channel: "c", Version: "1", Entries: []mar.Content{
		mar.Bytes(ManifestName, 0o644, pack("type \"complete\"\nadd \"x\"\nadd \"precomplete\"\n")),
		mar.Bytes("x", 0o644, pack(code)), mar.Bytes("precomplete", 0o644, pack(precomplete)),
	}}))
	if findings := Check(bytes.NewReader(buf.Bytes()), int64(buf.Len())); MustNotShip(findings) {
		t.Errorf("found %v", findings)
	}
	d := putBytes(t, b, buf.Bytes())
	tree, info, err := b.Unpack(t.Context(), d)
	check(t, err)
	if want := putTree(t, b, file{"x", 0, code}, file{"precomplete", 0, precomplete}); tree.Digest() != want || info.BCJ != "arm" {
		t.Errorf("got %+v, %+v", tree, info)
	}
	_, err = b.Partial(t.Context(), PartialJob{From: Source{MAR: d}, To: Source{MAR: d}})
	check(t, err)
}
