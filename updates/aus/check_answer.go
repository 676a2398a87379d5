package aus

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/updates/mar"
)

// answer proves an answer's references and follows it to the newest release.
func (c *checking) answer(cl class, form Form, u *Update) {
	if u == nil {
		if !c.r.retired(cl) {
			c.add("%s (%s): no update, and not retired", cl, form)
		}
		return
	}
	if _, ok := u.Patch(complete); !ok {
		c.add("%s (%s): no complete", cl, form)
	}
	for _, p := range u.Patches {
		if err := c.reference(p); err != nil {
			c.add("%w", err)
		}
	}
	// Each step must be up, and a stop on the way must be one that goes on.
	v := mar.CompareVersions(cl.prior.AppVersion, u.AppVersion)
	if v > 0 || v == 0 && compareBuildIDs(cl.build.BuildID, u.BuildID) >= 0 {
		c.add("%s (%s): is led to %s, build ID %s, which is not newer: a loop", cl, form, u.AppVersion, u.BuildID)
		return
	}
	if newest, _ := c.r.Newest.find(cl.platform.Name, cl.locale); newest != nil &&
		u.AppVersion == c.r.Newest.AppVersion && u.BuildID == newest.BuildID {
		return
	}
	if !c.goesOn(cl, u) {
		c.add("%s (%s): is led to %s, build ID %s, where nobody leads on", cl, form, u.AppVersion, u.BuildID)
	}
}

// goesOn says whether clients that run u are among those who are answered.
func (c *checking) goesOn(cl class, u *Update) bool {
	for _, p := range c.r.Priors {
		if p.AppVersion != u.AppVersion {
			continue
		}
		for _, b := range p.Builds {
			if b.Platform == cl.platform.Name && b.BuildID == u.BuildID && slices.Contains(b.Locales, cl.locale) {
				return true
			}
		}
	}
	return false
}

// reference proves one URL, size and hash.
func (c *checking) reference(p Patch) error {
	if err := c.proof.URLs.CheckURL(p.URL); err != nil {
		return err
	}
	key := [2]string{p.URL, hashName(p.HashFunction)}
	f, ok := c.found[key]
	if !ok {
		var err error
		if f, err = c.proof.Find(p.URL, key[1]); err != nil {
			return fmt.Errorf("%s: %w", p.URL, err)
		}
		c.found[key] = f
	}
	if f.Size != p.Size {
		return fmt.Errorf("%s: has %d bytes, clients are told %d", p.URL, f.Size, p.Size)
	}
	if !strings.EqualFold(f.Hash, p.HashValue) {
		return fmt.Errorf("%s: %s is %s, clients are told %s", p.URL, key[1], f.Hash, p.HashValue)
	}
	return nil
}

// remember keeps what the class is told but for the URLs.
func (c *checking) remember(cl class, answers map[Form]*Update) {
	forms := slices.Sorted(maps.Keys(answers))
	if len(forms) == 0 {
		return
	}
	told := plain(answers[forms[0]]) // the forms agree, or agree has said so
	for i := range told.Patches {
		told.Patches[i].URL = ""
	}
	channel := cl.channel.Name
	cl.channel = &Channel{}
	key := cl.String()
	if c.told[key] == nil {
		c.told[key] = map[string]Update{}
	}
	c.told[key][channel] = told
}

// rehearsals compares the test channels with the real ones: what is tested
// must be what is shipped, but for where it lies.
func (c *checking) rehearsals() {
	for _, channel := range c.r.Channels {
		if channel.TestOf == "" {
			continue
		}
		for class, told := range c.told {
			for _, d := range differences(told[channel.Name], told[channel.TestOf]) {
				c.add("%s: %s: channel %s is told %s, %s %s", strings.TrimSpace(class), d.field, channel.Name, d.a, channel.TestOf, d.b)
			}
		}
	}
}
