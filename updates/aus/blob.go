package aus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Blob is a release blob of Balrog, schema 9 (apprelease-v9.yml): everything
// that an update server has to know of one release.
type Blob struct {
	Name                string                  `json:"name"`
	Product             string                  `json:"product,omitempty"`
	SchemaVersion       int                     `json:"schema_version"`
	HashFunction        string                  `json:"hashFunction"`
	AppVersion          string                  `json:"appVersion,omitempty"`
	DisplayVersion      string                  `json:"displayVersion,omitempty"`
	BinTransMerkleRoot  string                  `json:"binTransMerkleRoot,omitempty"`
	BinTransCertificate string                  `json:"binTransCertificate,omitempty"`
	BinTransSCTList     string                  `json:"binTransSCTList,omitempty"`
	UpdateLine          []Line                  `json:"updateLine,omitempty"`
	FileURLs            map[string]FileURLs     `json:"fileUrls,omitempty"`  // by channel, or "*"
	Platforms           map[string]BlobPlatform `json:"platforms,omitempty"` // by build target
}

// FileURLs are URL templates by the release a patch is from, or "*". They may
// hold %LOCALE%, %OS_BOUNCER% and %OS_FTP%.
type FileURLs struct {
	Completes map[string]string `json:"completes,omitempty"`
	Partials  map[string]string `json:"partials,omitempty"`
}

// BlobPlatform is either another name of a build target or its locales.
type BlobPlatform struct {
	Alias     string                `json:"alias,omitempty"`
	BuildID   digits                `json:"buildID,omitempty"`
	OSBouncer string                `json:"OS_BOUNCER,omitempty"`
	OSFTP     string                `json:"OS_FTP,omitempty"`
	Locales   map[string]BlobLocale `json:"locales,omitempty"`
}

// BlobLocale is what one locale is offered.
type BlobLocale struct {
	BuildID        digits      `json:"buildID,omitempty"`
	AppVersion     string      `json:"appVersion,omitempty"`
	DisplayVersion string      `json:"displayVersion,omitempty"`
	Partials       []BlobPatch `json:"partials,omitempty"` // most common first
	Completes      []BlobPatch `json:"completes,omitempty"`
}

// BlobPatch is one MAR. From names the release it applies to, "*" any.
type BlobPatch struct {
	From                   string `json:"from"`
	FileSize               size   `json:"filesize"`
	HashValue              string `json:"hashValue"`
	FileURL                string `json:"fileUrl,omitempty"`
	BinTransInclusionProof string `json:"binTransInclusionProof,omitempty"`
}

const blobSchema = 9

// digits is a number of any length that the schema lets stand as a string or
// as a number; we write strings.
type digits string

func (d *digits) UnmarshalJSON(b []byte) error {
	s, err := plainNumber(b)
	*d = digits(s)
	return err
}

// size is the same, written as a number.
type size int64

func (n *size) UnmarshalJSON(b []byte) error {
	s, err := plainNumber(b)
	if err != nil {
		return err
	}
	v, err := strconv.ParseInt(s, 10, 64)
	*n = size(v)
	return err
}

func plainNumber(b []byte) (string, error) {
	s := strings.TrimSuffix(strings.TrimPrefix(string(b), `"`), `"`)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return "", fmt.Errorf("%.40s: want digits", b)
	}
	return s, nil
}

// JSON writes the blob, keys of maps in order.
func (b *Blob) JSON() ([]byte, error) {
	if bad := b.Check(); len(bad) > 0 {
		return nil, bad[0]
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(b)
	return out.Bytes(), err
}

// MaxBlob bounds a blob; Firefox's have some megabytes.
const MaxBlob = 64 << 20

// ParseBlob reads a blob. Keys that the schema does not have, or a key twice,
// are refused, and so is what [Blob.Check] finds.
func ParseBlob(data []byte) (*Blob, error) {
	if len(data) > MaxBlob {
		return nil, fmt.Errorf("blob has %d bytes, at most %d allowed", len(data), MaxBlob)
	}
	if err := checkKeys(data, blobShape()); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	var b Blob
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if bad := b.Check(); len(bad) > 0 {
		return nil, fmt.Errorf("blob: %w", bad[0])
	}
	return &b, nil
}

// Check returns everything in the blob that a server would choke on, or answer
// in a way nobody meant.
func (b *Blob) Check() []error {
	c := &blobChecker{b: b}
	c.top()
	for _, err := range checkLines(b.UpdateLine) {
		c.add("updateLine: %w", err)
	}
	for _, target := range slices.Sorted(maps.Keys(b.Platforms)) {
		c.platform(target, b.Platforms[target])
	}
	return c.bad
}

type blobChecker struct {
	b   *Blob
	bad []error
}

func (c *blobChecker) add(format string, args ...any) {
	c.bad = append(c.bad, fmt.Errorf(format, args...))
}

func (c *blobChecker) top() {
	b := c.b
	if n := len(b.Name); n == 0 || n > 100 {
		c.add("name %.120q: want 1 to 100 bytes", b.Name)
	}
	if len(b.Product) > 100 {
		c.add("product %.120q: want at most 100 bytes", b.Product)
	}
	if b.SchemaVersion != blobSchema {
		c.add("schema_version %d, want %d", b.SchemaVersion, blobSchema)
	}
	if _, ok := hashLengths[hashName(b.HashFunction)]; !ok {
		c.add("hashFunction %q: want sha256, sha384 or sha512", b.HashFunction)
	}
	c.version("appVersion", b.AppVersion)
	c.version("displayVersion", b.DisplayVersion)
	for channel, urls := range b.FileURLs {
		for _, list := range []map[string]string{urls.Completes, urls.Partials} {
			for from, u := range list {
				if err := checkTemplateURL(u); err != nil {
					c.add("fileUrls %s %s: %w", channel, from, err)
				}
			}
		}
	}
	slices.SortFunc(c.bad, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
}

// version accepts what the server may put into an attribute as it is.
func (c *blobChecker) version(what, s string) {
	if strings.ContainsAny(s, `"<>&`) || checkText(s) != nil {
		c.add("%s %q cannot stand in an attribute", what, s)
	}
}

// checkTemplateURL takes the server's placeholders for what they stand for.
func checkTemplateURL(s string) error {
	return URLPolicy{AllowHTTP: true}.CheckURL(fillBlobURL(s, "x", "x", "x"))
}

func fillBlobURL(s, locale, bouncer, ftp string) string {
	return strings.NewReplacer(
		"%LOCALE%", locale, "%locale%", locale,
		"%OS_BOUNCER%", bouncer, "%os_bouncer%", bouncer,
		"%OS_FTP%", ftp, "%os_ftp%", ftp,
	).Replace(s)
}

func (c *blobChecker) platform(target string, p BlobPlatform) {
	if p.Alias != "" {
		real, ok := c.b.Platforms[p.Alias]
		if !ok || real.Alias != "" {
			c.add("%s: alias %q is no platform of its own", target, p.Alias)
		}
		if p.BuildID != "" || p.OSBouncer != "" || p.OSFTP != "" || p.Locales != nil {
			c.add("%s: an alias of %q with data of its own", target, p.Alias)
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(p.Locales)) {
		l, where := p.Locales[name], target+" "+name
		if l.BuildID == "" && p.BuildID == "" {
			c.add("%s: no buildID", where)
		}
		if l.AppVersion == "" && c.b.AppVersion == "" {
			c.add("%s: no appVersion: the server would never answer", where)
		}
		c.version(where+": appVersion", l.AppVersion)
		c.version(where+": displayVersion", l.DisplayVersion)
		if !slices.ContainsFunc(l.Completes, func(p BlobPatch) bool { return p.From == "*" }) {
			c.add("%s: no complete from %q: who has no partial gets nothing", where, "*")
		}
		for _, patch := range l.Completes {
			c.patch(where+" complete", patch, func(u FileURLs) map[string]string { return u.Completes })
		}
		for _, patch := range l.Partials {
			if patch.From == "*" {
				c.add("%s: a partial from %q fits nobody", where, "*")
				continue
			}
			c.patch(where+" partial", patch, func(u FileURLs) map[string]string { return u.Partials })
		}
	}
}

func (c *blobChecker) patch(where string, p BlobPatch, list func(FileURLs) map[string]string) {
	where += " from " + p.From
	if p.From == "" {
		c.add("%s: no release it is from", where)
	}
	if p.FileSize <= 0 {
		c.add("%s: filesize %d", where, p.FileSize)
	}
	if err := checkHash(c.b.HashFunction, p.HashValue); err != nil {
		c.add("%s: %w", where, err)
	}
	if p.FileURL != "" {
		if err := (URLPolicy{AllowHTTP: true}).CheckURL(p.FileURL); err != nil {
			c.add("%s: %w", where, err)
		}
		return
	}
	for _, channel := range slices.Sorted(maps.Keys(c.b.FileURLs)) {
		if list(c.b.FileURLs[channel])[p.From] == "" {
			c.add("%s: no URL for channel %s", where, channel)
		}
	}
	if len(c.b.FileURLs) == 0 {
		c.add("%s: no URL", where)
	}
}
