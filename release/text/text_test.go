package text

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
)

func TestSanitizeShowsWhatCouldAct(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"plain 日本語 العربية é", "plain 日本語 العربية é"},
		{"\x1b]0;x\a", `\x1b]0;x\x07`},
		{"a\u009b31m", `a\u009b31m`},
		{"a\rb\bc", `a\x0db\x08c`},
		{"\u202eevil", `\u202eevil`},
		{"zero\u200bwidth", `zero\u200bwidth`},
		{"tag\U000e0041", `tag\U000e0041`},
		{"bad\xff", `bad\xff`},
		{"two\nlines", `two\x0alines`},
		{"filler\u3164", `filler\u3164`},
	} {
		if got := Sanitize(tc.in); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.in, got, tc.want)
		}
	}
	if got, want := SanitizeLines("a\r\nb\tc\rd"), "a\nb\tc\\x0dd"; got != want {
		t.Errorf("lines: got %q, want %q", got, want)
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m \u202e \xff \u3164")
	f.Fuzz(func(t *testing.T, s string) {
		got := Sanitize(s)
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if again := Sanitize(got); again != got {
			t.Fatalf("twice: %q, once: %q", again, got)
		}
	})
}

func TestSecretsNeverPassTheWriter(t *testing.T) {
	var s Secrets
	s.Add("hunter22")
	s.Add("hunter22-longer")
	s.Add("no") // too short to look for
	var b bytes.Buffer
	w := s.Writer(&b)
	for _, part := range []string{"pass hun", "ter22 and hunter22-longer\nno", strings.Repeat("x", maxLine-4), "hunter22"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if strings.Contains(got, "hunter") || !strings.HasPrefix(got, "pass [secret] and [secret]\nno") || !strings.HasSuffix(got, "x[secret]\n") {
		t.Errorf("got %.60q … %q", got, got[len(got)-20:])
	}
}
