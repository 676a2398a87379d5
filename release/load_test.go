package release

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const small = `product: skiff
repositories:
  main: {url: repos/skiff}
platforms:
  linux64:
    steps: [[go, build]]
    output: out
    archive: tar.xz
    root: skiff
publish: {directory: pub}
`

func TestParseFillsDefaults(t *testing.T) {
	f, err := Parse("slipway.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	c := f.Config
	for _, p := range [][2]string{
		{c.DisplayName, "Skiff"},
		{c.Tags.Prefix, "SKIFF"},
		{c.Platforms["linux64"].Name, "{product}-{version}.tar.xz"},
		{c.Updates.MARChannel, "skiff-release"},
	} {
		if p[0] != p[1] {
			t.Errorf("got %q, want %q", p[0], p[1])
		}
	}
	if c.Gates.Push["coordinator"] != 1 || *c.Updates.Priors != 2 || c.Pools["build"] != 1 {
		t.Errorf("gates %v, priors %d, pools %v", c.Gates.Push, *c.Updates.Priors, c.Pools)
	}
}

func TestTextStaysAsWritten(t *testing.T) {
	// YAML 1.1 reads these as numbers and booleans; a release does not.
	text := strings.Replace(small, "root: skiff", "root: skiff\n    title: 150.0\n    env: {A: 150.0, B: no, C: 1e3, D: 0x10, E: 2026-01-01, F: 1_0}", 1)
	f, err := Parse("slipway.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Config.Platforms["linux64"]
	if p.Title != "150.0" {
		t.Errorf("title: got %q, want 150.0", p.Title)
	}
	for name, want := range map[string]string{"A": "150.0", "B": "no", "C": "1e3", "D": "0x10", "E": "2026-01-01", "F": "1_0"} {
		if p.Env[name] != want {
			t.Errorf("%s: got %q, want %q", name, p.Env[name], want)
		}
	}
}

func TestUnknownFieldShowsLineCaretAndName(t *testing.T) {
	_, err := Parse("slipway.yaml", []byte(strings.Replace(small, "platforms:", "platfroms:", 1)))
	want := "slipway.yaml:4:1: unknown field \"platfroms\" (did you mean \"platforms\"?)\n    platfroms:\n    ^"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A token in a URL would stand in plans, in the journal and in mails: it is
// refused, and not shown.
func TestTokensInURLsAreRefusedUnseen(t *testing.T) {
	for at, text := range map[string]string{
		"repositories.main":             strings.Replace(small, "repos/skiff", "https://x-access-token:canary@skiff.example/skiff", 1),
		"platforms.linux64.import.from": strings.Replace(small, "steps: [[go, build]]\n    output: out", "builder: import\n    import: {from: https://canary@skiff.example/a}", 1),
	} {
		_, err := Parse("slipway.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), at+": ") || !strings.Contains(err.Error(), "https://…@skiff.example") || strings.Contains(err.Error(), "canary") {
			t.Errorf("got\n%v\nwant a problem of %s without the token", err, at)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := Parse("slipway.yaml", []byte(`product: Skiff
version-scheme: calver
repositories:
  main: {url: repos/skiff}
  main: {url: elsewhere}
platforms:
  linux64: {archive: rar, root: skiff, reproduce: yes, steps: go build}
updates: {prior-releases: "2", force: {a: b}}
pools: {cpu: many}
publish:
`))
	got := ""
	if err != nil {
		got = err.Error()
	}
	for _, want := range []string{
		`slipway.yaml:1:10: product is "Skiff"; want lower-case letters`,
		`:2:17: version-scheme is "calver"; want one of mozilla, semver`,
		`:5:3: duplicate key "main"; the first is in line 4`,
		`platforms.linux64.archive is "rar"; want one of tar.xz`,
		`platforms.linux64.reproduce is "yes"; want true or false`,
		`platforms.linux64.steps is "go build"; want a list`,
		`updates.prior-releases is "2"; want a whole number`,
		`updates.force is a mapping; want a list`,
		`pools.cpu is "many"; want a whole number`,
		`publish has no value; want a mapping`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestRefuseUnsafeYAML(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nproduct: *c\n"
	for name, c := range map[string]struct{ text, want string }{
		"anchor":        {strings.Replace(small, "url: repos/skiff", "url: &u repos/skiff", 1), "anchors and aliases are not supported"},
		"alias bomb":    {bomb, "unknown field"},
		"merge key":     {strings.Replace(small, "    root: skiff", "    <<: {root: skiff}", 1), "merge keys"},
		"tag":           {strings.Replace(small, "root: skiff", "root: !!binary c2tpZmY=", 1), "tag !!binary is not supported"},
		"tab":           {strings.Replace(small, "    root", "\troot", 1), ":9:1: a tab; YAML is indented with spaces"},
		"bom":           {"\ufeff" + small, "byte order mark"},
		"nul":           {strings.Replace(small, "repos/skiff", "repos\x00", 1), "control character"},
		"latin-1":       {strings.Replace(small, "repos/skiff", "repos/sk\xefff", 1), "not UTF-8"},
		"two documents": {small + "---\n" + small, ""},
		"list":          {"- product\n", "want a mapping"},
		"empty":         {"", ""},
		"depth":         {"product: " + strings.Repeat("[", 20000) + "\n", ""},
		"huge":          {strings.Repeat("#\n", maxConfig), "more than"},
		"null":          {strings.Replace(small, "root: skiff", "root: ~", 1), "root has no value; want text"},
		"int overflow":  {small + "pools: {cpu: 99999999999}\n", "want a whole number"},
	} {
		_, err := Parse("slipway.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v; want %q", name, err, c.want)
		}
		if err != nil && len(err.Error()) > 2000 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

func TestMeaningIsChecked(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"no main":           {"main:", "core:", "no repository is called main"},
		"helper url":        {"url: repos/skiff", `url: "ext::sh -c id"`, "transport helper"},
		"climbing root":     {"root: skiff", "root: ../skiff", "clean relative path"},
		"climbing name":     {"root: skiff", "root: skiff\n    name: ../x", "plain file name"},
		"no steps":          {"steps: [[go, build]]", "steps: []", "builder exec needs steps"},
		"secret itself":     {"publish:", "signing: {openpgp: {key: s3cret}}\npublish:", "never the secret itself"},
		"keyring option":    {"publish:", "signing: {openpgp: {key: \"keyring:--all\"}}\npublish:", "keyring entry"},
		"half a key":        {"publish:", "signing: {mar: {key: \"fd:3\"}}\npublish:", "go together"},
		"javascript":        {"publish:", "updates: {channels: {release: {url: \"javascript:x\"}}}\npublish:", "absolute http or https"},
		"unknown repo":      {"publish:", "partners: {repository: mian}\npublish:", `did you mean "main"?`},
		"header in address": {"publish:", "mail: {from: \"a@b\\r\\nBcc: c@d\", out: mail}\npublish:", "mail.from"},

		// Each of these would stop, or mislead, a release hours after its start.
		"escape in name":     {"publish:", "display-name: \"Ski\\tff\"\npublish:", "display-name: \"Ski\\tff\": want one line"},
		"name that climbs":   {"publish:", "display-name: a/b\npublish:", "display-name: \"a/b\": want a plain file name"},
		"name in no URL":     {"publish:", "display-name: Füchsle\nupdates: {channels: {release: {url: \"https://x.example/{path}\"}}}\npublish:", "display-name: \"Füchsle\": want letters, digits"},
		"long product":       {"product: skiff", "product: " + strings.Repeat("skiff", 20), "at most 64 bytes"},
		"climbing channel":   {"publish:", "channel: ../esr\npublish:", "channel: \"../esr\": want a plain file name"},
		"two MAR channels":   {"publish:", "updates: {mar-channel: \"a, b\"}\npublish:", "updates.mar-channel: channel id \"a, b\""},
		"long MAR channel":   {"publish:", "updates: {mar-channel: " + strings.Repeat("c", 64) + "}\npublish:", "at most 63 fit"},
		"absolute force":     {"publish:", "updates: {force: [/etc/passwd]}\npublish:", "updates.force.0"},
		"one URL for all":    {"publish:", "updates: {channels: {release: {url: \"https://x.example/a.mar\"}}}\npublish:", "every MAR would have this one URL"},
		"joined channels":    {"publish:", "updates: {channels: {a+b: {url: \"https://x.example/{path}\"}}}\npublish:", "a + joins the channels"},
		"misspelt word":      {"publish:", "updates: {channels: {release: {url: \"https://x.example/{path}?{verison}\"}}}\npublish:", "{verison} (did you mean \"version\"?)"},
		"details no URL":     {"publish:", "updates: {details-url: notes}\npublish:", "updates.details-url: URL \"notes\": scheme \"\", want https"},
		"target of two":      {"publish:", "  win64: {archive: zip, root: skiff, output: out, steps: [[a]], build-targets: [linux64]}\npublish:", "\"linux64\" is a build target of linux64 too"},
		"target that climbs": {"root: skiff", "root: skiff\n    build-targets: [a/b]", "build-targets.0: \"a/b\""},
		"no directory":       {"directory: pub", "directory: \"\"", "publish.directory: it is empty"},
		"gate for nobody":    {"publish:", "gates: {ship: {}}\npublish:", "gates.ship: names no role"},
		"gate for no people": {"publish:", "gates: {ship: {coordinator: 0}}\npublish:", "gates.ship.coordinator: 0: want how many"},
		"step for nobody":    {"publish:", "gates: {rollout: {}}\npublish:", "gates.rollout: names no role"},
		"too few people":     {"publish:", "roles: {coordinator: [ann]}\ngates: {ship: {coordinator: 2}}\npublish:", "gates.ship.coordinator: 2 people must agree, and roles.coordinator names 1"},
		"role of no gate":    {"publish:", "roles: {cordinator: [ann]}\npublish:", "roles.cordinator: no gate asks for it (did you mean \"coordinator\"?)"},
		"one person twice":   {"publish:", "roles: {qa: [ann, ann]}\npublish:", "roles.qa.1: \"ann\" for the second time"},
		"nobody's name":      {"publish:", "roles: {qa: [\"\"]}\npublish:", "roles.qa.0: \"\": want a name"},
		"pool of nothing":    {"publish:", "pools: {biuld: 2}\npublish:", "pools.biuld: no task belongs to it (did you mean \"build\"?)"},
		"list of nobody":     {"publish:", "mail: {from: a@b.example, out: mail, lists: {all: []}}\npublish:", "mail.lists: all has no address"},
		"list for nothing":   {"publish:", "mail: {from: a@b.example, out: mail, lists: {all: [c@d.example], driver: [c@d.example]}}\npublish:", "did you mean \"drivers\"?"},
		"port in the host":   {"publish:", "mail: {from: a@b.example, lists: {all: [c@d.example]}, smtp: {host: \"mail:25\"}}\npublish:", "the port is a field of its own"},
		"port too high":      {"publish:", "mail: {from: a@b.example, lists: {all: [c@d.example]}, smtp: {host: mail, port: 99999}}\npublish:", "mail.smtp.port: 99999"},
	} {
		_, err := Parse("slipway.yaml", []byte(strings.Replace(small, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v; want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the message repeats the secret", name)
		}
	}
}

// TestPatternsHaveWords: people are not asked to read regular expressions.
func TestPatternsHaveWords(t *testing.T) {
	text, err := SchemaJSON()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`"pattern": (".*")`).FindAllSubmatch(text, -1)
	for _, m := range found {
		var pattern string
		if err := json.Unmarshal(m[1], &pattern); err != nil || patterns[pattern] == "" {
			t.Errorf("no words for %s (%v)", m[1], err)
		}
	}
	if len(found) < len(patterns) {
		t.Errorf("%d patterns in the schema, words for %d", len(found), len(patterns))
	}
}

func TestLoadRefusesFilesOthersMayChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slipway.yaml")
	if err := os.WriteFile(path, []byte(small), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "chmod o-w") {
		t.Errorf("got %v; want a refusal", err)
	}
	link := filepath.Join(t.TempDir(), "slipway.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(link); err == nil || !strings.Contains(err.Error(), "name the file itself") {
		t.Errorf("a link: got %v; want a refusal", err)
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a directory was loaded")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add("product: &a [*a]")
	f.Add("platforms: {linux64: {steps: [[]]}}")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse("slipway.yaml", []byte(text)); err != nil && err.Error() == "" {
			t.Error("an error without text")
		}
	})
}
