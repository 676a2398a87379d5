package aus

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Snippet returns the AUS2 snippet of one of the update's patches, schema 1 or
// 2: key=value lines in the order of Mozilla's own generator (build/tools,
// lib/python/release/updates/snippets.py).
func (u *Update) Snippet(schema int, kind string) ([]byte, error) {
	if err := u.check(); err != nil {
		return nil, err
	}
	p, ok := u.Patch(kind)
	if !ok {
		return nil, fmt.Errorf("no %s patch", kind)
	}
	lines := [][2]string{
		{"version", strconv.Itoa(schema)},
		{"type", p.Type},
		{"url", p.URL},
		{"hashFunction", strings.ToUpper(p.HashFunction)},
		{"hashValue", p.HashValue},
		{"size", strconv.FormatInt(p.Size, 10)},
		{"build", u.BuildID},
	}
	switch schema {
	case 1:
		if len(u.Optional) > 0 || u.Type == major {
			return nil, fmt.Errorf("snippets of schema 1 cannot say that the update is major or has %q", slices.Sorted(maps.Keys(u.Optional)))
		}
		lines = append(lines,
			[2]string{"appv", u.DisplayVersion},
			[2]string{"extv", u.AppVersion},
			[2]string{"detailsUrl", u.DetailsURL})
	case 2:
		lines = append(lines,
			[2]string{"displayVersion", u.DisplayVersion},
			[2]string{"appVersion", u.AppVersion},
			[2]string{"platformVersion", u.PlatformVersion},
			[2]string{"detailsUrl", u.DetailsURL})
		lines = append(lines, u.snippetExtras()...)
	default:
		return nil, fmt.Errorf("snippet schema %d: want 1 or 2", schema)
	}
	var b strings.Builder
	for _, l := range lines {
		if strings.ContainsFunc(l[1], func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, fmt.Errorf("%s=%.200q: a control character would begin a line of its own", l[0], l[1])
		}
		b.WriteString(l[0] + "=" + l[1] + "\n")
	}
	return []byte(b.String()), nil
}

// snippetExtras are the lines behind detailsUrl. What only newer clients know,
// and they do not read snippets, is left out.
func (u *Update) snippetExtras() [][2]string {
	var lines [][2]string
	if u.Type == major {
		lines = append(lines, [2]string{"updateType", major})
	}
	for _, key := range []string{
		"actions", "alertURL", "billboardURL", "licenseURL", "notificationURL", "openURL",
		"promptWaitTime", "showNeverForVersion", "showPrompt", "showSurvey",
	} {
		if v := u.Optional[key]; v != "" {
			lines = append(lines, [2]string{snippetKey(key), v})
		}
	}
	return lines
}

// snippetKey is what snippets call an attribute of update.xml.
func snippetKey(key string) string {
	if key == "licenseURL" {
		return "licenseUrl"
	}
	return key
}

// maxSnippet is far more than a snippet has; a client's URL may be long.
const maxSnippet = 64 << 10

// ParseSnippet reads a snippet as an update with one patch. It accepts what
// Snippet writes and nothing else.
func ParseSnippet(b []byte) (Update, error) {
	if len(b) > maxSnippet {
		return Update{}, fmt.Errorf("snippet has %d bytes, at most %d allowed", len(b), maxSnippet)
	}
	text, ok := strings.CutSuffix(string(b), "\n")
	if !ok {
		return Update{}, fmt.Errorf("snippet does not end in a line feed")
	}
	values := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		key, value, ok := strings.Cut(line, "=")
		if _, twice := values[key]; !ok || twice {
			return Update{}, fmt.Errorf("line %d %.200q: want key=value, each key once", i+1, line)
		}
		values[key] = value
	}
	size, err := strconv.ParseInt(values["size"], 10, 64)
	if err != nil {
		return Update{}, fmt.Errorf("size=%.40q: want a number", values["size"])
	}
	u := Update{
		Type: minor, BuildID: values["build"], DetailsURL: values["detailsUrl"],
		AppVersion: values["appVersion"], DisplayVersion: values["displayVersion"], PlatformVersion: values["platformVersion"],
		Patches: []Patch{{values["type"], values["url"], values["hashFunction"], values["hashValue"], size}},
	}
	schema := 2
	if values["version"] == "1" {
		schema = 1
		u.AppVersion, u.DisplayVersion = values["extv"], values["appv"]
		u.PlatformVersion = u.AppVersion
	}
	if values["updateType"] == major {
		u.Type = major
	}
	for _, key := range optionalKeys {
		if v := values[snippetKey(key)]; v != "" {
			if u.Optional == nil {
				u.Optional = map[string]string{}
			}
			u.Optional[key] = v
		}
	}
	// One snippet, one spelling: what is unknown, missing or out of order
	// shows in the comparison.
	again, err := u.snippetAgain(schema)
	if err != nil {
		return Update{}, err
	}
	if string(again) != string(b) {
		return Update{}, fmt.Errorf("snippet is not in the form of schema %d: %s", schema, firstOther(string(b), string(again)))
	}
	return u, nil
}

// firstOther names the first line in which two texts differ.
func firstOther(got, want string) string {
	n := 1
	for {
		a, gotRest, more := strings.Cut(got, "\n")
		b, wantRest, wantMore := strings.Cut(want, "\n")
		if a != b || !more || !wantMore {
			return fmt.Sprintf("line %d: got %.300q, want %.300q", n, a, b)
		}
		got, want, n = gotRest, wantRest, n+1
	}
}

// snippetAgain writes the snippet of an update that has one patch of any type.
func (u Update) snippetAgain(schema int) ([]byte, error) {
	kind := u.Patches[0].Type
	if kind == partial { // check wants a complete, and a snippet has one patch
		stand := u.Patches[0]
		stand.Type = complete
		u.Patches = []Patch{stand, u.Patches[0]}
	}
	return u.Snippet(schema, kind)
}
