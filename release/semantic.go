package release

import (
	"errors"
	"fmt"
	"net/mail"
	"path"
	"regexp"
	"sort"
	"strings"
	"time"
	"unicode"

	"slipway/release/git"
	"slipway/repack"
)

type complain func(path, format string, args ...any)

// check finds what the schema cannot say: values that contradict each other or
// name something that is not there.
func (c *Config) check(bad complain) {
	checkText(bad, "product", c.Product)
	checkText(bad, "display-name", c.DisplayName)
	checkName(bad, "display-name", c.DisplayName) // mails are filed under it
	checkName(bad, "channel", c.Channel)
	if _, ok := c.Repositories[mainRepository]; !ok {
		bad("repositories", "no repository is called main; it is the one that is built")
	}
	for name, r := range c.Repositories {
		if err := errors.Join(git.CheckRef(name), git.CheckURL(r.URL)); err != nil {
			bad("repositories."+name, "%v", err)
		}
	}
	if _, err := mail.ParseAddress(c.Tags.Tagger); err != nil {
		bad("tags.tagger", "%q: want Name <address>", c.Tags.Tagger)
	}
	for i, v := range c.VersionFiles {
		at := fmt.Sprintf("version-files.%d", i)
		if strings.Count(v.Find, "{version}") != 1 {
			bad(at+".find", "%q: want {version} exactly once", v.Find)
		}
		checkPath(bad, at+".path", v.Path)
	}
	c.checkPlatforms(bad)
	c.checkContent(bad)
	c.checkUpdates(bad)
	if c.Publish.Directory == "" {
		bad("publish.directory", "it is empty; want a directory, such as pub")
	}
	if up := c.Publish.Upload; len(up) > 0 && (up[0] == "" || !strings.Contains(strings.Join(up, " "), "{path}")) {
		bad("publish.upload", "%q: want a program and, among its arguments, {path}", up)
	}
	for _, s := range c.secrets() {
		s.secret.check(bad, s.at)
	}
	if (c.Signing.OpenPGP.Key == "") != (c.Signing.OpenPGP.Fingerprint == "") {
		bad("signing.openpgp", "key and fingerprint go together")
	}
	if c.Signing.OpenPGP.Tags && c.Signing.OpenPGP.Key == "" {
		bad("signing.openpgp.tags", "tags cannot be signed without a key")
	}
	if (c.Signing.MAR.Key == "") != (c.Signing.MAR.Certificate == "") {
		bad("signing.mar", "key and certificate go together")
	}
	c.checkPrograms(bad)
	c.checkMail(bad)
	c.checkGates(bad)
	c.checkPools(bad)
}

func (c *Config) checkPlatforms(bad complain) {
	if len(c.Platforms) == 0 {
		bad("platforms", "there is none")
	}
	dirs, targets := map[string]string{}, map[string]string{}
	for _, id := range sortedKeys(c.Platforms) {
		p, at := c.Platforms[id], "platforms."+id
		if other := dirs[p.Directory]; other != "" {
			bad(at, "directory %q is that of %s too", p.Directory, other)
		}
		dirs[p.Directory] = id
		checkName(bad, at, id)
		checkName(bad, at+".directory", p.Directory)
		checkName(bad, at+".name", p.Name)
		for i, t := range p.BuildTargets {
			checkName(bad, fmt.Sprintf("%s.build-targets.%d", at, i), t)
			if other := targets[t]; other != "" {
				bad(fmt.Sprintf("%s.build-targets.%d", at, i), "%q is a build target of %s too: its clients would get two answers", t, other)
			}
			targets[t] = id
		}
		if len(p.BuildTargets) == 0 && len(c.Updates.Channels) > 0 {
			bad(at+".build-targets", "there is none, so no client would be told of updates; leave the field out for %q", id)
		}
		checkPath(bad, at+".root", p.Root)
		if p.Resources != "" {
			checkPath(bad, at+".resources", p.Resources)
		}
		switch {
		case p.Builder == "exec" && len(p.Steps) == 0:
			bad(at, "builder exec needs steps")
		case p.Builder == "exec" && p.Output == "":
			bad(at, "builder exec needs output, what its steps leave")
		case p.Builder == "exec" && git.CheckPath(p.Output) != nil:
			bad(at+".output", "%q: want a path inside the worktree", p.Output)
		case p.Builder == "import" && len(p.Steps) > 0:
			bad(at+".steps", "builder import runs no steps")
		case p.Builder == "import":
			if err := p.Import.checkFrom(); err != nil {
				bad(at+".import.from", "%v", err)
			}
		}
		checkSteps(bad, at+".steps", p.Steps)
		for i, text := range p.Transient {
			if _, err := regexp.Compile(text); err != nil || text == "" {
				bad(fmt.Sprintf("%s.transient.%d", at, i), "%q: want a regular expression", text)
			}
		}
		c.checkInstallers(bad, at, p)
		for name := range p.Env {
			if name == "" || strings.ContainsAny(name, "=\x00") || strings.HasPrefix(name, "SLIPWAY_") {
				bad(at+".env", "%q cannot be set here", name)
			}
		}
	}
}

func checkSteps(bad complain, at string, steps [][]string) {
	for i, argv := range steps {
		if len(argv) == 0 || argv[0] == "" {
			bad(fmt.Sprintf("%s.%d", at, i), "names no program")
		}
	}
}

// checkInstallers: each is a file of its own beside the package.
func (c *Config) checkInstallers(bad complain, at string, p Platform) {
	names := map[string]string{p.Name: "the package"}
	for _, id := range sortedKeys(p.Installers) {
		i, at := p.Installers[id], at+".installers."+id
		checkName(bad, at, id)
		checkName(bad, at+".name", i.Name)
		if other := names[i.Name]; other != "" {
			bad(at+".name", "%q is the name of %s too", i.Name, other)
		}
		names[i.Name] = id
		if len(i.Steps) == 0 {
			bad(at+".steps", "there is none")
		}
		checkSteps(bad, at+".steps", i.Steps)
		checkPath(bad, at+".output", i.Output)
		if i.Directory != "" {
			checkPath(bad, at+".directory", i.Directory)
		}
		if i.Authenticode && c.Signing.Authenticode.Certificate == "" {
			bad(at+".authenticode", "signing.authenticode has no key and certificate to sign with")
		}
	}
}

// checkContent: locales, partners.
func (c *Config) checkContent(bad complain) {
	if c.Locales.List != "" {
		checkPath(bad, "locales.list", c.Locales.List)
		c.wantRepository(bad, "locales.repository", c.Locales.Repository)
		if len(c.Locales.Rules) == 0 {
			bad("locales", "without rules every locale would be en-US")
		}
	}
	for i, r := range c.Locales.Rules {
		if err := repack.LocaleRule(r).Check(); err != nil {
			bad(fmt.Sprintf("locales.rules.%d", i), "%v", err)
		}
	}
	if c.Partners.Repository != "" {
		c.wantRepository(bad, "partners.repository", c.Partners.Repository)
		checkPath(bad, "partners.directory", c.Partners.Directory)
	}
}

// epoch stands for a release's date where only the form of a value matters.
var epoch = time.Unix(0, 0)

func (c *Config) wantRepository(bad complain, at, name string) {
	if _, ok := c.Repositories[name]; !ok {
		bad(at, "no repository is called %q%s", name, suggest(name, sortedKeys(c.Repositories)))
	}
}

// checkPath accepts a clean relative path that stays below its directory.
func checkPath(bad complain, at, p string) {
	if err := git.CheckPath(p); err != nil || path.Clean(p) != p {
		bad(at, "%q: want a clean relative path", p)
	}
}

// checkName accepts one part of a path that is no trouble in any system.
func checkName(bad complain, at, s string) {
	if s == "" || s[0] == '-' || s[0] == '.' || strings.ContainsAny(s, "/\\:*?\"<>|") || !oneLine(s) || strings.HasSuffix(s, ".") {
		bad(at, "%q: want a plain file name", s)
	}
}

// maxText of names for people: a mail's subject has room for one of these.
const maxText = 64

func checkText(bad complain, at, s string) {
	if len(s) > maxText || !oneLine(s) {
		bad(at, "%q: want one line of at most %d bytes, without control characters or blanks around it", s, maxText)
	}
}

func oneLine(s string) bool {
	return strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) })
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
