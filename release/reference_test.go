package release

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

// TestConfigReference: the table of fields in docs/file-formats.md is the
// schema by which slipway.yaml is read. UPDATE=1 writes it anew.
func TestConfigReference(t *testing.T) {
	const page, begin, end = "../docs/file-formats.md", "| field | holds | |\n|---|---|---|\n", "\n\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	have, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s: no table of fields", page)
	}
	root := Schema()
	want := strings.Join(fields(root, root, ""), "\n")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want {
		t.Errorf("%s: the table of fields is not what slipway config schema says; UPDATE=1 go test ./release -run TestConfigReference", page)
	}
}

// fields are the rows of an object's members, each followed by its own. NAME
// stands for a name that the file chooses.
func fields(s, root *jsonschema.Schema, path string) []string {
	var rows []string
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		v, at := p.Value, path+p.Key
		v, holds := resolve(v, root)
		about := strings.ReplaceAll(p.Value.Description, "<", "&lt;")
		if len(v.Enum) > 0 {
			holds = strings.Trim(fmt.Sprint(v.Enum), "[]")
		}
		if slices.Contains(s.Required, p.Key) {
			about = "**required**; " + about
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", at, holds, strings.TrimSuffix(about, "; ")))
		if item, _ := resolve(v.Items, root); item != nil && item.Properties != nil {
			rows = append(rows, fields(item, root, at+"[].")...)
		}
		if member, _ := resolve(v.AdditionalProperties, root); member != nil && member.Properties != nil {
			rows = append(rows, fields(member, root, at+".NAME.")...)
		}
		if v.Properties != nil {
			rows = append(rows, fields(v, root, at+".")...)
		}
	}
	return rows
}

// resolve follows a reference, and says in a word what a value holds.
func resolve(s, root *jsonschema.Schema) (*jsonschema.Schema, string) {
	if s == nil {
		return nil, ""
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		s = root.Definitions[name]
	}
	holds := s.Type
	switch {
	case s.Type == "array":
		_, item := resolve(s.Items, root)
		holds = "list of " + item
	case s.Type == "object" && s.AdditionalProperties != nil && s.AdditionalProperties != jsonschema.FalseSchema && s.Properties.Len() == 0:
		_, member := resolve(s.AdditionalProperties, root)
		holds = "NAME: " + member
	}
	return s, holds
}
