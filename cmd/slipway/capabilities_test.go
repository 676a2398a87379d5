package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCapabilities: what docs/capabilities.md calls to witness is there: verbs with
// their flags, tests, scripts.
func TestCapabilities(t *testing.T) {
	page, err := os.ReadFile("../../docs/capabilities.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(page), -1) {
		said := strings.ReplaceAll(m[1], `\|`, "|")
		words := strings.Fields(said)
		switch {
		case strings.HasPrefix(said, "Test"):
			if !strings.Contains(tests.String(), "func "+said+"(t ") {
				t.Errorf("there is no test %s", said)
			}
		case strings.HasSuffix(said, ".txtar"):
			if _, err := os.Stat(filepath.Join("testdata/script", said)); err != nil {
				t.Error(err)
			}
		case words[0] == "slipway":
			root := (&app{}).root()
			found, rest, err := root.Find(words[1:])
			if err != nil || found == root {
				t.Errorf("there is no verb %q", said)
				continue
			}
			for _, flag := range rest {
				if name, ok := strings.CutPrefix(flag, "--"); !ok || found.Flag(name) == nil {
					t.Errorf("%q: %s has no %s", said, found.CommandPath(), flag)
				}
			}
		default:
			continue
		}
		seen++
	}
	if seen < 80 {
		t.Errorf("%d witnesses were read, want about a hundred", seen)
	}
}
