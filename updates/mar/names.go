package mar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
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

// CheckNames refuses names that no archive can hold together: what [CheckName]
// refuses, and two names that are one, or a file and a directory, where case does
// not count. It tells of all.
func CheckNames(names []string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, CheckName(name))
	}
	for _, c := range clashes(names) {
		errs = append(errs, fmt.Errorf("name %.200q: %s", names[c.at], c.why))
	}
	return errors.Join(errs...)
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

// A clash says why the name at a position of a list cannot stand beside one
// before it.
type clash struct {
	at  int
	why string
}

// clashes finds names of one archive that get in each other's way, in order.
// Sorted with the slash as the lowest letter, what lies below a name
// follows it at once: so memory is in proportion to the names, however deep.
func clashes(names []string) []clash {
	keys, order := make([]string, len(names)), make([]int, len(names))
	for i, name := range names {
		keys[i], order[i] = Fold(name), i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(strings.Compare(keys[i], keys[j]), i-j) })
	var found []clash
	top := -1 // the last name that is not below another
	for _, i := range order {
		rest, inside := "", false
		if top >= 0 {
			rest, inside = strings.CutPrefix(keys[i], keys[top])
		}
		switch {
		case inside && rest == "" && names[i] == names[top]:
			found = append(found, clash{i, "is there twice"})
		case inside && rest == "":
			found = append(found, clash{i, fmt.Sprintf("differs from %q only in case", names[top])})
		case inside && rest[0] == 0 && i > top:
			found = append(found, clash{i, fmt.Sprintf("lies below the file %q", names[top])})
		case inside && rest[0] == 0:
			found = append(found, clash{top, fmt.Sprintf("is a file here and a directory in %q", names[i])})
		default:
			top = i
		}
	}
	slices.SortStableFunc(found, func(a, b clash) int { return a.at - b.at })
	return slices.CompactFunc(found, func(a, b clash) bool { return a.at == b.at })
}

// Fold maps names that a case-insensitive file system takes for one to one, and
// puts slashes first in order.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return 0
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r < utf8.RuneSelf:
			return r
		}
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
