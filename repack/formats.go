package repack

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A translated file is a list of entities in a text. Merging takes the en-US
// text as it stands and puts the locale's entity in the place of each en-US
// one; what the locale lacks stays English, and what only the locale has is
// left out, for nothing asks for it. Comments and order are en-US's, so the
// result does not depend on how a translator's tool sorts.

const (
	maxStrings  = 8 << 20 // bytes of one file of strings; Firefox's largest has 200 kB
	maxEntities = 100_000
)

// table is a parsed file of strings.
type table struct {
	text     string
	entities []entity
}

// entity is one string: text[from:to] is all of it, key and value.
type entity struct {
	key      string
	from, to int
	line     int
	parts    string // what it has besides its key, as in "value .title"; must not shrink
}

// parsers by [LocaleRule.Format].
var parsers = map[string]func(text string) ([]entity, error){
	"properties": parseProperties,
	"ini":        parseIni,
	"dtd":        parseDTD,
	"ftl":        parseFluent,
}

// parseStrings reads a file of strings. name is for errors, which begin with
// name:line.
func parseStrings(name, format string, b []byte) (*table, error) {
	text, err := cleanText(name, b)
	if err != nil {
		return nil, err
	}
	list, err := parsers[format](text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	first := map[string]int{}
	for _, e := range list {
		if line, dup := first[e.key]; dup {
			return nil, fmt.Errorf("%s:%d: %q is already on line %d", name, e.line, e.key, line)
		}
		first[e.key] = e.line
	}
	return &table{text, list}, nil
}

// cleanText makes what editors leave alike: no byte order mark, no CR.
func cleanText(name string, b []byte) (string, error) {
	if len(b) > maxStrings {
		return "", fmt.Errorf("%s: %d bytes, limit %d", name, len(b), maxStrings)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 || r == 0 {
			return "", fmt.Errorf("%s:%d: byte %#02x is not UTF-8 text", name, lineOf(text, i), text[i])
		}
		i += n
	}
	return text, nil
}

func lineOf(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// lines is lineOf for places in their order: counting from the start each time,
// a file of 3 MB took minutes.
type lines struct {
	text   string
	at, no int // newlines before at
}

func (l *lines) of(at int) int {
	l.no += strings.Count(l.text[l.at:at], "\n")
	l.at = at
	return 1 + l.no
}

func tooMany(line int) error {
	return fmt.Errorf("%d: more strings than the limit %d", line, maxEntities)
}

// merge puts the locale's entities into the en-US text.
func merge(base, loc *table) (out []byte, missing, obsolete []string) {
	have := map[string]entity{}
	for _, e := range loc.entities {
		have[e.key] = e
	}
	var b bytes.Buffer
	at := 0
	for _, e := range base.entities {
		b.WriteString(base.text[at:e.from])
		l, ok := have[e.key]
		if delete(have, e.key); ok && covers(l.parts, e.parts) {
			b.WriteString(loc.text[l.from:l.to])
		} else {
			missing = append(missing, e.key)
			b.WriteString(base.text[e.from:e.to])
		}
		at = e.to
	}
	b.WriteString(base.text[at:])
	for _, e := range loc.entities {
		if _, left := have[e.key]; left {
			obsolete = append(obsolete, e.key)
		}
	}
	return b.Bytes(), missing, obsolete
}

// covers tells whether the locale's entity has every part of en-US's: a
// button without its label is worse than an English one.
func covers(have, want string) bool {
	set := " " + have + " "
	for _, p := range strings.Fields(want) {
		if !strings.Contains(set, " "+p+" ") {
			return false
		}
	}
	return true
}
