package release

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"slipway/release/pipeline"
)

// planned are the releases that a plan knows of. Whatever else was published
// came after it: a chemspill, most likely.
type planned struct {
	Product string   `json:"product"` // as in the publish directory
	Scheme  string   `json:"scheme"`
	Version string   `json:"version"` // the plan's own
	Knows   []string `json:"knows"`
}

// planned is empty where nobody is told of updates.
func (p *Plan) planned() planned {
	if len(p.Config.Updates.Channels) == 0 {
		return planned{}
	}
	k := planned{Product: p.Config.Product, Scheme: p.Config.VersionScheme, Version: p.Version}
	for _, c := range p.clients() {
		k.Knows = append(k.Knows, c.Version)
	}
	k.Knows = append(k.Knows, p.Newer...)
	return k
}

// overtaken refuses to go on when a release was published after the plan was
// made. The users of an older one would never be told of this one, and those who
// are led to a newer one would be led to this one instead.
func (k planned) overtaken(publish string) error {
	if k.Version == "" {
		return nil
	}
	v, err := ParseVersion(k.Scheme, k.Version)
	if err != nil {
		return err
	}
	newer, older, err := history{os.DirFS(publish), Config{Product: k.Product, VersionScheme: k.Scheme}, v}.others()
	if err != nil {
		return err
	}
	for _, side := range []struct {
		releases []Version
		harm     string
	}{{older, "its users would be told nothing newer"}, {newer, "who is led to it now would be led here instead"}} {
		since := slices.DeleteFunc(versionTexts(side.releases), func(text string) bool { return slices.Contains(k.Knows, text) })
		if len(since) > 0 {
			return pipeline.Fail(pipeline.Clash, "another release was published since the plan was made",
				fmt.Errorf("%s was published after %s was planned: %s; plan the next build number, most of what is made is found in the cache",
					strings.Join(since, " and "), k.Version, side.harm))
		}
	}
	return nil
}

// published: what lies in the publish directory already, and what came there
// since the plan was made.
func (c *checker) published() {
	p := c.plan
	dir := Below(c.env.Root, p.Config.Publish.Directory)
	c.bad("published", p.planned().overtaken(dir))
	if p.Newer != nil {
		c.ok("published", "%s is out already: who runs a release before %s is led here from now on, and not there", p.Newer[0], p.Version)
	}
	v, err := ParseVersion(p.Config.VersionScheme, p.Version)
	if err != nil {
		return // versions tells
	}
	h := history{os.DirFS(dir), p.Config, v}
	if _, err := fs.Stat(h.pub, h.dir(v)); err == nil {
		switch was, err := h.client(v); {
		case err != nil:
			c.bad("published", fmt.Errorf("%s: %w", h.dir(v), err))
		case was.Build != p.Build:
			c.bad("published", fmt.Errorf("build %d of %s was pushed to %s, and nothing there is overwritten: raise the version, or remove the directory if nobody got anything from it",
				was.Build, v, h.dir(v)))
		}
	}
	c.platforms(h)
}

// platforms that came or went since the last release are named.
func (c *checker) platforms(h history) {
	if len(c.plan.Priors) == 0 {
		return
	}
	last, err := ParseVersion(h.c.VersionScheme, c.plan.Priors[0].Version)
	if err != nil {
		c.bad("platforms", err)
		return
	}
	there, err := fs.ReadDir(h.pub, h.dir(last)+"/update")
	if err != nil {
		c.bad("platforms", err)
		return
	}
	old := map[string]bool{}
	for _, d := range there {
		old[d.Name()] = true
	}
	text := ""
	for _, id := range sortedKeys(c.plan.Config.Platforms) {
		dir := c.plan.Config.Platforms[id].Directory
		if !old[dir] {
			text += "; " + id + " is new since " + last.text
		}
		delete(old, dir)
	}
	for _, dir := range sortedKeys(old) {
		text += "; " + dir + " was in " + last.text + " and is no more: its users get no update"
	}
	c.ok("platforms", "%d are made%s", len(c.plan.Config.Platforms), text)
}
