package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// maxConfig bounds slipway.yaml. Firefox's whole release configuration of 2012
// had 20 kB.
const maxConfig = 1 << 20

// Problem is one thing that is wrong with a file, with the place and the line.
type Problem struct {
	File      string `json:"file"`
	Line, Col int    `json:"-"`
	Text      string `json:"text"`
	Source    string `json:"-"` // the offending line
}

// maxShown is the longest line, in bytes, that is shown with the caret: more wraps
// around, and it would point nowhere.
const maxShown = 400

// String is the form that editors jump to, then the line and a caret.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Text)
	if p.Source == "" || len(p.Source) > maxShown {
		return s
	}
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, string([]rune(p.Source)[:min(p.Col-1, len([]rune(p.Source)))]))
	return s + "\n    " + p.Source + "\n    " + pad + "^"
}

// Problems are all that is wrong with a file, in its order.
type Problems []Problem

func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// File is a loaded slipway.yaml.
type File struct {
	Path   string // as it was given
	Root   string // absolute directory that relative paths start from
	Config Config // with defaults filled in
	origin origins
}

// Load reads and checks a slipway.yaml. The error is [Problems] when the file
// could be read: all of them, not the first.
func Load(path string) (*File, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		// A link could lead to another file tomorrow, and the directory that
		// relative paths start from would be in doubt.
		return nil, fmt.Errorf("%s: not a regular file; name the file itself", path)
	}
	if st.Size() > maxConfig {
		return nil, fmt.Errorf("%s: %d bytes, more than %d", path, st.Size(), maxConfig)
	}
	if st.Mode().Perm()&0o002 != 0 {
		return nil, fmt.Errorf("%s: mode %04o: anyone may change it; run chmod o-w", path, st.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f.Root = filepath.Dir(abs)
	f.Config.holdSecrets()
	return f, nil
}

// Parse checks the text of a slipway.yaml; name is used in messages only.
func Parse(name string, text []byte) (*File, error) {
	if len(text) > maxConfig {
		return nil, fmt.Errorf("%s: %d bytes, more than %d", name, len(text), maxConfig)
	}
	r := newReader(name, text)
	doc := r.parse()
	if doc == nil {
		return nil, r.done()
	}
	schema := Schema()
	value := r.value(doc, schema, schema, "")
	if err := r.done(); err != nil {
		return nil, err
	}
	f := &File{Path: name, origin: r.origin}
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f.Config); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f.Config.fill()
	f.Config.check(func(path, format string, args ...any) { r.complain(path, format, args...) })
	return f, r.done()
}

// done gives the problems found so far, in the order of the file.
func (r *reader) done() error {
	if len(r.problems) == 0 {
		return nil
	}
	sort.SliceStable(r.problems, func(i, j int) bool {
		a, b := r.problems[i], r.problems[j]
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
	return r.problems
}
