package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	mails "slipway/release/mail"
	"slipway/release/pipeline"
)

// Finding is one thing that the preflight looked at.
type Finding struct {
	What string `json:"what"` // "versions", "tags", …
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

// Check is the preflight: it looks at everything that could stop the plan
// later, and reports all of it. It changes nothing.
func Check(ctx context.Context, p *Plan, e Env) []Finding {
	c := &checker{plan: p, env: e}
	c.versions(ctx)
	c.locales(ctx)
	c.priors(ctx)
	c.tags(ctx)
	c.keys(ctx)
	c.imports(ctx)
	c.mails()
	c.programs()
	c.space()
	return c.found
}

type checker struct {
	plan  *Plan
	env   Env
	found []Finding
}

func (c *checker) ok(what, format string, args ...any) {
	c.found = append(c.found, Finding{what, true, fmt.Sprintf(format, args...)})
}

func (c *checker) bad(what string, errs ...error) {
	for _, err := range errs {
		if err != nil {
			c.found = append(c.found, Finding{what, false, err.Error()})
		}
	}
}

// versions: a tree that is ahead of the request is the wrong revision.
func (c *checker) versions(ctx context.Context) {
	p := c.plan
	want, err := ParseVersion(p.Config.VersionScheme, p.Version)
	if err != nil {
		c.bad("versions", err)
		return
	}
	main, _ := p.repository(mainRepository)
	m, err := openMirror(ctx, c.env.Git, c.env.Root, main.Name, main.URL)
	if err != nil {
		c.bad("versions", err)
		return
	}
	for _, f := range p.Config.VersionFiles {
		text, err := m.ReadFile(ctx, main.Revision, f.Path)
		if err != nil {
			c.bad("versions", err)
			continue
		}
		_, was, err := f.bump(string(text), want)
		if err != nil {
			c.bad("versions", err)
			continue
		}
		have, err := ParseVersion(p.Config.VersionScheme, was)
		switch {
		case err != nil:
			c.bad("versions", fmt.Errorf("%s: %w", f.Path, err))
		case f.Holds == "version" && have.Compare(want) > 0:
			c.bad("versions", fmt.Errorf("%s says %s, which is newer than %s: is %s the right revision?", f.Path, have, want, main.Revision))
		case was == want.text || f.Holds == "app-version" && was == want.App():
			c.ok("versions", "%s says %s", f.Path, was)
		default:
			c.ok("versions", "%s says %s; the release branch will say %s", f.Path, was, want)
		}
	}
}

// locales: each has its files at its revision, and those that came or went
// since the last release are named.
func (c *checker) locales(ctx context.Context) {
	p := c.plan
	repo, ok := p.repository(p.Config.Locales.Repository)
	if !ok {
		return
	}
	m, err := openMirror(ctx, c.env.Git, c.env.Root, repo.Name, repo.URL)
	if err != nil {
		c.bad("locales", err)
		return
	}
	n := 0
	for _, l := range p.Locales {
		dir := strings.ReplaceAll(p.Config.Locales.Directory, "{locale}", l.Code)
		if _, err := m.Dirs(ctx, l.Revision, dir); err != nil {
			c.bad("locales", fmt.Errorf("%s: %w", l.Code, err))
			continue
		}
		n++
	}
	c.ok("locales", "%d have their files%s", n, c.comeAndGone())
}

func (c *checker) comeAndGone() string {
	if len(c.plan.Priors) == 0 {
		return ""
	}
	prior := c.plan.Priors[0]
	old, now := map[string]bool{}, map[string]bool{sourceLocale: true}
	for _, mars := range prior.MARs {
		for code := range mars {
			old[code] = true
		}
	}
	for _, l := range c.plan.Locales {
		now[l.Code] = true
	}
	text := ""
	for _, code := range sortedKeys(now) {
		if !old[code] {
			text += "; " + code + " is new since " + prior.Version
		}
	}
	for _, code := range sortedKeys(old) {
		if !now[code] {
			text += "; " + code + " was in " + prior.Version + " and is no more"
		}
	}
	return text
}

// priors: every complete is there, is what it was when planned, and unpacks.
func (c *checker) priors(ctx context.Context) {
	for _, prior := range c.plan.Priors {
		n := 0
		for _, id := range sortedKeys(prior.MARs) {
			for _, code := range sortedKeys(prior.MARs[id]) {
				mar := prior.MARs[id][code]
				_, err := c.env.prior(ctx, pipeline.Call{}, priorArgs{Publish: c.plan.Config.Publish.Directory, MAR: mar})
				if err == nil {
					_, _, err = c.env.updater(pipeline.Call{}).Unpack(ctx, mar.Digest)
				}
				if err != nil {
					c.bad("priors", fmt.Errorf("%s: %w", mar.Path, err))
					continue
				}
				n++
			}
		}
		c.ok("priors", "%s: %d completes are there and sound", prior.Version, n)
	}
}

// tags: free, or already marking what they should.
func (c *checker) tags(ctx context.Context) {
	for _, t := range Graph(c.plan).Tasks {
		if t.Kind != "tag" {
			continue
		}
		var args tagArgs
		if err := json.Unmarshal(t.Args, &args); err != nil {
			c.bad("tags", err)
			continue
		}
		_, there, err := c.env.tagProbe(ctx, pipeline.Call{}, args)
		switch {
		case err != nil:
			c.bad("tags", err)
		case there:
			c.ok("tags", "%s: already tagged, and right", args.Repository)
		default:
			c.ok("tags", "%s: %s is free", args.Repository, c.plan.Tags.Build)
		}
	}
}

// keys: each signs a trial, which opening it does.
func (c *checker) keys(ctx context.Context) {
	s := c.plan.Config.Signing
	if s.OpenPGP.Key != "" {
		g := graph{plan: c.plan}
		if _, err := c.env.signer(ctx, g.key()); err != nil {
			c.bad("keys", err)
		} else {
			c.ok("keys", "OpenPGP key %s signed a trial", s.OpenPGP.Fingerprint)
		}
	} else {
		c.ok("keys", "no OpenPGP key is configured: deliverables get checksums and no signatures")
	}
	if s.MAR.Key == "" {
		return
	}
	key, err := c.env.marKey(ctx, marArgs{Key: s.MAR.Key, Certificate: s.MAR.Certificate})
	switch {
	case err != nil:
		c.bad("keys", err)
	case key.ID() != c.plan.MARKey:
		c.bad("keys", fmt.Errorf("the MAR key is %s, the plan has %s", key.ID(), c.plan.MARKey))
	default:
		c.ok("keys", "MAR key %.16s… signed a trial", key.ID())
	}
}

func (c *checker) imports(ctx context.Context) {
	for _, id := range sortedKeys(c.plan.Imports) {
		i := c.plan.Imports[id]
		if i.remote() {
			c.ok("imports", "%s: %s will be fetched", id, i.From)
			continue
		}
		if _, err := c.env.fetch(ctx, i); err != nil {
			c.bad("imports", fmt.Errorf("%s: %w", id, err))
			continue
		}
		c.ok("imports", "%s: %s is what it was when planned", id, i.From)
	}
}

func (c *checker) mails() {
	if c.plan.Config.Mail.From == "" {
		return
	}
	before := len(c.found)
	for _, turn := range sortedKeys(turns) {
		_, err := mails.Compose(turns[turn], c.plan.mailFacts(turns[turn]))
		c.bad("mails", err)
	}
	if len(c.found) == before {
		c.ok("mails", "%d can be written", len(turns))
	}
}

// programs: those that are called by name are on the path.
func (c *checker) programs() {
	want := map[string]bool{"git": true}
	for _, p := range c.plan.Config.Platforms {
		for _, argv := range p.Steps {
			if !strings.Contains(argv[0], "/") {
				want[argv[0]] = true
			}
		}
	}
	for _, name := range sortedKeys(want) {
		path, err := exec.LookPath(name)
		if err != nil {
			c.bad("programs", err)
			continue
		}
		c.ok("programs", "%s is %s", name, path)
	}
}

// space compares what is free with a guess from the last release: what it
// published, twice for candidates and releases, and once more in the cache.
func (c *checker) space() {
	const least = 1 << 30
	need := int64(least)
	for _, prior := range c.plan.Priors {
		for _, mars := range prior.MARs {
			for _, m := range mars {
				need += 4 * m.Size
			}
		}
	}
	for _, dir := range []string{Below(c.env.Root, c.plan.Config.Publish.Directory), c.env.State} {
		free, at, err := freeSpace(dir)
		switch {
		case err != nil:
			c.bad("disk", err)
		case free < need:
			c.bad("disk", fmt.Errorf("%s: %d MB free; the release may take %d", at, free>>20, need>>20))
		default:
			c.ok("disk", "%s: %d GB free", at, free>>30)
		}
	}
}

// freeSpace asks for the nearest directory that is there.
func freeSpace(dir string) (int64, string, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return int64(st.Bavail) * st.Bsize, dir, nil
		}
		if parent := filepath.Dir(dir); errors.Is(err, os.ErrNotExist) && parent != dir {
			dir = parent
			continue
		}
		return 0, dir, fmt.Errorf("free space of %s: %w", dir, err)
	}
}
