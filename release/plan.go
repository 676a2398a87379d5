package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slipway/cache"
	"slipway/release/git"
	"slipway/repack"
	"slipway/updates/aus"
)

// planSchema is raised when the same JSON would mean something else.
const planSchema = 1

// Plan is one release candidate with nothing left open. Its canonical JSON is
// the plan; the digest of that is its name.
type Plan struct {
	Schema    int    `json:"schema"`
	Candidate string `json:"candidate"` // skiff-1.1-build1
	Version   string `json:"version"`
	Build     int    `json:"build"` // nth attempt at the version, from 1
	Urgency   string `json:"urgency"`
	// Date is the time of the main repository's commit. All dates of the
	// release come from it, so that a release does not depend on when it ran.
	Date    time.Time `json:"date"`
	BuildID string    `json:"build-id"`
	// Root leads from the plan's directory to the one that relative paths in
	// Config start from.
	Root string `json:"root"`

	Tags         PlannedTags         `json:"tags"`
	Repositories []PlannedRepository `json:"repositories"` // by name
	Changes      []git.Change        `json:"changes,omitempty"`
	Imports      map[string]Import   `json:"imports,omitempty"` // by platform
	Locales      []PlannedLocale     `json:"locales,omitempty"` // by code; en-US is in none
	Partners     []PlannedPartner    `json:"partners,omitempty"`
	Priors       []Prior             `json:"priors,omitempty"`     // newest first
	Older        []Client            `json:"older,omitempty"`      // releases before those: they get completes
	Newer        []string            `json:"newer,omitempty"`      // releases that were out already, of a later branch
	Watersheds   []aus.Offer         `json:"watersheds,omitempty"` // releases among priors and older that those before must pass through
	MARKey       string              `json:"mar-key,omitempty"`    // SHA-256 of the public key that clients hold
	CodeKey      string              `json:"code-key,omitempty"`   // SHA-256 of the certificates that go into Windows programs, the signer's first

	Config Config `json:"config"`
}

// PlannedTags are the names that mark the candidate in every repository.
type PlannedTags struct {
	Build   string `json:"build"`
	Release string `json:"release"`
	Branch  string `json:"branch"`
}

// PlannedRepository is a repository at one revision.
type PlannedRepository struct {
	Name     string `json:"name"`
	URL      string `json:"url"`
	Revision string `json:"revision"`
	// Leave is the commit that the release tag may be moved from: that of an
	// earlier candidate of the same version.
	Leave string `json:"leave,omitempty"`
}

// PlannedLocale is a locale at one revision, for some of our platforms.
type PlannedLocale struct {
	Code      string   `json:"code"`
	Revision  string   `json:"revision"`
	Platforms []string `json:"platforms"`
}

// PlannedPartner is one configuration of a partner, as it was when planned:
// later edits of repack.cfg do not change this release.
type PlannedPartner struct {
	Name      string           `json:"name"`      // PARTNER or PARTNER/CONFIG
	Directory string           `json:"directory"` // in the partners repository
	Platforms []string         `json:"platforms"` // ids of ours
	Config    repack.RepackCfg `json:"config"`
}

// Prior is a published release that clients may come from.
type Prior struct {
	Version string                          `json:"version"`
	Build   int                             `json:"build"`
	BuildID string                          `json:"build-id"`
	MARs    map[string]map[string]PinnedMAR `json:"mars"` // platform → locale → complete
}

// Client is a published release that people still run.
type Client struct {
	Version string              `json:"version"`
	Build   int                 `json:"build"`
	BuildID string              `json:"build-id"`
	Locales map[string][]string `json:"locales"` // by platform
}

// PinnedMAR is a complete of a prior release.
type PinnedMAR struct {
	Path   string       `json:"path"` // below the publish directory
	Digest cache.Digest `json:"digest"`
	Size   int64        `json:"size"`
}

// Encode gives the canonical JSON, one value to a line so that people can
// compare plans with the tools they have.
func (p *Plan) Encode() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // people read it, browsers do not
	enc.SetIndent("", " ")
	if err := enc.Encode(p); err != nil {
		panic(err) // strings, integers and times always marshal
	}
	return b.Bytes()
}

// Digest is the plan's name.
func (p *Plan) Digest() cache.Digest { return cache.Sum(p.Encode()) }

// maxPlan bounds a plan's file; 100 locales and 4 priors on 6 platforms take
// 1 MB.
const maxPlan = 64 << 20

// ParsePlan reads a plan. Only the canonical form is accepted: another
// spelling would have another name.
func ParsePlan(text []byte) (*Plan, error) {
	if len(text) > maxPlan {
		return nil, fmt.Errorf("more than %d bytes", maxPlan)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return nil, err
	}
	if p.Schema != planSchema {
		return nil, fmt.Errorf("schema %d; this program reads %d", p.Schema, planSchema)
	}
	if !bytes.Equal(p.Encode(), text) {
		return nil, fmt.Errorf("not as slipway plan wrote it: the plan was edited or cut, or another version of slipway wrote it; make it again")
	}
	p.Config.holdSecrets()
	return &p, nil
}

// LoadPlan reads a plan's file. The second result is the directory that the
// plan's relative paths start from.
func LoadPlan(path string) (*Plan, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPlan+1))
	if err != nil {
		return nil, "", err
	}
	p, err := ParsePlan(text)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	root, err := filepath.Abs(filepath.Join(filepath.Dir(path), filepath.FromSlash(p.Root)))
	return p, root, err
}

// repository finds a repository of the plan by its name.
func (p *Plan) repository(name string) (PlannedRepository, bool) {
	for _, r := range p.Repositories {
		if r.Name == name {
			return r, true
		}
	}
	return PlannedRepository{}, false
}

// codes are the locales of a platform, en-US first.
func (p *Plan) codes(platform string) []string {
	codes := []string{sourceLocale}
	for _, l := range p.Locales {
		if slices.Contains(l.Platforms, platform) {
			codes = append(codes, l.Code)
		}
	}
	return codes
}

// sourceLocale is the one that is built; all others are repacked from it.
const sourceLocale = "en-US"
