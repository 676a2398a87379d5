package repack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/testdata/peer"
)

// tarOf writes headers as they are; files hold zeros.
func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 && h.Typeflag != tar.TypeXGlobalHeader {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			w.Write(make([]byte, h.Size))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reg(name string) tar.Header { return tar.Header{Name: name, Size: 1} }
func sym(name, target string) tar.Header {
	return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}
}

func hard(name, target string) tar.Header {
	return tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target}
}
func kind(name string, k byte) tar.Header  { return tar.Header{Typeflag: k, Name: name} }
func mode(name string, m int64) tar.Header { return tar.Header{Name: name, Mode: m} }

func unpackBytes(t testing.TB, s *cache.Store, b []byte, f Format, lim Limits) (cache.Tree, error) {
	t.Helper()
	blob, err := s.PutBytes(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return Unpack(context.Background(), s, blob.Digest, f, lim)
}

func TestHostileTars(t *testing.T) {
	s := openStore(t)
	for name, c := range map[string]struct {
		headers []tar.Header
		want    string
	}{
		"climbing":          {[]tar.Header{reg("a/../../x")}, `entry 1 "a/../../x": name climbs out`},
		"dotdot":            {[]tar.Header{reg("..")}, `climbs out`},
		"absolute":          {[]tar.Header{reg("/etc/passwd")}, `entry 1 "/etc/passwd": absolute name`},
		"drive":             {[]tar.Header{reg("C:/x")}, `drive letter`},
		"backslash":         {[]tar.Header{reg(`a\..\x`)}, `backslash`},
		"newline":           {[]tar.Header{reg("a\nb")}, `control character`},
		"not UTF-8":         {[]tar.Header{reg("a\xff")}, `not UTF-8`},
		"unclean":           {[]tar.Header{reg("a//b")}, `want "a/b"`},
		"long":              {[]tar.Header{reg(strings.Repeat("a/", 600) + "b")}, `limit 1024`},
		"long component":    {[]tar.Header{reg(strings.Repeat("a", 256))}, `limit 255`},
		"link out":          {[]tar.Header{sym("a/l", "../../x")}, `climbs out`},
		"link absolute":     {[]tar.Header{sym("l", "/etc")}, `absolute path`},
		"link by a link":    {[]tar.Header{sym("l", "."), sym("m", "l/../..")}, `goes down before ".."`},
		"link nowhere":      {[]tar.Header{reg("a"), sym("l", "a\x01")}, `control character`},
		"link drive":        {[]tar.Header{sym("l", "c:/x")}, `drive letter`},
		"file through link": {[]tar.Header{reg("d/a"), sym("l", "d"), reg("l/b")}, `entry 3 "l/b": goes through the symbolic link "l"`},
		"link over parent":  {[]tar.Header{reg("d/a"), sym("d", "e")}, `both a file and a directory`},
		"file over dir":     {[]tar.Header{kind("d/", tar.TypeDir), reg("d")}, `both a file and a directory`},
		"hard link outside": {[]tar.Header{hard("l", "../etc/passwd")}, `hard link to "../etc/passwd"`},
		"hard link forward": {[]tar.Header{hard("l", "a"), reg("a")}, `no file before it`},
		"hard link to link": {[]tar.Header{reg("a"), sym("s", "a"), hard("l", "s")}, `no file before it`},
		"device":            {[]tar.Header{kind("d", tar.TypeBlock)}, `only files, directories and links`},
		"character device":  {[]tar.Header{kind("d", tar.TypeChar)}, `only files`},
		"fifo":              {[]tar.Header{kind("d", tar.TypeFifo)}, `only files`},
		"setuid":            {[]tar.Header{mode("su", 0o4755)}, `entry 1 "su": mode 04755: set-user-ID`},
		"setgid":            {[]tar.Header{mode("su", 0o2755)}, `set-user-ID`},
		"twice":             {[]tar.Header{reg("a"), reg("./a")}, `"a" is there twice`},
		"case":              {[]tar.Header{reg("Dir/a"), reg("dir/b")}, `differs from "Dir" only in case`},
		"empty":             {nil, `no files`},
		"directories only":  {[]tar.Header{kind("d/", tar.TypeDir)}, `no files`},
		"capabilities": {[]tar.Header{{Name: "ping", PAXRecords: map[string]string{
			"SCHILY.xattr.security.capability": "x",
		}}}, `file capabilities`},
		"too many": {[]tar.Header{reg("a"), reg("b"), reg("c"), reg("d"), reg("e"), reg("f")}, `more than 5 entries`},
		"too big":  {[]tar.Header{{Name: "a", Size: 2001}}, `2001 bytes: limits are 2000 a file`},
		"too much": {[]tar.Header{{Name: "a", Size: 2000}, {Name: "b", Size: 2000}}, `3000 in all`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, s, tarOf(t, c.headers...), Tar, Limits{Entries: 5, File: 2000, Total: 3000})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestBombsAndTorn(t *testing.T) {
	s := openStore(t)
	big := tarOf(t, tar.Header{Name: "zeros", Size: 16 << 20})
	bad := append(tarOf(t, reg("a")), "second archive"...)
	small := gz(tarOf(t, reg("a")))
	for name, c := range map[string]struct {
		b    []byte
		f    Format
		want string
	}{
		"gzip bomb":        {gz(big), TarGz, "refused as a bomb"},
		"xz bomb":          {packXz(t, big), TarXz, ""},
		"data behind":      {bad, Tar, "data behind the end"},
		"torn gzip":        {small[:len(small)-9], TarGz, "EOF"},
		"gzip with a tail": {append(bytes.Clone(small), "tail"...), TarGz, ""},
		"not gzip":         {[]byte("no archive at all"), TarGz, "gzip"},
		"not bzip2":        {[]byte("no archive at all"), TarBz2, "bzip2"},
		"not xz":           {[]byte("no archive at all, of any kind"), TarXz, ""},
		"not tar":          {bytes.Repeat([]byte("x"), 1024), Tar, "header"},
		"not zip":          {[]byte("no archive at all, of any kind"), Zip, "no end record"},
		"nothing":          {nil, Zip, "no zip archive"},
		"unknown":          {nil, "rar", `archive format "rar"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, s, c.b, c.f, Limits{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// member is a zip file to be written as it is.
type member struct {
	name string
	mode uint32
	text string
	with func(*zip.FileHeader)
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate, CreatorVersion: creatorUnix << 8}
		if m.mode == 0 {
			m.mode = unixRegular | 0o644
		}
		h.ExternalAttrs = m.mode << 16
		if m.with != nil {
			m.with(h)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, m.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileZipEntries(t *testing.T) {
	s := openStore(t)
	for name, c := range map[string]struct {
		members []member
		want    string
	}{
		"climbing":  {[]member{{name: "../x"}}, `entry 1 "../x": name climbs out`},
		"absolute":  {[]member{{name: "/x"}}, `absolute`},
		"backslash": {[]member{{name: `a\b`}}, `backslash`},
		"drive":     {[]member{{name: "c:x"}}, `drive letter`},
		"twice":     {[]member{{name: "a"}, {name: "a"}}, `there twice`},
		"case":      {[]member{{name: "a"}, {name: "A"}}, `only in case`},
		"link out":  {[]member{{name: "l", mode: unixSymlink | 0o777, text: "../x"}}, `climbs out`},
		"setuid":    {[]member{{name: "su", mode: unixRegular | 0o4755}}, `mode 0104755`},
		"device":    {[]member{{name: "d", mode: 0o060644}}, `only files`},
		"two kinds": {[]member{{name: "d", mode: unixDir | 0o755}}, `two readings`},
		"kinds two": {[]member{{name: "d/", mode: unixRegular | 0o755}}, `two readings`},
		"too big":   {[]member{{name: "a", text: strings.Repeat("x", 2001)}}, `limits are 2000 a file`},
		"bomb":      {[]member{{name: "a", text: strings.Repeat("x", 3<<20)}}, `refused as a bomb`},
		"CP437": {
			[]member{{name: "gr\x81n", with: func(h *zip.FileHeader) { h.NonUTF8 = true }}},
			`not declared to be UTF-8`,
		},
		"second name": {[]member{{name: "a", with: func(h *zip.FileHeader) {
			h.Extra = []byte{0x75, 0x70, 1, 0, 0}
		}}}, `second name`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, s, zipOf(t, c.members...), Zip, Limits{File: 2000})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// Each case changes a good zip so that two programs would read it differently.
func TestZipsWithTwoReadings(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	blob, err := Pack(ctx, s, tree(t, s, map[string]string{"aa": "first", "bb": "second"}), Zip, when)
	if err != nil {
		t.Fatal(err)
	}
	good, err := s.Bytes(ctx, blob.Digest, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	local := bytes.LastIndex(good, []byte(sigLocal))
	central := bytes.Index(good, []byte(sigCentral))
	end := len(good) - lenEnd
	set := func(at int, v ...byte) func([]byte) []byte {
		return func(b []byte) []byte { copy(b[at:], v); return b }
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"appended":          {func(b []byte) []byte { return append(b, "tail"...) }, "no end record"},
		"comment":           {func(b []byte) []byte { b[end+20] = 4; return append(b, "tail"...) }, "no end record"},
		"comment length":    {set(end+20, 1), "comments"},
		"prefix":            {func(b []byte) []byte { return append([]byte("#!/bin/sh\n"), b...) }, "data before or inside"},
		"second directory":  {func(b []byte) []byte { return append(bytes.Clone(b), b...) }, "data before or inside"},
		"volumes":           {set(end+4, 1), "several volumes"},
		"counts differ":     {set(end+8, 1), "several volumes"},
		"fewer entries":     {set(end+8, 1, 0, 1), "belong to no entry"},
		"more entries":      {set(end+8, 3, 0, 3), "entry 3"},
		"zip64 count":       {set(end+8, 0xff, 0xff, 0xff, 0xff), "zip64"},
		"directory moved":   {set(end+16, 0), "does not reach the end record"},
		"local name":        {set(local+lenLocal, 'x'), `two readings: the file's own header says "xb"`},
		"local method":      {set(local+8, 0), "two readings"},
		"local flags":       {set(local+6, flagDescriptor), "two readings"},
		"local size":        {set(local+22, 99), "two readings"},
		"local crc":         {set(local+14, 99), "two readings"},
		"local signature":   {set(local, 'X'), "no header at"},
		"entry moved":       {set(central+42, 9), "overlap, have gaps"},
		"encrypted":         {set(central+8, flagEncrypted), "encrypted"},
		"method":            {set(central+10, 14), "method 14"},
		"central extra":     {set(central+30, 0xff, 0xff), "past the directory"},
		"contents":          {set(local+lenLocal+2+3, 0xff), "entry 2"},
		"central signature": {set(central, 'X'), "entry 1: no directory header"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, s, c.change(bytes.Clone(good)), Zip, Limits{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// The zip program writes in a stream, with a record behind each file.
func TestZipsOfOthersAreRead(t *testing.T) {
	s := openStore(t)
	b := zipOf(t, member{name: "d/", mode: unixDir | 0o755}, member{name: "d/a", text: "text"},
		member{name: "l", mode: unixSymlink | 0o777, text: "d/a"})
	got, err := unpackBytes(t, s, b, Zip, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := Diff(tree(t, s, map[string]string{"d/a": "text", "l": "->d/a"}), got); d != nil {
		t.Errorf("differences: %v", d)
	}
	prog := peer.Path(t, "zip")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "skiff.txt"), []byte(strings.Repeat("line\n", 99)), 0o640); err != nil {
		t.Fatal(err)
	}
	for name, flags := range map[string]string{"plain.zip": "-q", "zip64.zip": "-qfz"} {
		run(t, dir, prog, flags, name, "skiff.txt")
		zipped, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err = unpackBytes(t, s, zipped, Zip, Limits{})
		if err != nil || len(got.Entries) != 1 || got.Entries[0].Mode != 0o640 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestTarsOfOthersAreRead(t *testing.T) {
	s := openStore(t)
	prog := peer.Path(t, "tar")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "skiff/empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for p, text := range map[string]string{"skiff/skiff": "#!run", "skiff/" + strings.Repeat("long", 40): "x"} {
		if err := os.WriteFile(filepath.Join(dir, p), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(dir, "skiff/skiff"), filepath.Join(dir, "skiff/skiff-bin")); err != nil {
		t.Fatal(err)
	}
	for flag, f := range map[string]Format{"-cf": Tar, "-czf": TarGz, "-cjf": TarBz2, "-cJf": TarXz} {
		for _, kind := range []string{"gnu", "pax"} {
			run(t, dir, prog, "--format="+kind, flag, "a", "./skiff")
			b, err := os.ReadFile(filepath.Join(dir, "a"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := unpackBytes(t, s, b, f, Limits{})
			if err != nil || len(got.Entries) != 3 || len(got.Dirs) != 1 {
				t.Errorf("%s %s: got %+v, %v", kind, f, got, err)
			}
		}
	}
}
