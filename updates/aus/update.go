package aus

import (
	"fmt"
	"slices"

	"slipway/updates/mar"
)

// Update is the answer to a client: what it shall run next.
type Update struct {
	Type            string // minor, or major: advertised with a prompt
	AppVersion      string
	DisplayVersion  string
	PlatformVersion string // in snippets and older answers only
	BuildID         string
	DetailsURL      string
	// Optional holds what else the client acts on: actions, openURL, …; the
	// names are those of update.xml.
	Optional map[string]string
	Patches  []Patch // complete first
}

// Patch is one MAR that a client is offered.
type Patch struct {
	Type         string // complete or partial
	URL          string
	HashFunction string
	HashValue    string
	Size         int64
}

const (
	minor    = "minor"
	major    = "major"
	complete = "complete"
	partial  = "partial"
)

// optionalKeys are the attributes of an update that are passed on to the
// client as they are (schemas of Balrog's blobs, versions 2 to 9).
var optionalKeys = []string{
	"actions", "alertURL", "billboardURL", "disableBITS", "disableBackgroundUpdates", "licenseURL",
	"notificationURL", "openURL", "promptWaitTime", "showNeverForVersion", "showPrompt", "showSurvey", "isOSUpdate",
}

// Patch returns the patch of a type.
func (u *Update) Patch(kind string) (Patch, bool) {
	i := slices.IndexFunc(u.Patches, func(p Patch) bool { return p.Type == kind })
	if i < 0 {
		return Patch{}, false
	}
	return u.Patches[i], true
}

func (u *Update) check() error {
	if u.Type != minor && u.Type != major {
		return fmt.Errorf("update type %.40q: want minor or major", u.Type)
	}
	if err := CheckWord(u.AppVersion); err != nil {
		return fmt.Errorf("appVersion %w", err)
	}
	if err := checkBuildID(u.BuildID); err != nil {
		return err
	}
	for key := range u.Optional {
		if !slices.Contains(optionalKeys, key) {
			return fmt.Errorf("attribute %.40q is not one that clients know", key)
		}
	}
	seen := map[string]bool{}
	for _, p := range u.Patches {
		if err := p.check(); err != nil {
			return err
		}
		if seen[p.Type] {
			return fmt.Errorf("two %s patches", p.Type)
		}
		seen[p.Type] = true
	}
	if !seen[complete] {
		return fmt.Errorf("no complete patch: nothing to fall back to")
	}
	return nil
}

func (p Patch) check() error {
	if p.Type != complete && p.Type != partial {
		return fmt.Errorf("patch type %.40q: want complete or partial", p.Type)
	}
	// Which hosts and schemes are allowed is policy; here only that it is a URL.
	if err := (URLPolicy{AllowHTTP: true}).CheckURL(p.URL); err != nil {
		return err
	}
	if p.Size <= 0 || p.Size > mar.MaxSize {
		return fmt.Errorf("patch size %d, want 1 to %d", p.Size, int64(mar.MaxSize))
	}
	return checkHash(p.HashFunction, p.HashValue)
}
