package release

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/release/git"
)

// imports pins the prebuilt bytes of platforms that are not built here. A
// local file is hashed now; a URL must come with its digest, for nobody can
// tell later what it answered today.
func (r *resolver) imports() (map[string]Import, error) {
	pinned := map[string]Import{}
	var errs []error
	for _, id := range sortedKeys(r.req.Imports) {
		switch p, ok := r.c.Platforms[id]; {
		case !ok:
			errs = append(errs, fmt.Errorf("import for %q, which is no platform%s", id, suggest(id, sortedKeys(r.c.Platforms))))
		case p.Builder != "import":
			errs = append(errs, fmt.Errorf("import for %s, which is built here: its builder in slipway.yaml is not import", id))
		}
	}
	for _, id := range sortedKeys(r.c.Platforms) {
		p := r.c.Platforms[id]
		if p.Builder != "import" {
			continue
		}
		from := p.Import
		if over, ok := r.req.Imports[id]; ok {
			from = over
		}
		from.From = fillIn(from.From, r.c.Product, r.version.text, r.req.Build, r.commit.When)
		pin, err := from.pin(r.world.Root)
		if err != nil {
			errs = append(errs, fmt.Errorf("platform %s: %w", id, err))
			continue
		}
		pinned[id] = pin
	}
	if len(pinned) == 0 {
		pinned = nil
	}
	return pinned, errors.Join(errs...)
}

func (i Import) pin(root string) (Import, error) {
	if i.From == "" {
		return i, errors.New("nothing to import: set import.from, or pass --import PLATFORM=PATH")
	}
	if err := i.check(); err != nil {
		return i, err
	}
	if i.remote() {
		if i.SHA256 == "" {
			return i, fmt.Errorf("%s: a URL needs its sha256, in slipway.yaml or as --import PLATFORM=URL@sha256:…", i.From)
		}
		return i, nil
	}
	f, err := filesystem.OpenRegular(Below(root, i.From))
	if err != nil {
		return i, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return i, err
	}
	got := hex.EncodeToString(h.Sum(nil))
	if i.SHA256 != "" && i.SHA256 != got {
		return i, fmt.Errorf("%s: sha256 is %s, want %s", i.From, got, i.SHA256)
	}
	i.SHA256 = got
	return i, nil
}

// check refuses what the schema of slipway.yaml would: --import passes it by.
func (i Import) check() error {
	if err := i.checkFrom(); err != nil {
		return err
	}
	if _, err := cache.ParseDigest("sha256:" + i.SHA256); i.SHA256 != "" && err != nil {
		return fmt.Errorf("sha256 of %s is %q; want 64 lower-case hex digits", i.From, i.SHA256)
	}
	return nil
}

// checkFrom keeps secrets out: what names the bytes stands in plans and in logs.
func (i Import) checkFrom() error {
	shown, user := git.HideUser(i.From)
	switch {
	case i.remote() && !strings.HasPrefix(i.From, "https://"):
		return fmt.Errorf("%q: want a path or an https URL", shown)
	case user != "":
		return fmt.Errorf("%q: it holds a user, password or token; fetch the file beforehand and name its path", shown)
	}
	return nil
}

func (i Import) remote() bool { return strings.Contains(i.From, "://") }

// ParseImport reads PATH, or URL@sha256:HEX.
func ParseImport(s string) Import {
	from, hex, ok := strings.Cut(s, "@sha256:")
	if !ok {
		return Import{From: s}
	}
	return Import{From: from, SHA256: hex}
}
