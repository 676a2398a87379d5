package repack

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxPath = 1024 // PATH_MAX of macOS; Linux has 4096
	maxName = 255  // of one component, on every file system we ship to
)

// cleanName turns the name of an archive entry into the path of a tree, or
// says why it cannot be one. A leading "./" and a directory's trailing slash
// are customs of tar and mean nothing.
func cleanName(name string) (string, error) {
	p := strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
	switch {
	case p == "" || p == ".":
		return ".", nil
	case len(p) > maxPath:
		return "", fmt.Errorf("name of %d bytes, limit %d", len(p), maxPath)
	case !utf8.ValidString(p):
		return "", fmt.Errorf("name is not UTF-8")
	case strings.HasPrefix(p, "/"):
		return "", fmt.Errorf("absolute name")
	case strings.Contains(p, `\`):
		return "", fmt.Errorf("backslash in name: Windows reads it as a separator")
	case len(p) >= 2 && p[1] == ':' && isLetter(p[0]):
		return "", fmt.Errorf("name with a drive letter")
	case strings.ContainsFunc(p, unicode.IsControl):
		return "", fmt.Errorf("control character in name")
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == ".." {
			return "", fmt.Errorf("name climbs out of the archive")
		}
		if len(part) > maxName {
			return "", fmt.Errorf("name has a component of %d bytes, limit %d", len(part), maxName)
		}
	}
	if path.Clean(p) != p {
		return "", fmt.Errorf("name is not clean, want %q", path.Clean(p))
	}
	return p, nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// checkLink refuses targets that lead out of the archive. Only leading ".."
// are allowed: with "x" a link to ".", the target "x/.." is the directory
// above although it looks like this one. Entries below links are refused
// elsewhere (see [names.add]), so a leading ".." climbs real directories.
func checkLink(at, target string) error {
	switch {
	case target == "" || len(target) > maxPath || !utf8.ValidString(target):
		return fmt.Errorf("link target %.64q is empty, over %d bytes or not UTF-8", target, maxPath)
	case strings.HasPrefix(target, "/"):
		return fmt.Errorf("link to the absolute path %q", target)
	case strings.Contains(target, `\`) || strings.ContainsFunc(target, unicode.IsControl):
		return fmt.Errorf("link target %q has a backslash or control character", target)
	case len(target) >= 2 && target[1] == ':' && isLetter(target[0]):
		return fmt.Errorf("link target %q has a drive letter", target)
	}
	depth := strings.Count(at, "/")
	down := false
	for part := range strings.SplitSeq(target, "/") {
		switch {
		case part != "..":
			down = true
		case down:
			return fmt.Errorf(`link target %q goes down before "..": it may leave the archive through another link`, target)
		default:
			if depth--; depth < 0 {
				return fmt.Errorf("link target %q climbs out of the archive", target)
			}
		}
	}
	return nil
}

// what a path of an archive is.
type what byte

const (
	isDir     what = iota + 1 // named by an entry
	isParent                  // only implied by what lies below
	isFile                    // a regular file
	isSymlink                 // a symbolic link
)

// names remembers the paths of one archive and refuses those that a file
// system could not keep apart.
type names struct {
	seen map[string]what
	fold map[string]string // case-folded path → the spelling seen first
	git  bool              // as git has them: case counts, and a link may lead anywhere
}

func newNames() *names {
	return &names{seen: map[string]what{}, fold: map[string]string{}}
}

// gitNames are for the tree of a repository, which has what it has.
func gitNames() *names { return &names{seen: map[string]what{}, git: true} }

// check refuses a path that no archive of this kind may hold.
func (n *names) check(p string) error {
	if n.git {
		if path.Clean(p) != p || p == "." || p == ".." || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "../") {
			return fmt.Errorf("want a path inside the repository")
		}
		return nil
	}
	clean, err := cleanName(p)
	if err == nil && (clean != p || p == ".") {
		err = fmt.Errorf("not a clean path")
	}
	return err
}

func (n *names) link(at, target string) error {
	if n.git {
		return nil
	}
	return checkLink(at, target)
}

func (n *names) add(p string, w what) error {
	for i := 0; i < len(p); i++ {
		if p[i] != '/' {
			continue
		}
		if err := n.one(p[:i], isParent); err != nil {
			return err
		}
	}
	return n.one(p, w)
}

func (n *names) one(p string, w what) error {
	old, dup := n.seen[p]
	oldDir, newDir := old == isDir || old == isParent, w == isDir || w == isParent
	switch {
	case !dup:
	case oldDir && newDir && !(old == isDir && w == isDir):
		n.seen[p] = min(old, w) // named wins over implied
		return nil
	case old == isSymlink && newDir:
		return fmt.Errorf("goes through the symbolic link %q", p)
	case oldDir != newDir:
		return fmt.Errorf("%q is both a file and a directory", p)
	default:
		return fmt.Errorf("%q is there twice", p)
	}
	if !n.git {
		folded := foldCase(p)
		if other, ok := n.fold[folded]; ok && other != p {
			return fmt.Errorf("differs from %q only in case: Windows and macOS keep one of them", other)
		}
		n.fold[folded] = p
	}
	n.seen[p] = w
	return nil
}

// foldCase maps spellings that case-insensitive file systems take for one.
func foldCase(p string) string { return strings.ToLower(strings.ToUpper(p)) }
