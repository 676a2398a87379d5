package aus

import (
	"reflect"
	"strings"
	"testing"
)

func TestSnippets(t *testing.T) {
	u := sampleUpdate()
	u.DisplayVersion = "12.0.1 Lynx"
	hash := u.Patches[0].HashValue
	got, err := u.Snippet(2, partial)
	if err != nil {
		t.Fatal(err)
	}
	want := "version=2\ntype=partial\nurl=https://dl.example/?product=lynx-12.0.1-partial-12.0&os=linux64\nhashFunction=SHA512\nhashValue=" + hash +
		"\nsize=4120033\nbuild=20260301101500\ndisplayVersion=12.0.1 Lynx\nappVersion=12.0.1\nplatformVersion=12.0.1\ndetailsUrl=https://notes.example/?a=1&b=2\n" +
		"updateType=major\nactions=showURL silent\npromptWaitTime=43200\n"
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if _, err := u.Snippet(1, complete); err == nil || !strings.Contains(err.Error(), "schema 1 cannot say") {
		t.Errorf("schema 1: got error %v", err)
	}
	u.Type, u.Optional = minor, nil
	got, err = u.Snippet(1, complete)
	if err != nil {
		t.Fatal(err)
	}
	want = "version=1\ntype=complete\nurl=https://dl.example/?product=lynx-12.0.1-complete&os=linux64\nhashFunction=SHA512\nhashValue=" + hash +
		"\nsize=51200344\nbuild=20260301101500\nappv=12.0.1 Lynx\nextv=12.0.1\ndetailsUrl=https://notes.example/?a=1&b=2\n"
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	back, err := ParseSnippet(got)
	if err != nil {
		t.Fatal(err)
	}
	u.Patches = u.Patches[:1]
	u.Patches[0].HashFunction = "SHA512"
	if !reflect.DeepEqual(back, *u) {
		t.Errorf("read back as %+v, want %+v", back, *u)
	}
}

func TestHostileSnippet(t *testing.T) {
	b, err := sampleUpdate().Snippet(2, complete)
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	if _, err := ParseSnippet(b); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "does not end in a line feed"},
		{"cut off", good[:len(good)-1], "does not end in a line feed"},
		{"key twice", good + "size=1\n", "each key once"},
		{"no key", good + "text\n", "want key=value"},
		{"unknown key", good + "evil=1\n", `is not in the form of schema 2: line 15: got "evil=1", want ""`},
		{"other order", strings.Replace(good, "version=2\ntype=complete", "type=complete\nversion=2", 1), "is not in the form"},
		{"other schema", strings.Replace(good, "version=2", "version=3", 1), "is not in the form"},
		{"CR", strings.ReplaceAll(good, "\n", "\r\n"), "want a number"},
		{"size", strings.Replace(good, "size=51200344", "size=+51200344", 1), `line 6: got "size=+51200344", want "size=51200344"`},
		{"type", strings.Replace(good, "type=complete", "type=full", 1), "want complete or partial"},
		{"large", strings.Repeat("x", maxSnippet+1), "at most 65536 allowed"},
	} {
		if _, err := ParseSnippet([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
	u := sampleUpdate()
	u.DetailsURL = "https://x.example/\nurl=https://evil.example/"
	if _, err := u.Snippet(2, complete); err == nil || !strings.Contains(err.Error(), "would begin a line of its own") {
		t.Errorf("line feed in a value: got error %v", err)
	}
}

func FuzzParseSnippet(f *testing.F) {
	for _, kind := range []string{complete, partial} {
		b, err := sampleUpdate().Snippet(2, kind)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if u, err := ParseSnippet(b); err == nil && len(u.Patches) != 1 {
			t.Fatalf("read as %+v", u)
		}
	})
}
