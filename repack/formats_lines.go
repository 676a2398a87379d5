package repack

import (
	"fmt"
	"strings"
)

// parseProperties reads key = value lines as Java does: # and ! begin
// comments, a backslash at the end of a line continues it, and the key ends at
// the first =, : or blank that no backslash precedes.
func parseProperties(text string) (list []entity, err error) {
	for at, line := 0, 1; at < len(text); {
		from, start := at, line
		end := endOfLine(text, at)
		body := strings.TrimLeft(text[at:end], " \t\f")
		if body == "" || body[0] == '#' || body[0] == '!' {
			at, line = end+1, line+1
			continue
		}
		for continues(text[at:end]) && end < len(text) {
			at, line = end+1, line+1
			end = endOfLine(text, at)
		}
		from += endOfLine(text, from) - from - len(body) // skip the indent
		key := propertyKey(body)
		if key == "" {
			return nil, fmt.Errorf("%d: a value without a key", start)
		}
		if len(list) == maxEntities {
			return nil, tooMany(start)
		}
		to := end
		if continues(text[at:end]) {
			to-- // at the end of the file; elsewhere it would swallow what follows
		}
		list = append(list, entity{key: key, from: from, to: to, line: start})
		at, line = end+1, line+1
	}
	return list, nil
}

// continues tells whether a line ends in an odd number of backslashes.
func continues(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

func propertyKey(body string) string {
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '=', ':', ' ', '\t', '\f':
			return body[:i]
		}
	}
	return strings.TrimRight(body, `\`)
}

func endOfLine(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// parseIni reads [sections] with key=value lines; # and ; begin comments. Keys
// are told apart by their section.
func parseIni(text string) (list []entity, err error) {
	section := ""
	sections := map[string]int{}
	for at, line := 0, 1; at < len(text); line++ {
		end := endOfLine(text, at)
		body := strings.TrimSpace(text[at:end])
		switch {
		case body == "" || body[0] == '#' || body[0] == ';':
		case body[0] == '[':
			name, ok := strings.CutSuffix(body[1:], "]")
			if !ok || name == "" || strings.ContainsAny(name, "[]") {
				return nil, fmt.Errorf("%d: %q: want [section]", line, cutShort(body))
			}
			if first, dup := sections[name]; dup {
				return nil, fmt.Errorf("%d: section [%s] is already on line %d", line, name, first)
			}
			section, sections[name] = name, line
		default:
			key, _, ok := strings.Cut(body, "=")
			if key = strings.TrimSpace(key); !ok || key == "" {
				return nil, fmt.Errorf("%d: %q: want key=value", line, cutShort(body))
			}
			if section == "" {
				return nil, fmt.Errorf("%d: %q stands before the first [section]", line, key)
			}
			if len(list) == maxEntities {
				return nil, tooMany(line)
			}
			list = append(list, entity{key: section + "/" + key, from: at, to: end, line: line})
		}
		at = end + 1
	}
	return list, nil
}

// parseDTD reads <!ENTITY name "value"> and comments. Parameter entities
// (<!ENTITY % …> and their use) pull in other files; they stay as en-US has them.
func parseDTD(text string) (list []entity, err error) {
	const begin = "<!ENTITY"
	lines := lines{text: text}
	for at := 0; at < len(text); {
		rest := text[at:]
		switch {
		case strings.TrimLeft(rest[:1], " \t\n") == "":
			at++
		case strings.HasPrefix(rest, "<!--"):
			n := strings.Index(rest, "-->")
			if n < 0 {
				return nil, fmt.Errorf("%d: comment without -->", lines.of(at))
			}
			at += n + len("-->")
		case rest[0] == '%':
			n := strings.IndexByte(rest, ';')
			if n < 0 || strings.ContainsAny(rest[:n], " \t\n<") {
				return nil, fmt.Errorf("%d: %q: want %%name;", lines.of(at), cutShort(rest))
			}
			at += n + 1
		case strings.HasPrefix(rest, begin):
			name, n, err := dtdEntity(rest[len(begin):])
			if err != nil {
				return nil, fmt.Errorf("%d: %w", lines.of(at), err)
			}
			if n += len(begin); name != "%" {
				if len(list) == maxEntities {
					return nil, tooMany(lines.of(at))
				}
				list = append(list, entity{key: name, from: at, to: at + n, line: lines.of(at)})
			}
			at += n
		default:
			return nil, fmt.Errorf("%d: %q: want <!ENTITY name \"value\">", lines.of(at), cutShort(rest))
		}
	}
	return list, nil
}

// dtdEntity gives the name, "%" for a parameter entity, and the length.
func dtdEntity(s string) (name string, n int, err error) {
	words := strings.Fields(cutAt(s, 512))
	if len(words) < 2 || s[0] != ' ' && s[0] != '\t' && s[0] != '\n' {
		return "", 0, fmt.Errorf("entity without name and value")
	}
	name = words[0]
	if strings.ContainsAny(name, `"'<>&;`) {
		return "", 0, fmt.Errorf("%q is no name of an entity", cutShort(name))
	}
	quote := strings.IndexAny(s, `"'`)
	if quote < 0 {
		return "", 0, fmt.Errorf("entity %q has no quoted value", name)
	}
	end := strings.IndexByte(s[quote+1:], s[quote])
	if end < 0 {
		return "", 0, fmt.Errorf("value of %q has no closing %c", name, s[quote])
	}
	n = quote + 1 + end + 1
	for n < len(s) && strings.IndexByte(" \t\n", s[n]) >= 0 {
		n++
	}
	if n == len(s) || s[n] != '>' {
		return "", 0, fmt.Errorf("entity %q has no closing >", name)
	}
	return name, n + 1, nil
}

func cutAt(s string, n int) string { return s[:min(len(s), n)] }

func cutShort(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.ToValidUTF8(cutAt(line, 40), "")
}
