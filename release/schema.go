package release

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/invopop/jsonschema"
	"go.yaml.in/yaml/v4"
)

// Schema is the JSON Schema of slipway.yaml.
func Schema() *jsonschema.Schema {
	r := jsonschema.Reflector{Anonymous: true, ExpandedStruct: true}
	s := r.Reflect(&Config{})
	s.Title = "slipway.yaml"
	return s
}

// SchemaJSON is the schema as editors read it.
func SchemaJSON() ([]byte, error) {
	b, err := json.MarshalIndent(Schema(), "", "  ")
	return append(b, '\n'), err
}

// value checks a node by its schema and returns it as plain JSON values.
func (r *reader) value(n *yaml.Node, s, root *jsonschema.Schema, path string) any {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		s = root.Definitions[name]
	}
	r.origin[path] = place{n.Line, n.Column}
	if strings.Count(path, ".") > maxDepth {
		r.at(n.Line, n.Column, "nested deeper than %d", maxDepth)
		return nil
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.at(n.Line, n.Column, "anchors and aliases are not supported; write the value out")
		return nil
	}
	if n.Style&yaml.TaggedStyle != 0 {
		r.at(n.Line, n.Column, "tag %s is not supported; write the value alone", n.Tag)
		return nil
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		v := r.scalar(n, s.Type, path)
		if v != nil {
			r.bounds(n, v, s, path)
		}
		return v
	case n.Kind == yaml.SequenceNode && s.Type == "array":
		list := make([]any, 0, len(n.Content))
		for i, c := range n.Content {
			list = append(list, r.value(c, s.Items, root, fmt.Sprintf("%s.%d", path, i)))
		}
		return list
	case n.Kind == yaml.MappingNode && s.Type == "object":
		return r.mapping(n, s, root, path)
	}
	got := "a list"
	if n.Kind == yaml.MappingNode {
		got = "a mapping"
	}
	r.at(n.Line, n.Column, "%s is %s; want %s", path, got, withArticle(s.Type))
	return nil
}

func (r *reader) mapping(n *yaml.Node, s, root *jsonschema.Schema, path string) any {
	m := map[string]any{}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Value == "<<" || k.Anchor != "" {
			r.at(k.Line, k.Column, "want a plain name as key; merge keys, anchors and aliases are not supported")
			continue
		}
		if line, twice := first[k.Value]; twice {
			r.at(k.Line, k.Column, "duplicate key %q; the first is in line %d", k.Value, line)
			continue
		}
		first[k.Value] = k.Line
		sub := s.AdditionalProperties
		var known []string
		if s.Properties != nil && s.Properties.Len() > 0 {
			sub, _ = s.Properties.Get(k.Value)
			for p := s.Properties.Oldest(); p != nil; p = p.Next() {
				known = append(known, p.Key)
			}
		}
		if sub == nil {
			r.at(k.Line, k.Column, "unknown field %q%s", k.Value, suggest(k.Value, known))
			continue
		}
		m[k.Value] = r.value(v, sub, root, join(path, k.Value))
	}
	for _, name := range s.Required {
		if _, ok := first[name]; !ok && first[nearest(name, first)] == 0 {
			r.at(n.Line, n.Column, "%s is missing", join(path, name))
		}
	}
	return m
}

// bounds checks what the schema says beyond the type.
func (r *reader) bounds(n *yaml.Node, v any, s *jsonschema.Schema, path string) {
	text := fmt.Sprint(v)
	if len(s.Enum) > 0 {
		var names []string
		for _, e := range s.Enum {
			if e == text {
				return
			}
			names = append(names, fmt.Sprint(e))
		}
		r.at(n.Line, n.Column, "%s is %q; want %s", path, text, strings.Join(names, ", "))
	}
	if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(text) {
		r.at(n.Line, n.Column, "%s is %q; want %s", path, text, s.Pattern)
	}
	i, isInt := v.(int64)
	lo, loErr := s.Minimum.Int64()
	hi, hiErr := s.Maximum.Int64()
	if isInt && (loErr == nil && i < lo || hiErr == nil && i > hi) {
		r.at(n.Line, n.Column, "%s is %d; want %d to %d", path, i, lo, hi)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// nearest is the key of m that is a likely misspelling of name, or "".
func nearest(name string, m map[string]int) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return closest(name, keys)
}

func suggest(name string, known []string) string {
	if c := closest(name, known); c != "" {
		return fmt.Sprintf(" (did you mean %q?)", c)
	}
	return ""
}

// closest is the known name within two edits, or a third of its length.
func closest(name string, known []string) string {
	sort.Strings(known)
	best, at := "", max(2, len(name)/3)+1
	for _, k := range known {
		if d := distance(name, k); d < at && d < len(k) {
			best, at = k, d
		}
	}
	return best
}

// distance counts insertions, deletions, replacements and swaps of neighbours
// (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
