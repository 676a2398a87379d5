package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"slipway/cache/filesystem"
	mails "slipway/release/mail"
)

// keys: each signs a trial, which opening it does.
func (c *checker) keys(ctx context.Context) {
	s := c.plan.Config.Signing
	if s.OpenPGP.Key != "" {
		g := graph{plan: c.plan}
		signer, err := c.env.signer(ctx, g.key())
		if err == nil {
			err = maySign(signer, c.plan.Date)
		}
		if err != nil {
			c.bad("keys", err)
		} else {
			c.ok("keys", "OpenPGP key %s signed a trial", s.OpenPGP.Fingerprint)
		}
	} else {
		c.ok("keys", "no OpenPGP key is configured: deliverables get checksums and no signatures")
	}
	c.codeKey(ctx)
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
		blob, err := c.env.fetch(ctx, i)
		if err == nil {
			err = c.env.hasPrograms(ctx, c.plan.Config.Platforms[id], blob.Digest)
		}
		if err != nil {
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
	kinds := maps.Clone(turns)
	if c.plan.asksDrivers() {
		maps.Copy(kinds, requests)
	}
	before := len(c.found)
	for _, turn := range sortedKeys(kinds) {
		_, err := mails.Compose(kinds[turn], c.plan.mailFacts(kinds[turn]))
		c.bad("mails", err)
	}
	if len(c.found) == before {
		c.ok("mails", "%d can be written", len(kinds))
	}
}

// programs: those that are called by name are on the path.
func (c *checker) programs() {
	want := map[string]bool{"git": true}
	for _, argv := range [][]string{c.plan.Config.Publish.Upload, c.plan.Config.Updates.Health} {
		if len(argv) > 0 && !strings.Contains(argv[0], "/") {
			want[argv[0]] = true
		}
	}
	for _, p := range c.plan.Config.Platforms {
		steps := p.Steps
		for _, i := range p.Installers {
			steps = slices.Concat(steps, i.Steps)
		}
		for _, argv := range steps {
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
// Places on one disk are asked for as if each had its own.
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
	for _, dir := range []string{Below(c.env.Root, c.plan.Config.Publish.Directory), c.env.State, c.env.Cache} {
		if dir == "" {
			continue
		}
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
		free, err := filesystem.Free(dir)
		if err == nil {
			return free, dir, nil
		}
		if parent := filepath.Dir(dir); errors.Is(err, os.ErrNotExist) && parent != dir {
			dir = parent
			continue
		}
		return 0, dir, fmt.Errorf("free space of %s: %w", dir, err)
	}
}
