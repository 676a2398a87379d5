package release

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/invopop/jsonschema"
	"go.yaml.in/yaml/v4"

	"slipway/release/text"
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

// patterns are the schema's, as people read them.
var patterns = map[string]string{
	`^[a-z][a-z0-9-]*$`:     "lower-case letters, digits and dashes, a letter first",
	`^[A-Z][A-Z0-9_]*$`:     "capitals, digits and underscores, a capital first",
	`^[0-9A-Fa-f ]{40,60}$`: "a whole fingerprint, 40 hex digits",
	`^[0-9a-f]{64}$`:        "64 lower-case hex digits",
}

// bounds checks what the schema says beyond the type.
func (r *reader) bounds(n *yaml.Node, v any, s *jsonschema.Schema, path string) {
	said := fmt.Sprint(v)
	if len(s.Enum) > 0 {
		var names []string
		for _, e := range s.Enum {
			if e == said {
				return
			}
			names = append(names, fmt.Sprint(e))
		}
		r.at(n.Line, n.Column, "%s is %q; want one of %s%s", path, said, strings.Join(names, ", "), suggest(said, names))
	}
	if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(said) {
		r.at(n.Line, n.Column, "%s is %q; want %s", path, said, patterns[s.Pattern])
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
	return text.Nearest(name, keys)
}

func suggest(name string, known []string) string {
	if c := text.Nearest(name, known); c != "" {
		return fmt.Sprintf(" (did you mean %q?)", c)
	}
	return ""
}
