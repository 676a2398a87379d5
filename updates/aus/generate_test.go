package aus

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var proof = Proof{Find: mirror, URLs: URLPolicy{Hosts: []string{"dl.example", "candidates.example"}}}

func TestGenerated(t *testing.T) {
	r := lynx()
	files := generate(t, r, XML, Snippets2, Blobs)
	if bad := Check(r, files, proof); len(bad) > 0 {
		t.Errorf("Check finds in what Generate wrote: %v", bad)
	}
	// 2 blobs, 3 files for web servers, and of 30 classes (14 run 12.0, 12 run
	// 11.5, 4 run 10.0) an update.xml and a complete snippet each, but no snippet
	// for the 2 retired, and a partial snippet for the other 12 that run 12.0.
	if want := 2 + 3 + 30 + 28 + 12; len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	for from, to := range map[string]string{
		"update/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/de/release/update.xml":           "partial.xml",
		"update/Lynx/10.0/20250101000000/Linux_x86_64-gcc3/de/releasetest/update.xml":       "watershed.xml",
		"update/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/nl/release/update.xml":           "retired.xml",
		"snippets/Lynx/12.0/Linux_x86_64-gcc3/20260101000000/de/release/partial.txt":        "partial.txt",
		"snippets/Lynx/11.5/Darwin_aarch64-gcc3/20250901000001/de/releasetest/complete.txt": "major.txt",
		"blobs/Lynx-12.0.1-build2.json":                                                     "blob.json",
		"update/nginx.conf":                                                                 "nginx.conf",
		"update/apache.conf":                                                                "apache.conf",
	} {
		i := slices.IndexFunc(files, func(f File) bool { return f.Name == from })
		if i < 0 {
			t.Errorf("no file %s", from)
			continue
		}
		golden(t, to, files[i].Data)
	}
}

// The files do not depend on the order in which things are described, but for
// the priors: theirs says which are most common.
func TestOrderDoesNotMatter(t *testing.T) {
	want := generate(t, lynx(), XML, Snippets2, Blobs)
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		r := lynx()
		shuffle := func(n int, swap func(i, j int)) { rnd.Shuffle(n, swap) }
		shuffle(len(r.Platforms), reflect.Swapper(r.Platforms))
		shuffle(len(r.Channels), reflect.Swapper(r.Channels))
		for i := range r.Priors {
			shuffle(len(r.Priors[i].Builds), reflect.Swapper(r.Priors[i].Builds))
			for _, b := range r.Priors[i].Builds {
				shuffle(len(b.Locales), reflect.Swapper(b.Locales))
			}
		}
		shuffle(len(r.Newest.Builds), reflect.Swapper(r.Newest.Builds))
		for _, b := range r.Newest.Builds {
			shuffle(len(b.Locales), reflect.Swapper(b.Locales))
		}
		if !reflect.DeepEqual(generate(t, r, Blobs, XML, Snippets2), want) {
			t.Fatalf("seed %d: other files", seed)
		}
	}
}

// An old client comes to the newest release, step by step.
func TestWatershedChain(t *testing.T) {
	files := generate(t, lynx(), XML)
	version, buildID := "10.0", "20250101000000"
	var way []string
	for version != "12.0.1" {
		name := path.Join("update/Lynx", version, buildID, "Linux_x86_64-gcc3/en-US/release/update.xml")
		i := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("no file %s", name)
		}
		u, err := ParseXML(files[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		way = append(way, u.AppVersion+" "+u.Type)
		version, buildID = u.AppVersion, u.BuildID
	}
	if want := []string{"11.5 minor", "12.0.1 major"}; !slices.Equal(way, want) {
		t.Errorf("way %q, want %q", way, want)
	}
}

func TestGenerateRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Release)
		want   string
	}{
		{"locale left alone", func(r *Release) { r.Retired = nil }, "12.0 Linux_x86_64-gcc3 20260101000000 nl release: Lynx-12.0.1-build2 has nothing for linux64 nl"},
		{"prior newer", func(r *Release) { r.Priors[0].AppVersion = "13.0" }, "or newer"},
		{"same build", func(r *Release) {
			r.Priors[0].AppVersion = "12.0.1"
			r.Priors[0].Builds[0].BuildID = "20260301101500"
		}, "runs what is offered"},
		{"unknown placeholder", func(r *Release) { r.Channels[0].Complete = "https://dl.example/{os}" }, `no value for "{os}"`},
		{"unmatched brace", func(r *Release) { r.Channels[0].Complete = "https://dl.example/{file" }, "no value for"},
		{"javascript", func(r *Release) { r.Channels[0].Complete = "javascript:alert(1)" }, "want https"},
		{"climbing version", func(r *Release) { r.Priors[0].AppVersion = "../12" }, "want 1 to 100 letters"},
		{"climbing locale", func(r *Release) { r.Priors[0].Builds[0].Locales[0] = ".." }, "locale"},
		{"channel with slash", func(r *Release) { r.Channels[0].Name = "a/b" }, `"a/b": want letters`},
		{"short hash", func(r *Release) { r.Newest.Builds[0].Locales[0].Complete.Hash = "00" }, "want 128 hex digits"},
		{"empty MAR", func(r *Release) { r.Newest.Builds[0].Locales[0].Complete.Size = 0 }, "size 0, want 1 to"},
		{"two answers", func(r *Release) { r.Priors = append(r.Priors, r.Priors[0]) }, "described twice"},
		{"target twice", func(r *Release) { r.Platforms[1].Targets = r.Platforms[0].Targets }, "belongs to platforms"},
		{"high watershed", func(r *Release) { r.Watersheds[0].AppVersion = "12.0.1" }, "is not below 12.0.1"},
		{"partial from nowhere", func(r *Release) { r.Newest.Builds[0].Locales[0].Partials[0].From = "Lynx-9" }, "is no prior release"},
		{"two details", func(r *Release) {
			r.Newest.Lines = append(r.Newest.Lines, Line{For: Conditions{Channels: []string{"release*"}}, Fields: Fields{DetailsURL: "https://x.example/"}})
		}, "both say detailsURL"},
		{"test of nothing", func(r *Release) { r.Channels[1].TestOf = "beta" }, "is no other channel"},
	} {
		r := lynx()
		c.change(r)
		_, err := Generate(r, XML, Snippets2, Blobs)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Generate(lynx(), Snippets1); err == nil || !strings.Contains(err.Error(), "schema 1 cannot say") {
		t.Errorf("schema 1 with a what's-new page: got error %v", err)
	}
}

// URLs that the server's placeholders cannot express stand at the patch, if
// one is right for all channels.
func TestBlobURLsThatVary(t *testing.T) {
	r := lynx()
	r.Channels[0].Complete, r.Channels[0].Partial = "https://dl.example/{platform}/{locale}/{file}", "https://dl.example/{platform}/{locale}/{file}"
	if _, err := Generate(r, Blobs); err != nil {
		t.Fatal(err)
	}
	r.Channels[1].Complete = "https://candidates.example/{platform}/{locale}/{file}"
	if _, err := Generate(r, Blobs); err == nil || !strings.Contains(err.Error(), "a blob cannot say both") {
		t.Errorf("got error %v", err)
	}
}

// Each thing that can go wrong between writing and publishing is found.
func TestCheckFinds(t *testing.T) {
	edit := func(name, old, new string) func(*Release, *[]File) {
		return func(_ *Release, files *[]File) {
			i := slices.IndexFunc(*files, func(f File) bool { return f.Name == name })
			s := strings.Replace(string((*files)[i].Data), old, new, 1)
			if s == string((*files)[i].Data) {
				panic(fmt.Sprintf("%s has no %q", name, old))
			}
			(*files)[i].Data = []byte(s)
		}
	}
	xmlName := "update/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/de/release/update.xml"
	snippet := "snippets/Lynx/12.0/Linux_x86_64-gcc3/20260101000000/de/release/complete.txt"
	for _, c := range []struct {
		name   string
		forms  []Form
		change func(*Release, *[]File)
		want   string
	}{
		{"wrong size", []Form{XML}, edit(xmlName, `size="35"`, `size="42"`), "has 35 bytes, clients are told 42"},
		{"wrong hash", []Form{XML}, edit(xmlName, `hashValue="`, `hashValue="0`), "want 128 hex digits"},
		{"other hash", []Form{Snippets2}, edit(snippet, "size=35", "size=36"), "has 35 bytes, clients are told 36"},
		{"wrong host", []Form{XML}, edit(xmlName, "dl.example", "evil.example"), `host "evil.example" is none of`},
		{"plain http", []Form{XML}, edit(xmlName, "https://dl", "http://dl"), `scheme "http", want https`},
		{"dead link", []Form{XML}, edit(xmlName, "product=lynx", "product=lion"), "404"},
		{"loop", []Form{XML}, func(r *Release, files *[]File) {
			edit(xmlName, `appVersion="12.0.1"`, `appVersion="12.0"`)(r, files)
			edit(xmlName, `buildID="20260301101500"`, `buildID="20260101000000"`)(r, files)
		}, "which is not newer: a loop"},
		{"backwards", []Form{XML}, edit(xmlName, `appVersion="12.0.1"`, `appVersion="11.5"`), "is led to 11.5"},
		{"dead end", []Form{XML}, func(r *Release, _ *[]File) { r.Priors = r.Priors[:1:1]; r.Priors = append(r.Priors, lynx().Priors[2]) }, "where nobody leads on"},
		{"left alone", []Form{XML}, func(r *Release, _ *[]File) { r.Retired = nil }, "no update, and not retired"},
		{"missing file", []Form{XML}, func(_ *Release, files *[]File) {
			*files = slices.DeleteFunc(*files, func(f File) bool { return f.Name == xmlName })
		}, xmlName + " is missing"},
		{"missing snippet", []Form{Snippets2}, func(_ *Release, files *[]File) {
			*files = slices.DeleteFunc(*files, func(f File) bool { return f.Name == snippet })
		}, "no complete beside it"},
		{"stray file", []Form{XML}, func(_ *Release, files *[]File) {
			*files = append(*files, File{"update/Lynx/9.0/1/x/de/release/update.xml", nil})
		}, "answers nobody"},
		{"forms disagree", []Form{XML, Snippets2}, edit(snippet, "detailsUrl=https://notes.example/de", "detailsUrl=https://notes.example/fr"), "different updates: details URL: partial https://notes.example/de/12.0.1/, complete https://notes.example/fr/12.0.1/"},
		{"forms disagree on all", []Form{XML, Blobs}, edit(xmlName, `type="minor"`, `type="major"`), xmlName + ": type: blob minor, xml major"},
		{"forms disagree on a size", []Form{Snippets2, Blobs}, edit(snippet, "size=", "size=1"), snippet + ": patch complete size: blob "},
		{"test differs", []Form{XML}, edit(xmlName, `type="minor"`, `type="major"`), "type: channel releasetest is told minor, release major"},
		{"missing blob", []Form{Blobs}, func(_ *Release, files *[]File) { *files = (*files)[:1] }, "blobs/Lynx-12.0.1-build2.json is missing"},
		{"nothing published", []Form{XML}, func(_ *Release, files *[]File) { *files = nil }, "no file answers clients"},
		{"nothing described", []Form{XML}, func(r *Release, files *[]File) { *r, *files = Release{}, nil }, "no channel"},
		{"platform described twice", []Form{XML}, func(r *Release, _ *[]File) { r.Platforms = append(r.Platforms, r.Platforms[0]) }, "platform linux64 twice"},
		{"platform offered twice", []Form{XML}, func(r *Release, _ *[]File) {
			r.Newest.Builds = append(r.Newest.Builds, r.Newest.Builds[0])
		}, "linux64 stands there twice"},
		{"locale offered twice", []Form{XML}, func(r *Release, _ *[]File) {
			b := &r.Newest.Builds[0]
			b.Locales = append(b.Locales, b.Locales[0])
		}, "stands there twice"},
		{"broken XML", []Form{XML}, edit(xmlName, "</updates>", ""), "unexpected EOF"},
		{"broken blob", []Form{Blobs}, edit("blobs/Lynx-12.0.1-build2.json", `"product"`, `"produce"`), `key "produce" is not one`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := lynx()
			files := generate(t, r, c.forms...)
			c.change(r, &files)
			bad := Check(r, files, proof)
			if !slices.ContainsFunc(bad, func(err error) bool { return strings.Contains(err.Error(), c.want) }) {
				t.Errorf("found %v, want %q", bad, c.want)
			}
		})
	}
}

// A web server with nothing but our files and rules answers all six shapes of
// URL.
func TestSixShapes(t *testing.T) {
	files := fstest.MapFS{}
	var rules []*regexp.Regexp
	for _, f := range generate(t, lynx(), XML) {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
		if f.Name == "update/nginx.conf" {
			for _, m := range regexp.MustCompile(`location ~ "(.*)" \{`).FindAllStringSubmatch(string(f.Data), -1) {
				rules = append(rules, regexp.MustCompile(m[1]))
			}
		}
	}
	if len(rules) != 6 {
		t.Fatalf("%d rules, want 6", len(rules))
	}
	// What nginx makes of a location with try_files.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		for _, re := range rules {
			m := re.FindStringSubmatch(req.URL.Path)
			if m == nil {
				continue
			}
			f, ok := files["update/"+m[1]+"/"+m[2]+"/update.xml"]
			if !ok {
				f = files[noUpdate]
			}
			w.Write(f.Data)
			return
		}
		http.NotFound(w, req)
	}))
	defer server.Close()
	class := "Lynx/12.0/20260101000000/Linux_x86_64-gcc3/de/"
	for _, c := range []struct {
		url  string
		want string // the version offered, "" for none, 404
	}{
		{"/update/1/" + class + "release/update.xml", "12.0.1"},
		{"/update/2/" + class + "release/Linux%205.10/update.xml", "12.0.1"},
		{"/update/3/" + class + "release/Linux%205.10%20(GTK%203.24)/default/default/update.xml?force=1", "12.0.1"},
		{"/update/4/" + class + "release/Linux/default/default/12.0/update.xml", "12.0.1"},
		{"/update/5/" + class + "release/Linux/default/default/12.0/imei/update.xml", "12.0.1"},
		{"/update/6/" + class + "release/Linux/ISET:SSE4_2,MEM:32063/default/default/update.xml?force=1&pin=12.", "12.0.1"},
		{"/update/6/" + class + "release-cck-acme/Linux/NA/acme/1.0/update.xml", "12.0.1"},
		{"/update/3/Lynx/12.0.1/20260301101500/Linux_x86_64-gcc3/de/release/Linux/default/default/update.xml", ""},
		{"/update/3/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/nl/release/Linux/default/default/update.xml", ""},
		{"/update/3/" + class + "beta/Linux/default/default/update.xml", ""},
		{"/update/7/" + class + "release/update.xml", "404"},
		{"/update/2/" + class + "release/update.xml", "404"},
		{"/update/1/" + class + "release/update.txt", "404"},
	} {
		resp, err := http.Get(server.URL + c.url)
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, MaxXML)
		n, _ := resp.Body.Read(body)
		resp.Body.Close()
		if resp.StatusCode == http.StatusNotFound {
			if c.want != "404" {
				t.Errorf("%s: not found", c.url)
			}
			continue
		}
		u, err := ParseXML(body[:n])
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if u != nil {
			got = u.AppVersion
		}
		if got != c.want {
			t.Errorf("%s: offered %q, want %q", c.url, got, c.want)
		}
	}
}

// What a blob says of a release is enough to offer that release again.
func TestBlobsAreReadBack(t *testing.T) {
	r := lynx()
	for _, f := range generate(t, r, Blobs) {
		b, err := ParseBlob(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		want := r.Newest
		if b.Name != want.Name {
			want = r.Watersheds[0]
		}
		got, err := b.Offer(r.Platforms, func(_, from string) string {
			if from == "*" {
				return "lynx-" + b.AppVersion + ".complete.mar"
			}
			return "lynx-" + version(from) + "-" + b.AppVersion + ".partial.mar"
		})
		if err != nil {
			t.Fatal(err)
		}
		got.BuildNumber, want.DisplayVersion = want.BuildNumber, want.AppVersion
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read back %+v, want %+v", f.Name, got, want)
		}
	}
}
