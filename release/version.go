package release

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
)

// Version is a product's version, of either scheme. The text is kept as it was
// written; comparing never goes through it.
type Version struct {
	text    string
	numbers [4]int // major, minor, patch, and the fourth of 1.5 and 2.0
	kind    Kind
	nth     int // of the beta or release candidate
	semver  *semver.Version
}

// Kind is a version's place on the way to a release, in ascending order: of
// two versions with equal numbers the one with the later kind is newer. A
// release and an esr of equal numbers are equal.
type Kind int

const (
	Nightly   Kind = iota // 60.0a1
	Aurora                // 54.0a2
	Beta                  // 60.0b3
	Candidate             // 3.5rc3
	Release               // 60.0.1
	ESR                   // 60.1.0esr
)

var kindNames = [...]string{"nightly", "aurora", "beta", "rc", "release", "esr"}

func (k Kind) String() string { return kindNames[k] }

// versionForm assigns numbers; which combinations exist is checked after.
var versionForm = regexp.MustCompile(`^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(?:\.(0|[1-9]\d{0,5}))?(?:\.(0|[1-9]\d{0,5}))?(?:(a1)|(a2)|b([1-9]\d{0,3})|rc([1-9]\d{0,3})|(esr))?$`)

// exceptions are versions that were released against the rules.
var exceptions = map[string]bool{"33.1": true, "38.0.5b1": true, "38.0.5b3": true}

// ParseVersion reads a version of the scheme "mozilla" or "semver".
func ParseVersion(scheme, text string) (Version, error) {
	if scheme == "semver" {
		v, err := semver.StrictNewVersion(text)
		if err != nil {
			return Version{}, fmt.Errorf("version %q: want semver 2, such as 1.4.0 or 2.0.0-rc.1", text)
		}
		kind := Release
		if v.Prerelease() != "" {
			kind = Beta
		}
		return Version{text: text, semver: v, kind: kind}, nil
	}
	return parseMozilla(text)
}

func parseMozilla(text string) (Version, error) {
	m := versionForm.FindStringSubmatch(text)
	if m == nil {
		return Version{}, fmt.Errorf("version %q: want a form such as 10.0, 10.0.1, 10.0b3 or 140.1.0esr", text)
	}
	v := Version{text: text, kind: Release}
	for i := range v.numbers {
		v.numbers[i] = number(m[1+i])
	}
	switch {
	case m[5] != "":
		v.kind = Nightly
	case m[6] != "":
		v.kind = Aurora
	case m[7] != "":
		v.kind, v.nth = Beta, number(m[7])
	case m[8] != "":
		v.kind, v.nth = Candidate, number(m[8])
	case m[9] != "":
		v.kind = ESR
	}
	if why := v.against(m[3] != "", m[4] != ""); why != "" && !exceptions[text] {
		return Version{}, fmt.Errorf("version %q: %s", text, why)
	}
	return v, nil
}

// against says which rule of numbering a version breaks. Firefox 5 began the
// train of major versions; before it, minor versions were releases of their own.
func (v Version) against(patch, fourth bool) string {
	n := v.numbers
	train := n[0] >= 5
	switch {
	case fourth && !(n[0] == 1 && n[1] == 5 || n[0] == 2 && n[1] == 0):
		return "only 1.5 and 2.0 had four numbers"
	case fourth && n[2] != 0:
		return "the fourth number only ever followed a 0"
	case patch && (v.kind == Nightly || v.kind == Aurora || v.kind == Beta || v.kind == Candidate):
		return fmt.Sprintf("a %s has no third number", v.kind)
	case !train && v.kind == ESR:
		return "there was no esr before 10"
	case train && v.kind == Candidate:
		return "release candidates have a build number instead, since 5"
	case train && patch && n[1] == 0 && n[2] == 0:
		return fmt.Sprintf("want %d.0", n[0])
	case train && !patch && n[1] != 0:
		return fmt.Sprintf("want %d.%d.0 or %d.0.%d", n[0], n[1], n[0], n[1])
	}
	return ""
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // the form admits at most six digits
	return n
}

func (v Version) String() string { return v.text }

func versionTexts(list []Version) []string {
	var all []string
	for _, v := range list {
		all = append(all, v.text)
	}
	return all
}

// Kind tells what the version is.
func (v Version) Kind() Kind { return v.kind }

// App is the version without what marks a beta or an esr: 10.0b3 → 10.0.
func (v Version) App() string {
	if v.semver != nil {
		return fmt.Sprintf("%d.%d.%d", v.semver.Major(), v.semver.Minor(), v.semver.Patch())
	}
	if i := strings.IndexFunc(v.text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		return v.text[:i]
	}
	return v.text
}

// Compare orders versions of one scheme.
func (v Version) Compare(w Version) int {
	if v.semver != nil && w.semver != nil {
		return v.semver.Compare(w.semver)
	}
	for i := range v.numbers {
		if c := cmp.Compare(v.numbers[i], w.numbers[i]); c != 0 {
			return c
		}
	}
	// An esr counts as the release with its numbers.
	if c := cmp.Compare(min(v.kind, Release), min(w.kind, Release)); c != 0 {
		return c
	}
	return cmp.Compare(v.nth, w.nth)
}

// CandidateName is PRODUCT-VERSION-buildN, the name of an attempt at a version.
func CandidateName(product string, v Version, build int) string {
	return fmt.Sprintf("%s-%s-build%d", product, v, build)
}

// tagBase is PREFIX_10_0b3: esr and beta stay as they are. A semver's + is no
// letter for a tag that people type.
func tagBase(prefix string, v Version) string {
	return prefix + "_" + strings.NewReplacer(".", "_", "+", "_", "-", "_").Replace(v.text)
}

// BuildTag marks one attempt: FIREFOX_10_0_BUILD1.
func BuildTag(prefix string, v Version, build int) string {
	return fmt.Sprintf("%s_BUILD%d", tagBase(prefix, v), build)
}

// ReleaseTag marks the latest attempt at a version: FIREFOX_10_0_RELEASE.
func ReleaseTag(prefix string, v Version) string { return tagBase(prefix, v) + "_RELEASE" }

// BranchName is the release branch: GECKO70_2011092711_RELBRANCH. A respin has
// one of its own, for its commit may be of the same hour.
func BranchName(prefix string, v Version, build int, at time.Time) string {
	name := prefix + strings.NewReplacer(".", "", "+", "", "-", "").Replace(v.text) + "_" + at.UTC().Format("2006010215")
	if build > 1 {
		name += fmt.Sprintf("_BUILD%d", build)
	}
	return name + "_RELBRANCH"
}

// BuildID is the moment of the commit, in the 14 digits that clients compare.
func BuildID(at time.Time) string { return at.UTC().Format("20060102150405") }
