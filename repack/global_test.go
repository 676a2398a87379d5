package repack

import (
	"archive/tar"
	"strings"
	"testing"
)

func global(records ...string) tar.Header {
	h := tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{}}
	for i := 0; i < len(records); i += 2 {
		h.PAXRecords[records[i]] = records[i+1]
	}
	return h
}

// GNU tar takes a global path for the name of each entry behind it, Go does not:
// such an archive is two.
func TestGlobalHeaders(t *testing.T) {
	s := openStore(t)
	commit := global("comment", strings.Repeat("5b", 20))
	many := make([]tar.Header, 20)
	for i := range many {
		many[i] = commit
	}
	for name, c := range map[string]struct {
		headers []tar.Header
		want    string
	}{
		"git archive's":  {[]tar.Header{commit, reg("a")}, ""},
		"a path":         {[]tar.Header{global("path", "evil.sh"), reg("a")}, `global header sets "path"`},
		"behind comment": {[]tar.Header{reg("a"), global("comment", "x", "linkpath", "/etc"), reg("b")}, `entry 2 "pax_global_header": global header sets "linkpath"`},
		"a size":         {[]tar.Header{global("size", "0"), reg("a")}, `sets "size"`},
		"our own word":   {[]tar.Header{global("SKIFF.word", "x"), reg("a")}, `sets "SKIFF.word"`},
		"too many":       {append(many, reg("a")), "more than 10 entries"},
	} {
		tree, err := unpackBytes(t, s, tarOf(t, c.headers...), Tar, Limits{Entries: 10})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if c.want == "" && len(tree.Entries) != 1 {
			t.Errorf("%s: %d entries", name, len(tree.Entries))
		}
	}
}
