package release

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxDepth of nested lists and mappings; slipway.yaml itself uses five.
const maxDepth = 16

// place is where a value stands in its file.
type place struct{ line, col int }

// origins maps "platforms.linux64.root" to the place of the value.
type origins map[string]place

// reader turns YAML into plain values while collecting problems. The language
// is a small part of YAML: mappings, lists and scalars. Anchors, aliases, tags
// and merge keys are refused, for a reader of the file should see the value
// where it is used, and a bomb needs them.
type reader struct {
	name     string
	text     []byte
	lines    []string
	origin   origins
	problems Problems
}

func newReader(name string, text []byte) *reader {
	return &reader{name: name, text: text, lines: strings.Split(string(text), "\n"), origin: origins{}}
}

func (r *reader) at(line, col int, format string, args ...any) {
	p := Problem{File: r.name, Line: line, Col: max(col, 1), Text: fmt.Sprintf(format, args...)}
	if line >= 1 && line <= len(r.lines) {
		p.Source = strings.TrimRight(r.lines[line-1], "\r")
	}
	r.problems = append(r.problems, p)
}

// complain reports a problem of meaning at the value's place, or at the
// nearest enclosing value that the file has.
func (r *reader) complain(path, format string, args ...any) {
	for p := path; ; {
		if at, ok := r.origin[p]; ok {
			r.at(at.line, at.col, path+": "+format, args...)
			if maySecret(path) {
				r.problems[len(r.problems)-1].Source = ""
			}
			return
		}
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			break
		}
		p = p[:i]
	}
	r.at(1, 1, path+": "+format, args...)
}

// maySecret tells whether somebody may have written a secret at a place: a
// password, or a URL with a token in it.
func maySecret(path string) bool {
	return strings.HasPrefix(path, "signing.") || strings.HasPrefix(path, "repositories.") ||
		strings.HasSuffix(path, ".password") || strings.HasSuffix(path, ".import.from")
}

// parse gives the root mapping, or nil after reporting why there is none.
func (r *reader) parse() *yaml.Node {
	if bytes.HasPrefix(r.text, []byte("\xef\xbb\xbf")) {
		r.at(1, 1, "the file begins with a byte order mark; save it as UTF-8 without one")
		return nil
	}
	if !r.plainText() {
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(r.text, &doc); err != nil {
		r.syntax(err)
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		r.at(1, 1, "want a mapping that begins with product:")
		return nil
	}
	return doc.Content[0]
}

// plainText finds what YAML would report badly or not at all.
func (r *reader) plainText() bool {
	for i, l := range r.lines {
		if !utf8.ValidString(l) {
			r.at(i+1, 1, "not UTF-8")
		}
		indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
		if t := strings.IndexByte(indent, '\t'); t >= 0 && strings.TrimSpace(l) != "" {
			r.at(i+1, t+1, "a tab; YAML is indented with spaces")
		}
		if c := strings.IndexFunc(l, func(c rune) bool { return c < 0x20 && c != '\t' && c != '\r' || c == 0x7f }); c >= 0 {
			r.at(i+1, c+1, "control character %q", l[c])
		}
	}
	return len(r.problems) == 0
}

// syntax turns the parser's error into ours: place first, no module name.
func (r *reader) syntax(err error) {
	var list *yaml.LoadErrors
	if errors.As(err, &list) && len(list.Errors) > 0 {
		for _, e := range list.Errors {
			r.at(e.Mark.Line, e.Mark.Column, "%s", e.Message)
		}
		return
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		r.at(one.Mark.Line, one.Mark.Column, "%s", one.Message)
		return
	}
	r.at(1, 1, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
}

// scalar reads a scalar as the type that the schema wants. Text stays as it
// was written: 150.0 is not 150, and no is not false.
func (r *reader) scalar(n *yaml.Node, want, path string) any {
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if !quoted && (n.Value == "" || n.Value == "~" || n.Value == "null") {
		r.at(n.Line, n.Column, "%s has no value; want %s", path, withArticle(want))
		return nil
	}
	switch want {
	case "string":
		return n.Value
	case "integer":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if quoted || err != nil || i > math.MaxInt32 || i < math.MinInt32 {
			r.at(n.Line, n.Column, "%s is %q; want a whole number", path, n.Value)
		}
		return i
	case "boolean":
		if quoted || n.Value != "true" && n.Value != "false" {
			r.at(n.Line, n.Column, "%s is %q; want true or false", path, n.Value)
		}
		return n.Value == "true"
	}
	r.at(n.Line, n.Column, "%s is %q; want %s", path, n.Value, withArticle(want))
	return nil
}

func withArticle(kind string) string {
	switch kind {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	}
	return "text"
}
