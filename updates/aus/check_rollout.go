package aus

import (
	"maps"
	"path"
	"slices"
	"strings"

	"slipway/updates/mar"
)

// rolling tells whether the files are those of a rollout that is under way on
// the channel: then who is in the share reads other files than who is not.
func (c *checking) rolling(channel *Channel) bool {
	return channel.Throttled && c.rollouts[channel.Name]
}

// findRollouts notes the throttled channels that have answers beside the live
// ones.
func (c *checking) findRollouts() {
	for name := range c.files {
		if rest, ok := strings.CutPrefix(name, rolloutTop+"/"+c.r.Product+"/"); ok {
			channel, _, _ := strings.Cut(rest, "/")
			c.rollouts[channel] = true
		}
	}
}

// outside proves what a class is told while it is not in the share: an update
// that leads up and on, or, to who runs the newest release so far, nothing.
func (c *checking) outside(cl class) {
	name := c.r.xmlName(cl)
	if _, ok := c.files[name]; !ok {
		if c.newer(cl) && !c.r.retired(cl) {
			c.add("%s is missing: outside the share, its clients get no answer", name)
		}
		return
	}
	if u, ok := c.readXML(name); ok && u != nil {
		c.answer(cl, "outside the share", u)
	}
}

// newer tells whether a release before this one is newer than what the class
// runs, and made for it.
func (c *checking) newer(cl class) bool {
	return slices.ContainsFunc(c.r.Priors, func(p Prior) bool {
		return mar.CompareVersions(p.AppVersion, cl.prior.AppVersion) > 0 && slices.ContainsFunc(p.Builds, func(b PriorBuild) bool {
			return b.Platform == cl.platform.Name && slices.Contains(b.Locales, cl.locale)
		})
	})
}

// share proves what the rule for each client looks at: the owner, and buckets
// that are a share of this release.
func (c *checking) share(channel *Channel) {
	dir := RolloutDir(c.r.Product, channel.Name)
	owner := strings.TrimSpace(string(c.files[path.Join(dir, OwnerFile)]))
	if owner != c.r.Newest.Name {
		c.add("%s names %q, not %s: the rollout is another release's", path.Join(dir, OwnerFile), owner, c.r.Newest.Name)
		return
	}
	c.used[path.Join(dir, OwnerFile)], c.used[path.Join(dir, HaltedFile)] = true, true
	have := map[string]bool{}
	for name := range c.files {
		if path.Dir(name) == dir && IsBucket(path.Base(name)) {
			have[path.Base(name)], c.used[name] = true, true
		}
	}
	for _, share := range append([]int{0}, c.r.Shares...) {
		want := map[string]bool{}
		for _, b := range Buckets(c.r.Product, c.r.Newest.displayVersion(), share) {
			want[b] = true
		}
		if maps.Equal(have, want) {
			return
		}
	}
	c.add("%s: %d buckets are open, and not those of one of the shares %v of %s", dir, len(have), c.r.Shares, c.r.Newest.Name)
}

// rolloutRest proves the files that are not for one class.
func (c *checking) rolloutRest() {
	for i := range c.r.Channels {
		if c.rolling(&c.r.Channels[i]) {
			c.share(&c.r.Channels[i])
		}
	}
	if len(c.r.Shares) == 0 {
		return
	}
	if c.xml {
		c.wantFiles(rolloutRules())
	}
	if c.blob {
		if rules, err := c.r.rules(); err != nil {
			c.add("%w", err)
		} else {
			c.wantFiles([]File{{rulesName(&c.r.Newest), rules}})
		}
	}
}
