package mar

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckName refuses names that could land outside the directory a MAR is
// applied to, or in different places on different systems, or that no manifest
// line can name: the updater refuses any ".." in a path and knows no escape for
// a double quote.
func CheckName(name string) error {
	if why := badName(name); why != "" {
		return fmt.Errorf("name %.200q: %s", name, why)
	}
	return nil
}

func badName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > MaxName:
		return fmt.Sprintf("has %d bytes, at most %d allowed", len(name), MaxName)
	case !utf8.ValidString(name):
		return "is not UTF-8"
	case name[0] == '/':
		return "is absolute"
	case strings.Contains(name, ".."):
		return `has ".." in it`
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return fmt.Sprintf("has the control character %U in it", r)
		}
		if strings.ContainsRune(`\:"<>|?*`, r) {
			return fmt.Sprintf("has %q in it, which not every system takes as a letter", r)
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "":
			return "has an empty part"
		case part == ".":
			return `has the part "."`
		case strings.HasSuffix(part, "."), strings.HasSuffix(part, " "):
			return fmt.Sprintf("part %q ends in a dot or space, which Windows drops", part)
		case reserved(part):
			return fmt.Sprintf("part %q is a device on Windows", part)
		}
	}
	return ""
}

// reserved says whether Windows takes the file for a device: "con", "CON.txt".
func reserved(part string) bool {
	stem, _, _ := strings.Cut(part, ".")
	switch stem = strings.ToUpper(strings.TrimRight(stem, " ")); stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	if len(stem) < 4 || stem[:3] != "COM" && stem[:3] != "LPT" {
		return false
	}
	switch stem[3:] { // the superscripts are digits to Windows
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

// names finds names of one archive that get in each other's way.
type names struct {
	files map[string]string // folded name → name
	dirs  map[string]string // folded directory → a name in it
}

// add says what is wrong with having name too.
func (n *names) add(name string) string {
	if n.files == nil {
		n.files, n.dirs = map[string]string{}, map[string]string{}
	}
	key := fold(name)
	other, taken := n.files[key]
	switch {
	case taken && other == name:
		return "is there twice"
	case taken:
		return fmt.Sprintf("differs from %q only in case", other)
	}
	if inside, ok := n.dirs[key]; ok {
		return fmt.Sprintf("is a file here and a directory in %q", inside)
	}
	n.files[key] = name
	for i := strings.LastIndexByte(key, '/'); i > 0; i = strings.LastIndexByte(key[:i], '/') {
		if file, ok := n.files[key[:i]]; ok {
			return fmt.Sprintf("lies below the file %q", file)
		}
		if _, ok := n.dirs[key[:i]]; ok {
			break
		}
		n.dirs[key[:i]] = name
	}
	return ""
}

// fold maps names that a case-insensitive file system takes for one to one.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
