package main

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"slipway/updates/aus"
)

// finder returns what looks URLs up: the first redirect that fits says where a
// URL leads, and the longest prefix of a place in which directory that is.
func finder(platforms []aus.Platform, redirects, places []string) (func(u, function string) (aus.Found, error), error) {
	var rules []redirect
	for _, text := range redirects {
		r, err := parseRedirect(text)
		if err != nil {
			return nil, fmt.Errorf("--redirect %q: %w", text, err)
		}
		rules = append(rules, r)
	}
	dirs := map[string]string{}
	for _, p := range places {
		prefix, dir, ok := strings.Cut(p, "=")
		if !ok || prefix == "" {
			return nil, fmt.Errorf("--map %q: want URL=DIR", p)
		}
		dirs[prefix] = dir
	}
	return func(u, function string) (aus.Found, error) {
		sent := ""
		for _, r := range rules {
			if target, ok := r.target(u, platforms); ok {
				u, sent = target, "is sent to "+target+"; "
				break
			}
		}
		best := ""
		for prefix := range dirs {
			if strings.HasPrefix(u, prefix) && len(prefix) > len(best) {
				best = prefix
			}
		}
		if best == "" {
			return aus.Found{}, fmt.Errorf("%sno --map says where that lies", sent)
		}
		name, err := url.PathUnescape(strings.TrimPrefix(strings.TrimPrefix(u, best), "/"))
		if err != nil {
			return aus.Found{}, err
		}
		root, err := os.OpenRoot(dirs[best])
		if err != nil {
			return aus.Found{}, err
		}
		defer root.Close()
		found, err := hashFile(root, filepath.FromSlash(name), function)
		if err != nil {
			err = fmt.Errorf("%s%s: %w", sent, filepath.Join(dirs[best], filepath.FromSlash(name)), withoutPath(err))
		}
		return found, err
	}, nil
}

// redirect is a rule of a redirector.
type redirect struct {
	from *regexp.Regexp // a group for each name
	to   string
}

var (
	redirectName = regexp.MustCompile(`\{[a-z]+\}`)
	// What aus lets be one part of a path or of a URL.
	redirectValue = `[A-Za-z0-9._+-]+`
)

func parseRedirect(text string) (redirect, error) {
	parts := strings.Fields(text)
	if len(parts) != 2 {
		return redirect{}, errors.New("want a URL and its target, with a space between")
	}
	var pattern strings.Builder
	var known []string
	at := 0
	for _, m := range redirectName.FindAllStringIndex(parts[0], -1) {
		name := parts[0][m[0]:m[1]]
		if slices.Contains(known, name) {
			return redirect{}, fmt.Errorf("%s stands twice in the URL", name)
		}
		known = append(known, name)
		pattern.WriteString(regexp.QuoteMeta(parts[0][at:m[0]]))
		fmt.Fprintf(&pattern, "(?P<%s>%s)", strings.Trim(name, "{}"), redirectValue)
		at = m[1]
	}
	pattern.WriteString(regexp.QuoteMeta(parts[0][at:]))
	if slices.Contains(known, "{bouncer}") {
		known = append(known, "{ftp}", "{platform}")
	}
	for _, name := range redirectName.FindAllString(parts[1], -1) {
		if !slices.Contains(known, name) {
			return redirect{}, fmt.Errorf("the target has %s, the URL has not", name)
		}
	}
	from, err := regexp.Compile("^" + pattern.String() + "$")
	return redirect{from: from, to: parts[1]}, err
}

// target is where the rule sends u, if it is about u at all.
func (r redirect) target(u string, platforms []aus.Platform) (string, bool) {
	found := r.from.FindStringSubmatch(u)
	if found == nil {
		return "", false
	}
	var pairs []string
	for i, name := range r.from.SubexpNames() {
		if i == 0 {
			continue
		}
		pairs = append(pairs, "{"+name+"}", found[i])
		if name != "bouncer" {
			continue
		}
		for _, p := range platforms {
			if p.Bouncer == found[i] {
				pairs = append(pairs, "{ftp}", p.FTP, "{platform}", p.Name)
			}
		}
	}
	return strings.NewReplacer(pairs...).Replace(r.to), true
}

func hashFile(root *os.Root, name, function string) (aus.Found, error) {
	hashes := map[string]func() hash.Hash{"sha512": sha512.New, "sha384": sha512.New384, "sha256": sha256.New}
	make, ok := hashes[function]
	if !ok {
		return aus.Found{}, fmt.Errorf("hash function %q: want sha256, sha384 or sha512", function)
	}
	f, err := root.Open(name)
	if err != nil {
		return aus.Found{}, err
	}
	defer f.Close()
	h := make()
	n, err := io.Copy(h, f)
	return aus.Found{Size: n, Hash: hex.EncodeToString(h.Sum(nil))}, err
}
