package updates

import (
	"strings"
	"testing"

	"slipway/updates/mar"
)

// Row PAT-3 of the bad-input matrix, and every other way a line can be wrong,
// with what the updater would do.
func TestManifestRefuses(t *testing.T) {
	tests := []struct {
		line string
		code int
		say  string
	}{
		{`add "../x"`, mar.ParseError, `path "../x" holds ".."`},
		{`add "a/../b"`, mar.ParseError, `holds ".."`},
		{`add "a..b"`, mar.ParseError, `holds ".."`},
		{`add "/etc/passwd"`, mar.ParseError, "is absolute"},
		{`rmdir "/"`, mar.ParseError, "is absolute"},
		{`rmrfdir "/"`, mar.ParseError, "is absolute"},
		{`rmrfdir "d"`, mar.ParseError, "does not end with a slash"},
		{`rmdir ""`, mar.ParseError, "does not end with a slash"},
		{`add ""`, mar.ParseError, "empty path"},
		{`add "C:\x"`, mar.ParseError, "on Windows"},
		{`add "a\..\b"`, mar.ParseError, `holds ".."`},
		{`add "a\b"`, mar.ParseError, "on Windows"},
		{`add "C:x"`, mar.ParseError, "on Windows"},
		{`add "a//b"`, mar.Accepts, `shortest form "a/b"`},
		{`add "./a"`, mar.Accepts, `shortest form "a"`},
		{`add "d/"`, mar.Accepts, `shortest form "d"`},
		{`rmdir "./"`, mar.Accepts, `path "./" is the whole installation; want a directory in it`},
		{`remove "."`, mar.NotAFile, `path "." is the whole installation; want a file in it`},
		{`frob "x"`, mar.ParseError, `unknown instruction "frob"`},
		{`remove-cc "x"`, mar.ParseError, "unknown instruction"},
		{`add`, mar.ParseError, "add has 0 arguments, want 1"},
		{`patch "p"`, mar.ParseError, "patch has 1 arguments, want 2"},
		{`add-if-not "t"`, mar.ParseError, "add-if-not has 1 arguments, want 2"},
		{`patch-if "t" "p"`, mar.ParseError, "want 3"},
		{`add "a" "b"`, mar.Accepts, "add has 2 arguments, want 1"},
		{`add a`, mar.Accepts, "has no quotes"},
		{`add "a`, mar.Accepts, "is not closed"},
		{`add "a"b"`, mar.Accepts, `argument "b\"" has no quotes`},
		{"add \"a\"\r", mar.Accepts, `control character '\r'`},
		{"add \"a\rremove \"b\"", mar.Accepts, `control character '\r'`},
		{"add \"a\x00b\"", mar.Accepts, "control character"},
		{"add \"a\xffb\"", mar.Accepts, "is not UTF-8"},
		{`type "partial"`, mar.ParseError, "after the first instruction"},
	}
	for _, tt := range tests {
		_, err := ParseManifest([]byte("type \"partial\"\n" + tt.line + "\n"))
		if err == nil {
			t.Errorf("%q: accepted", tt.line)
			continue
		}
		if code, ok := CodeOf(err); !ok || code != tt.code {
			t.Errorf("%q: code %d, want %d: %v", tt.line, code, tt.code, err)
		}
		if !strings.Contains(err.Error(), tt.say) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: error %q, want line 2 and %q", tt.line, err, tt.say)
		}
	}
}

func TestManifestFirstLine(t *testing.T) {
	for text, code := range map[string]int{
		"":                              mar.NoActions,
		"# nothing\n\n":                 mar.NoActions,
		"add \"a\"\n":                   mar.Accepts,
		"add \"a\"\ntype \"partial\"\n": mar.ParseError,
		"frob \"a\"\nadd \"a\"\n":       mar.ParseError,
		"type \"whole\"\n":              mar.ParseError,
		"type \"partial\" \"x\"":        mar.ParseError,
		"type":                          mar.ParseError,
	} {
		_, err := ParseManifest([]byte(text))
		if got, ok := CodeOf(err); !ok || got != code {
			t.Errorf("%q: %v, want code %d", text, err, code)
		}
	}
	_, err := ParseManifest([]byte("frob \"a\"\nadd \"a\"\nadd \"b\"\nadd \"c..d\"\n"))
	if want := "updatev3.manifest: line 1: unknown instruction \"frob\" (updater error 5 (manifest does not parse))\n" +
		"line 4: add: path \"c..d\" holds \"..\" (updater error 5 (manifest does not parse))"; err == nil || err.Error() != want {
		t.Errorf("each bad line once: got %v, want %s", err, want)
	}
	if _, err := ParseManifest(make([]byte, maxManifest+1)); err == nil {
		t.Error("manifest beyond the limit accepted")
	}
}

func TestManifestReadsComments(t *testing.T) {
	m, err := ParseManifest([]byte("# made by hand\n\ntype \"partial\"\nadd-if \"a b\" \t\"a b/c\"\nrmrfdir \"d/\""))
	if err != nil {
		t.Fatal(err)
	}
	want := "type \"partial\"\nadd-if \"a b\" \"a b/c\"\nrmrfdir \"d/\"\n"
	if got := string(m.Bytes()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("type \"complete\"\nadd \"a\"\nadd-if \"t\" \"b\"\nremove \"c\"\nrmrfdir \"d/\"\n"))
	f.Add([]byte("type \"partial\"\npatch-if \"t\" \"p.patch\" \"p\"\nrmdir \"x y/\"\n# end"))
	f.Add([]byte("type \"partial\"\r\nadd \"..\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		again, err := ParseManifest(m.Bytes())
		if err != nil {
			t.Fatalf("%q does not parse again: %v", m.Bytes(), err)
		}
		if string(again.Bytes()) != string(m.Bytes()) {
			t.Fatalf("%q becomes %q", m.Bytes(), again.Bytes())
		}
		for _, in := range m.Lines {
			if strings.Contains(in.Path, "..") || strings.HasPrefix(in.Path, "/") {
				t.Fatalf("path %q got through", in.Path)
			}
		}
	})
}

func FuzzPrecomplete(f *testing.F) {
	f.Add([]byte("remove \"a\"\nremove-cc \"b\"\nrmdir \"d/\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := ParsePrecomplete(b)
		for _, in := range lines {
			if err == nil && in.Verb != Remove && in.Verb != Rmdir {
				t.Fatalf("%v got through", in)
			}
		}
	})
}

func FuzzRemovedFiles(f *testing.F) {
	f.Add([]byte("gone/\nold-file\nolddir/*\n# note\n\n dir with space/ \r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := ParseRemovedFiles(b)
		if err != nil || len(lines) == 0 {
			return
		}
		m := Manifest{Type: TypePartial, Lines: lines}
		if _, err := ParseManifest(m.Bytes()); err != nil {
			t.Fatalf("%q gives a manifest that does not parse: %v", b, err)
		}
	})
}

// A few kB of xz hold millions of lines: the count is bounded, not their bytes alone.
func TestInstructionsAreCounted(t *testing.T) {
	for name, parse := range map[string]func(lines string) error{
		"manifest": func(lines string) error { _, err := ParseManifest([]byte("type \"partial\"\n" + lines)); return err },
		"precomplete": func(lines string) error {
			_, err := ParsePrecomplete([]byte("remove \"x\"\n" + lines))
			return err
		},
	} {
		fits := "# no instruction\n\n" + strings.Repeat("remove \"a\"\n", maxLines-1)
		if err := parse(fits); err != nil {
			t.Errorf("%s: %d instructions: %v", name, maxLines, err)
		}
		if err := parse(fits + "remove \"a\"\n"); err == nil || !strings.Contains(err.Error(), "one instruction more than the 600000 that are read") {
			t.Errorf("%s: one more: error %v", name, err)
		}
	}
}
