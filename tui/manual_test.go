package tui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/console.md shows is what the console draws: the key table and the
// frames between its marks are put there by UPDATE=1.
func TestManual(t *testing.T) {
	const path = "../docs/console.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`(?s)<!-- (keys|frame [^ ]+) -->\n.*?<!-- end -->`)
	want := mark.ReplaceAllStringFunc(string(text), func(block string) string {
		head, _, _ := strings.Cut(block, "\n")
		inside := standardKeys.Markdown()
		if name, ok := strings.CutPrefix(mark.FindStringSubmatch(block)[1], "frame "); ok {
			frame, err := os.ReadFile(filepath.Join("testdata", "mono", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			inside = "```text\n" + string(frame) + "```\n"
		}
		return head + "\n" + inside + "<!-- end -->"
	})
	if want == string(text) {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("%s is behind the console; UPDATE=1 mends it", path)
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
