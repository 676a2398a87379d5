package aus

import (
	"bytes"
	"encoding/json"
	"fmt"
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
