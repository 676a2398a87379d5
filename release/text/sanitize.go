// Package text makes words from outside safe to show, and secrets unreadable.
//
// Commit messages, log output, file names, partner configurations, keys' user
// names and servers' answers pass [Sanitize] before they reach a terminal, a
// mail or a page. What could move a cursor, change a title or the clipboard,
// turn reading order around or hide beside a look-alike is shown as a visible
// escape instead.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize makes s safe to print on one line: control bytes, newlines,
// escapes, bidirectional overrides and invisible characters become visible
// escapes such as \x1b and \u202e. Doing it twice is doing it once.
func Sanitize(s string) string { return sanitize(s, false) }

// SanitizeLines is Sanitize for text of several lines: newlines and tabs stay,
// carriage returns that end a line go.
func SanitizeLines(s string) string {
	return sanitize(strings.ReplaceAll(s, "\r\n", "\n"), true)
}

func sanitize(s string, lines bool) string {
	if clean(s, lines) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case shown(r, lines):
			b.WriteString(s[i : i+n])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

func clean(s string, lines bool) bool {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !shown(r, lines) {
			return false
		}
		i += n
	}
	return true
}

// shown admits letters, marks, numbers, punctuation, symbols and the space.
// unicode.IsPrint already refuses C0, C1 (U+0080 to U+009F, which terminals
// take as escapes), format characters (bidi overrides, zero-width, tags),
// private use, surrogates and the line and paragraph separators.
func shown(r rune, lines bool) bool {
	if lines && (r == '\n' || r == '\t') {
		return true
	}
	// Characters that print as nothing: Hangul and Khmer fillers, the braille
	// blank, variation selectors and the combining grapheme joiner.
	switch {
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x2800, r == 0x034f,
		r == 0x17b4, r == 0x17b5, 0xfe00 <= r && r <= 0xfe0f, 0xe0100 <= r && r <= 0xe01ef:
		return false
	}
	return unicode.IsPrint(r)
}
