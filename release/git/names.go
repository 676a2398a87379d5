package git

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxName bounds ref names and paths; git's own limit is the file system's.
const maxName = 255

// CheckRevision accepts only a full object id, SHA-1 or SHA-256.
func CheckRevision(rev string) error {
	if (len(rev) == 40 || len(rev) == 64) && strings.Trim(rev, "0123456789abcdef") == "" {
		return nil
	}
	return fmt.Errorf("revision %q: want all 40 (or 64) lower-case hex digits; a branch, a tag or \"latest\" may move", rev)
}

// CheckRef accepts the short name of a branch or tag. It is stricter than git,
// which allows a leading dash and everything beyond ASCII: such names look
// like options to a program, or like another name to a person.
func CheckRef(name string) error {
	bad := ""
	switch {
	case name == "":
		bad = "it is empty"
	case len(name) > maxName:
		bad = fmt.Sprintf("it has %d bytes, more than %d", len(name), maxName)
	case name[0] == '-':
		bad = "it begins with a dash"
	case strings.HasPrefix(name, "/"), strings.HasSuffix(name, "/"), strings.Contains(name, "//"):
		bad = "it has an empty part"
	case strings.Contains(name, ".."), strings.Contains(name, "@{"), name == "@":
		bad = "it reads as a revision expression"
	case strings.HasSuffix(name, "."), strings.HasSuffix(name, ".lock"):
		bad = "its end is reserved by git"
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "-") {
			bad = fmt.Sprintf("its part %q begins with %q", part, part[:1])
		}
		if strings.HasSuffix(part, ".lock") {
			bad = "its end is reserved by git"
		}
	}
	for _, r := range name {
		if !isNameRune(r) {
			bad = fmt.Sprintf("it contains %q", r)
			break
		}
	}
	if bad != "" {
		return fmt.Errorf("ref name %q: %s", name, bad)
	}
	return nil
}

func isNameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-/+@", r)
}

// CheckURL accepts a plain local path, an https or ssh URL, or the
// user@host:path form. Everything that could name a helper program or an
// option is refused before any child is started, and so is a secret: it would
// stand in plans, in the journal, in errors and in mails.
func CheckURL(url string) error {
	bad := ""
	shown, user := HideUser(url)
	switch scheme, _, has := strings.Cut(url, "://"); {
	case url == "":
		bad = "it is empty"
	case len(url) > 4096:
		bad = fmt.Sprintf("it has %d bytes", len(url))
	case url[0] == '-':
		bad = "it begins with a dash"
	case !utf8.ValidString(url), strings.ContainsFunc(url, isControl):
		bad = "it contains control characters"
	case has && scheme == "file":
		bad = "write the plain path instead of file://"
	case has && scheme != "https" && scheme != "ssh":
		bad = fmt.Sprintf("scheme %q is not https or ssh", scheme)
	case !has && strings.Contains(url, "::"):
		bad = "it names a transport helper"
	case has && strings.HasPrefix(url[len(scheme)+len("://"):], "-"):
		bad = "its host begins with a dash"
	case scheme == "https" && user != "", strings.Contains(user, ":"):
		bad = "it holds a user, password or token; use ssh, or a git credential helper"
	}
	if bad != "" {
		return fmt.Errorf("repository %q: %s", shown, bad)
	}
	return nil
}

// HideUser gives a URL without what stands before the @ of its host, and that:
// it may be a secret. What is no URL comes back whole.
func HideUser(url string) (shown, user string) {
	scheme, rest, ok := strings.Cut(url, "://")
	end := strings.IndexAny(rest+"/", "/?#")
	at := strings.LastIndexByte(rest[:end], '@')
	if !ok || at < 0 {
		return url, ""
	}
	return scheme + "://…" + rest[at:], rest[:at]
}

// CheckPath accepts a clean relative path inside a repository.
func CheckPath(path string) error {
	if path == "" || len(path) > 4096 || strings.ContainsFunc(path, isControl) || strings.HasPrefix(path, "/") {
		return fmt.Errorf("path %q: want a relative path inside the repository", path)
	}
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") {
			return fmt.Errorf("path %q: the part %q is not allowed", path, part)
		}
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || 0x80 <= r && r < 0xa0 }
