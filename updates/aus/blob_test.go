package aus

import (
	"reflect"
	"strings"
	"testing"
)

// elsewhere is a blob that another program wrote: keys in another order, build
// IDs and sizes in the other of the two ways that the schema allows.
func elsewhere() string {
	hash := strings.Repeat("0123456789abcdef", 8)
	return strings.ReplaceAll(`{"name":"Lynx-12.0.1-build2","product":"Lynx","schema_version":9,"hashFunction":"sha512","appVersion":"12.0.1","displayVersion":"12.0.1",
 "updateLine":[{"for":{},"fields":{"type":"minor","detailsURL":"https://notes.example/%LOCALE%/12.0.1/"}},
               {"for":{"locales":["de","fr"],"versions":["<12.0"]},"fields":{"actions":"showURL","openURL":"https://new.example/%LOCALE%/?old=%OLD_VERSION%"}}],
 "fileUrls":{"*":{"completes":{"*":"https://dl.example/?product=lynx-12.0.1-complete&os=%OS_BOUNCER%&lang=%LOCALE%"},
                  "partials":{"Lynx-12.0-build1":"https://dl.example/?product=lynx-12.0.1-partial-12.0&os=%OS_BOUNCER%&lang=%LOCALE%"}}},
 "platforms":{"Linux_x86_64-gcc3":{"OS_BOUNCER":"linux64","OS_FTP":"linux-x86_64","locales":{
   "de":{"buildID":20260301101500,
         "completes":[{"from":"*","filesize":"51200344","hashValue":"HASH"}],
         "partials":[{"from":"Lynx-12.0-build1","filesize":4120033,"hashValue":"HASH"}]}}},
  "Linux_x86-gcc3":{"alias":"Linux_x86_64-gcc3"}}}`, "HASH", hash)
}

func TestImportedBlob(t *testing.T) {
	b, err := ParseBlob([]byte(elsewhere()))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := b.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseBlob(ours)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b, again) {
		t.Errorf("written and read again it is %+v, was %+v", again, b)
	}
	hash := strings.Repeat("0123456789abcdef", 8)
	full := Patch{complete, "https://dl.example/?product=lynx-12.0.1-complete&os=linux64&lang=de", "sha512", hash, 51200344}
	part := Patch{partial, "https://dl.example/?product=lynx-12.0.1-partial-12.0&os=linux64&lang=de", "sha512", hash, 4120033}
	for _, c := range []struct {
		q    Query
		runs string
		want *Update
	}{
		{Query{"12.0", "20260101000000", "Linux_x86_64-gcc3", "de", "release"}, "Lynx-12.0-build1", &Update{
			Type: minor, AppVersion: "12.0.1", DisplayVersion: "12.0.1", BuildID: "20260301101500",
			DetailsURL: "https://notes.example/de/12.0.1/", Patches: []Patch{full, part},
		}},
		{Query{"11.0", "20250101000000", "Linux_x86-gcc3", "de", "beta"}, "Lynx-11.0-build1", &Update{
			Type: minor, AppVersion: "12.0.1", DisplayVersion: "12.0.1", BuildID: "20260301101500",
			DetailsURL: "https://notes.example/de/12.0.1/",
			Optional:   map[string]string{"actions": "showURL", "openURL": "https://new.example/de/?old=%OLD_VERSION%"},
			Patches:    []Patch{full},
		}},
		{Query{"12.0.1", "20260301101500", "Linux_x86_64-gcc3", "de", "release"}, "", nil},
		{Query{"12.0.1", "20260301101459", "Linux_x86_64-gcc3", "de", "release"}, "", &Update{
			Type: minor, AppVersion: "12.0.1", DisplayVersion: "12.0.1", BuildID: "20260301101500",
			DetailsURL: "https://notes.example/de/12.0.1/", Patches: []Patch{full},
		}},
		{Query{"13.0", "1", "Linux_x86_64-gcc3", "de", "release"}, "", nil},
		{Query{"12.0", "1", "Linux_x86_64-gcc3", "fr", "release"}, "", nil},
		{Query{"12.0", "1", "WINNT_x86-msvc", "de", "release"}, "", nil},
	} {
		got, err := b.Answer(c.q, func(release string) bool { return release == c.runs })
		if err != nil {
			t.Error(err)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: got %+v, want %+v", c.q, got, c.want)
		}
	}
}

func TestHostileBlob(t *testing.T) {
	edit := func(old, new string) string {
		s := strings.Replace(elsewhere(), old, new, 1)
		if s == elsewhere() {
			t.Fatalf("the sample has no %q", old)
		}
		return s
	}
	for _, c := range []struct{ name, json, want string }{
		{"empty", "", "EOF"},
		{"not an object", "[]", "want an object"},
		{"text behind", elsewhere() + "{}", "text behind the end"},
		{"cut off", elsewhere()[:300], "EOF"},
		{"unknown key", edit(`"product"`, `"oproduct"`), `key "oproduct" is not one of the schema's`},
		{"key in other case", edit(`"name"`, `"Name"`), `key "Name" is not one`},
		{"key twice", edit(`"product":"Lynx"`, `"product":"Lynx","product":"Evil"`), `key "product" twice`},
		{"locale twice", edit(`"Linux_x86-gcc3":{`, `"Linux_x86_64-gcc3":{`), `key "Linux_x86_64-gcc3" twice`},
		{"unknown condition", edit(`"locales":["de","fr"]`, `"memory":["<2"]`), `key "memory" is not one`},
		{"unknown field", edit(`"actions"`, `"licenseURL"`), `key "licenseURL" is not one`},
		{"null", edit(`"Lynx"`, "null"), "null"},
		{"deep", edit(`"Lynx"`, strings.Repeat("[", 100000)), "want a single value"},
		{"list for a value", edit(`"Lynx"`, `["Lynx"]`), "want a single value"},
		{"value for a list", edit(`["de","fr"]`, `"de"`), "want an array"},
		{"no name", edit(`"Lynx-12.0.1-build2"`, `""`), "name \"\""},
		{"old schema", edit(`"schema_version":9`, `"schema_version":8`), "schema_version 8, want 9"},
		{"weak hash", edit(`"sha512"`, `"md5"`), `hashFunction "md5"`},
		{"hash of another function", edit(`"sha512"`, `"sha256"`), "want 64 hex digits"},
		{"markup in a version", edit(`"displayVersion":"12.0.1"`, `"displayVersion":"<b>"`), "cannot stand in an attribute"},
		{"build ID of letters", edit("20260301101500", `"today"`), "want digits"},
		{"fraction", edit("4120033", "4120033.5"), "want digits"},
		{"negative size", edit("4120033", "-1"), "want digits"},
		{"no size", edit("4120033", "0"), "filesize 0"},
		{"size 2^64", edit("4120033", "18446744073709551616"), "out of range"},
		{"alias of nothing", edit(`"alias":"Linux_x86_64-gcc3"`, `"alias":"WINNT"`), "is no platform of its own"},
		{"alias of itself", edit(`"alias":"Linux_x86_64-gcc3"`, `"alias":"Linux_x86-gcc3"`), "is no platform of its own"},
		{"alias with data", edit(`{"alias":"Linux_x86_64-gcc3"`, `{"locales":{},"alias":"Linux_x86_64-gcc3"`), "with data of its own"},
		{"no complete for all", edit(`"from":"*"`, `"from":"Lynx-11"`), "no complete from"},
		{"partial for all", edit(`{"from":"Lynx-12.0-build1"`, `{"from":"*"`), "fits nobody"},
		{"no URL", edit(`"partials":{"Lynx-12.0-build1"`, `"partials":{"Lynx-11.0-build1"`), "no URL for channel *"},
		{"javascript URL", edit("https://dl.example", "javascript:dl.example"), "want https"},
		{"URL with a quote", edit("https://dl.example/", `https://dl.example/\"`), "byte 0x22"},
		{"details with a line feed", edit("https://notes.example", `https://notes.example/\n`), "byte 0x0a"},
		{"other type", edit(`"minor"`, `"huge"`), "want minor or major"},
		{"bad version", edit(`"<12.0"`, `"<"`), "version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ParseBlob([]byte(c.json)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

func TestLinesThatOverlap(t *testing.T) {
	details := Fields{DetailsURL: "https://x.example/"}
	for _, c := range []struct {
		a, b    Conditions
		overlap bool
	}{
		{Conditions{}, Conditions{}, true},
		{Conditions{}, Conditions{Locales: []string{"de"}}, true},
		{Conditions{Locales: []string{"de", "fr"}}, Conditions{Locales: []string{"nl"}}, false},
		{Conditions{Locales: []string{"de", "fr"}}, Conditions{Locales: []string{"fr"}}, true},
		{Conditions{Locales: []string{"de"}, Versions: []string{"<12.0"}}, Conditions{Locales: []string{"fr"}, Versions: []string{"<12.0"}}, false},
		{Conditions{Versions: []string{"<12.0"}}, Conditions{Versions: []string{">=12.0"}}, false},
		{Conditions{Versions: []string{"<=12.0"}}, Conditions{Versions: []string{">=12.0"}}, true},
		{Conditions{Versions: []string{"<12.0.1"}}, Conditions{Versions: []string{">12.0"}}, true},
		{Conditions{Versions: []string{"<10"}}, Conditions{Versions: []string{"<9"}}, true},
		{Conditions{Versions: []string{">10"}}, Conditions{Versions: []string{">9"}}, true},
		{Conditions{Versions: []string{"12.0"}}, Conditions{Versions: []string{"12.0.0"}}, true},
		{Conditions{Versions: []string{"12.0"}}, Conditions{Versions: []string{"12.0.1"}}, false},
		{Conditions{Versions: []string{"12.0b9"}}, Conditions{Versions: []string{"<12.0"}}, true},
		{Conditions{Versions: []string{"9.0"}}, Conditions{Versions: []string{">10.0"}}, false},
		{Conditions{BuildIDs: []string{"<9"}}, Conditions{BuildIDs: []string{">10"}}, false},
		{Conditions{BuildIDs: []string{"020"}}, Conditions{BuildIDs: []string{"20"}}, true},
		{Conditions{Channels: []string{"release"}}, Conditions{Channels: []string{"beta"}}, false},
		{Conditions{Channels: []string{"release*"}}, Conditions{Channels: []string{"releasetest"}}, true},
		{Conditions{Channels: []string{"rel*"}}, Conditions{Channels: []string{"release*"}}, true},
		{Conditions{Channels: []string{"beta*"}}, Conditions{Channels: []string{"release*"}}, false},
		{Conditions{Channels: []string{"release"}}, Conditions{Channels: []string{"release-cck-acme"}}, true},
		{Conditions{Channels: []string{"release-cck-a*"}}, Conditions{Channels: []string{"release"}}, true},
		{Conditions{Channels: []string{"release-x*"}}, Conditions{Channels: []string{"release"}}, false},
	} {
		for _, lines := range [][]Line{{{c.a, details}, {c.b, details}}, {{c.b, details}, {c.a, details}}} {
			bad := CheckLines(lines)
			if got := len(bad) > 0; got != c.overlap {
				t.Errorf("%+v and %+v: found %v, want overlap %t", lines[0].For, lines[1].For, bad, c.overlap)
			}
		}
		if bad := CheckLines([]Line{{c.a, details}, {c.b, Fields{Type: minor}}}); len(bad) > 0 {
			t.Errorf("different fields: found %v", bad)
		}
	}
}

// If two conditions match one client, they overlap.
func FuzzOverlap(f *testing.F) {
	f.Add("<12.0", ">=11", "12.0b3", "release*", "release", "release-cck-x")
	f.Fuzz(func(t *testing.T, v1, v2, version, c1, c2, channel string) {
		a := Conditions{Versions: []string{v1}, Channels: []string{c1}}
		b := Conditions{Versions: []string{v2}, Channels: []string{c2}}
		if (Line{For: a}).check(1) != nil || (Line{For: b}).check(1) != nil || CheckWord(version) != nil || CheckWord(channel) != nil {
			return
		}
		q := Query{Version: version, Channel: channel}
		if a.match(q) && b.match(q) && !a.overlaps(b) {
			t.Fatalf("%+v and %+v both match %+v and are said not to overlap", a, b, q)
		}
	})
}

func FuzzParseBlob(f *testing.F) {
	f.Add([]byte(elsewhere()))
	f.Add([]byte(`{"name":"a","schema_version":9,"hashFunction":"sha256"}`))
	f.Add([]byte(`{"name":"a","schema_version":9,"hashFunction":"sha256","platforms":{"x":{"alias":"y"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBlob(data)
		if err != nil {
			return
		}
		ours, err := b.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseBlob(ours)
		if err != nil {
			t.Fatalf("we refuse what we wrote: %v\n%s", err, ours)
		}
		twice, err := again.JSON()
		if err != nil || string(twice) != string(ours) {
			t.Fatalf("written twice: error %v\n%s\n%s", err, ours, twice)
		}
	})
}
