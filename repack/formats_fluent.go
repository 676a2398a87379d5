package repack

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	fluentID   = regexp.MustCompile(`^(-?[a-zA-Z][a-zA-Z0-9_-]*) *=`)
	fluentAttr = regexp.MustCompile(`^ +(\.[a-zA-Z][a-zA-Z0-9_-]*) *=`)
)

// maxAttributes of one message; Firefox has up to a dozen.
const maxAttributes = 1000

// parseFluent finds the messages and terms of a Fluent file. One begins with
// its identifier at the start of a line and goes on over lines that are
// indented or begin with a brace, as in projectfluent.org's grammar. What
// stands in a pattern is the product's to read; only placeables' braces are
// counted, so that a torn one is found here and not by a user.
func parseFluent(text string) (list []entity, err error) {
	var open *entity
	braces, attributes := 0, 0
	closeEntity := func() error {
		if open == nil {
			return nil
		}
		if open.parts = strings.TrimSpace(open.parts); open.parts == "" {
			return fmt.Errorf("%d: message %q has neither value nor attributes", open.line, open.key)
		}
		if braces != 0 {
			return fmt.Errorf("%d: braces of message %q do not match", open.line, open.key)
		}
		if len(list) == maxEntities {
			return tooMany(open.line)
		}
		list = append(list, *open)
		open = nil
		return nil
	}
	for at, line := 0, 1; at < len(text); line++ {
		end := endOfLine(text, at)
		body := text[at:end]
		m := fluentID.FindStringSubmatch(body)
		switch {
		case strings.TrimLeft(body, " ") == "":
		case body[0] == '#':
			err = closeEntity()
		case m != nil && braces == 0:
			if err = closeEntity(); err == nil {
				value := body[len(m[0]):]
				open, attributes = &entity{key: m[1], from: at, to: end, line: line}, 0
				if strings.TrimSpace(value) != "" {
					open.parts = "value"
				}
				braces = countBraces(value)
			}
		case open != nil && (strings.IndexByte(" {}", body[0]) >= 0 || braces > 0):
			open.to = end
			if a := fluentAttr.FindStringSubmatch(body); a != nil && braces == 0 {
				if attributes++; attributes > maxAttributes {
					return nil, fmt.Errorf("%d: message %q has more than %d attributes", line, open.key, maxAttributes)
				}
				open.parts += " " + a[1]
				body = body[len(a[0]):]
			} else if open.parts == "" {
				open.parts = "value"
			}
			braces += countBraces(body)
		default:
			err = fmt.Errorf("%d: %q: want a message, a term or a comment", line, cutShort(body))
		}
		if err == nil && braces < 0 {
			err = fmt.Errorf("%d: a closing brace without an opening one", line)
		}
		if err != nil {
			return nil, err
		}
		at = end + 1
	}
	return list, closeEntity()
}

// countBraces gives opened minus closed ones outside of string literals, which
// exist only inside placeables and end with their line.
func countBraces(s string) (n int) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && (quoted || n > 0):
			quoted = !quoted
		case quoted:
		case c == '{':
			n++
		case c == '}':
			n--
		}
	}
	return n
}
