package aus

import (
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// lynx is a product with everything in it: two platforms, one of them under
// two build targets, a watershed, a new locale, a retired one, a major update
// for old versions, a what's-new page for some.
func lynx() *Release {
	yes := true
	offer := func(name, version string, builds ...OfferBuild) Offer {
		return Offer{
			Name: name, AppVersion: version, BuildNumber: 1, Builds: builds,
			Lines: []Line{{Fields: Fields{DetailsURL: "https://notes.example/%LOCALE%/" + version + "/"}}},
		}
	}
	r := &Release{
		Product: "Lynx", HashFunction: "sha512",
		Platforms: []Platform{
			{Name: "linux64", Targets: []string{"Linux_x86_64-gcc3"}, Bouncer: "linux64", FTP: "linux-x86_64"},
			{Name: "mac", Targets: []string{"Darwin_x86_64-gcc3-u-i386-x86_64", "Darwin_aarch64-gcc3"}, Bouncer: "osx", FTP: "mac"},
		},
		Newest: offer("Lynx-12.0.1-build2", "12.0.1",
			build("linux64", "20260301101500", "Lynx-12.0.1-build2", []string{"Lynx-12.0-build1"}, "de", "en-US", "fr"),
			build("mac", "20260301111500", "Lynx-12.0.1-build2", []string{"Lynx-12.0-build1"}, "de", "en-US")),
		Watersheds: []Offer{offer("Lynx-11.5-build1", "11.5",
			build("linux64", "20250901000000", "Lynx-11.5-build1", nil, "de", "en-US"),
			build("mac", "20250901000001", "Lynx-11.5-build1", nil, "de", "en-US"))},
		Priors: []Prior{
			{Name: "Lynx-12.0-build1", AppVersion: "12.0", Builds: []PriorBuild{
				{"linux64", "20260101000000", []string{"de", "en-US", "nl"}}, {"mac", "20260101000001", []string{"de", "en-US"}},
			}},
			{Name: "Lynx-11.5-build1", AppVersion: "11.5", Builds: []PriorBuild{
				{"linux64", "20250901000000", []string{"de", "en-US"}}, {"mac", "20250901000001", []string{"de", "en-US"}},
			}},
			{Name: "Lynx-10.0-build1", AppVersion: "10.0", Builds: []PriorBuild{
				{"linux64", "20250101000000", []string{"de", "en-US"}},
			}},
		},
		Channels: []Channel{
			{
				Name:     "release",
				Complete: "https://dl.example/?product=lynx-{version}-complete&os={bouncer}&lang={locale}",
				Partial:  "https://dl.example/?product=lynx-{version}-partial-{from}&os={bouncer}&lang={locale}",
			},
			{
				Name:     "releasetest",
				Complete: "https://candidates.example/{product}/{version}-candidates/build{build}/update/{ftp}/{locale}/{file}",
				Partial:  "https://candidates.example/{product}/{version}-candidates/build{build}/update/{ftp}/{locale}/{file}",
				TestOf:   "release",
			},
		},
		Retired: []Retired{{Platform: "linux64", Locale: "nl", Why: "no translators"}},
	}
	r.Newest.BuildNumber = 2
	r.Newest.Lines = append(r.Newest.Lines,
		Line{For: Conditions{Versions: []string{"<12.0"}}, Fields: Fields{Type: major}},
		Line{
			For:    Conditions{Locales: []string{"de"}, Versions: []string{"<=12.0"}},
			Fields: Fields{Actions: "showURL", OpenURL: "https://new.example/%LOCALE%/?old=%OLD_VERSION%&x=1", ShowPrompt: &yes},
		})
	return r
}

// build offers locales on a platform; a file's bytes are its URL-independent
// name, so that the fake mirror below can make them up.
func build(platform, buildID, name string, from []string, locales ...string) OfferBuild {
	b := OfferBuild{Platform: platform, BuildID: buildID}
	for _, l := range locales {
		locale := OfferLocale{Name: l, Complete: marOf("lynx-"+version(name)+".complete.mar", platform, l)}
		if l != "fr" {
			for _, f := range from {
				locale.Partials = append(locale.Partials, Partial{f, marOf("lynx-"+version(f)+"-"+version(name)+".partial.mar", platform, l)})
			}
		}
		b.Locales = append(b.Locales, locale)
	}
	return b
}

func version(name string) string { return strings.Split(name, "-")[1] }

func marOf(file, platform, locale string) MAR {
	sum := sha512.Sum512(bytesOf(file, platform, locale))
	return MAR{File: file, Size: int64(len(bytesOf(file, platform, locale))), Hash: hex.EncodeToString(sum[:])}
}

func bytesOf(file, platform, locale string) []byte {
	return []byte(strings.Join([]string{file, platform, locale}, " "))
}

var mirrorURLs = []*regexp.Regexp{
	regexp.MustCompile(`^https://dl\.example/\?product=lynx-(?P<to>[^-&]+)-(?P<kind>complete|partial)(?:-(?P<from>[^-&]+))?&os=(?P<os>[^&]+)&lang=(?P<locale>.+)$`),
	regexp.MustCompile(`^https://candidates\.example/Lynx/[^/]+/build\d/update/(?P<os>[^/]+)/(?P<locale>[^/]+)/(?P<file>[^/]+)$`),
}

// mirror finds the files that lynx offers, by what its URLs say.
func mirror(url, hashFunction string) (Found, error) {
	for _, re := range mirrorURLs {
		m := re.FindStringSubmatch(url)
		if m == nil {
			continue
		}
		get := func(name string) string {
			if i := re.SubexpIndex(name); i >= 0 {
				return m[i]
			}
			return ""
		}
		file := get("file")
		if file == "" {
			file = "lynx-" + strings.TrimPrefix(get("from")+"-"+get("to"), "-") + "." + get("kind") + ".mar"
		}
		platform := map[string]string{"linux64": "linux64", "linux-x86_64": "linux64", "osx": "mac", "mac": "mac"}[get("os")]
		b := bytesOf(file, platform, get("locale"))
		sum := sha512.Sum512(b)
		return Found{int64(len(b)), hex.EncodeToString(sum[:])}, nil
	}
	return Found{}, errors.New("404")
}

func generate(t testing.TB, r *Release, forms ...Form) []File {
	t.Helper()
	files, err := Generate(r, forms...)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// golden compares with testdata/name, or writes it under UPDATE=1.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}
