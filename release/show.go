package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Setting is one value of a configuration and where it comes from.
type Setting struct {
	Path   string `json:"path"`   // platforms.linux64.root
	Value  string `json:"value"`  // as JSON
	Origin string `json:"origin"` // FILE:LINE:COLUMN or default
}

// Settings lists every value that is in force, by path.
func (f *File) Settings() ([]Setting, error) {
	text, err := json.Marshal(f.Config)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return f.settings(nil, "", v), nil
}

func (f *File) settings(list []Setting, path string, v any) []Setting {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			list = f.settings(list, join(path, k), v[k])
		}
		return list
	case []any:
		for i, e := range v {
			list = f.settings(list, fmt.Sprintf("%s.%d", path, i), e)
		}
		return list
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // it came from JSON
	}
	return append(list, Setting{path, strings.TrimSpace(text.String()), f.originOf(path)})
}

// originOf is the place of a value in the file. Only a whole value can be a
// default, so an enclosing one does not count.
func (f *File) originOf(path string) string {
	if at, ok := f.origin[path]; ok {
		return fmt.Sprintf("%s:%d:%d", f.Path, at.line, at.col)
	}
	return "default"
}

// Lines writes the settings for people and grep, one to a line.
func (f *File) Lines(origin bool) ([]byte, error) {
	list, err := f.Settings()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s = %s", s.Path, s.Value)
		if origin {
			fmt.Fprintf(&b, "   # %s", s.Origin)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String()), nil
}
