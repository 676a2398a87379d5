package repack

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/cache"
)

func putTree(t testing.TB, s *cache.Store, tr cache.Tree) cache.Digest {
	t.Helper()
	blob, err := s.PutTree(context.Background(), tr)
	if err != nil {
		t.Fatal(err)
	}
	return blob.Digest
}

// texts reads the archive back: path → contents.
func texts(t testing.TB, s *cache.Store, d cache.Digest, f Format) map[string]string {
	t.Helper()
	ctx := context.Background()
	tr, err := Unpack(ctx, s, d, f, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range tr.Entries {
		if e.Link != "" {
			out[e.Path] = "->" + e.Link
			continue
		}
		b, err := s.Bytes(ctx, e.Blob, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		out[e.Path] = string(b)
	}
	return out
}

func localeJob(t testing.TB, s *cache.Store) LocaleJob {
	t.Helper()
	vanilla, err := Pack(context.Background(), s, tree(t, s, map[string]string{
		"skiff/skiff":                          "#!program",
		"skiff/lib":                            "->skiff",
		"skiff/locale/en-US/main.properties":   "hello=Hello\nbye=Bye\n",
		"skiff/locale/en-US/ui/a.ftl":          "a = A\n",
		"skiff/locale/en-US/ui/deep/b.ftl":     "b = B\n",
		"skiff/locale/en-US/help.html":         "help",
		"skiff/dictionaries/en-US.dic":         "words",
		"skiff/locale.ini":                     "[App]\nName=Skiff\n",
		"skiff/empty/":                         "",
		"skiff/locale/en-US-not/untouched.txt": "x",
	}), TarGz, when)
	if err != nil {
		t.Fatal(err)
	}
	return LocaleJob{
		Archive: vanilla.Digest, Format: TarGz, AppRoot: "skiff", Locale: "de", When: when,
		L10n: putTree(t, s, tree(t, s, map[string]string{
			"main.properties": "hello=Hallo\nold=Alt\n",
			"ui/deep/b.ftl":   "b = Be\n",
			"ui/gone.ftl":     "c = Ce\n",
			"dict/de.dic":     "Wörter",
			"app.ini":         "[App]\nName=Boot\n",
			"README":          "for translators",
		})),
		Rules: []LocaleRule{
			{"main.properties", "locale/{locale}/main.properties", "properties"},
			{"ui/**.ftl", "locale/{locale}/ui/**.ftl", "ftl"},
			{"help.html", "locale/{locale}/help.html", "copy"},
			{"dict/{locale}.dic", "dictionaries/{locale}.dic", "replace"},
			{"app.ini", "locale.ini", "ini"},
		},
	}
}

func TestLocaleReplacesStringsAndNothingElse(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	job := localeJob(t, s)
	r := &Repacker{Store: s}
	got, err := r.Locale(ctx, job)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"skiff/skiff":                          "#!program",
		"skiff/lib":                            "->skiff",
		"skiff/locale/de/main.properties":      "hello=Hallo\nbye=Bye\n",
		"skiff/locale/de/ui/a.ftl":             "a = A\n",
		"skiff/locale/de/ui/deep/b.ftl":        "b = Be\n",
		"skiff/locale/de/help.html":            "help",
		"skiff/dictionaries/de.dic":            "Wörter",
		"skiff/locale.ini":                     "[App]\nName=Boot\n",
		"skiff/locale/en-US-not/untouched.txt": "x",
	}
	if d := cmp.Diff(want, texts(t, s, got.Archive.Digest, TarGz)); d != "" {
		t.Errorf("archive: want - got +\n%s", d)
	}
	fallbacks := []Keys{
		{"skiff/locale/de/main.properties", []string{"bye"}}, {Path: "skiff/locale/de/ui/a.ftl"}, {Path: "skiff/locale/de/help.html"},
	}
	if d := cmp.Diff(fallbacks, got.Fallbacks); d != "" {
		t.Errorf("fallbacks: want - got +\n%s", d)
	}
	obsolete := []Keys{{Path: "README"}, {"main.properties", []string{"old"}}, {Path: "ui/gone.ftl"}}
	if d := cmp.Diff(obsolete, got.Obsolete); d != "" {
		t.Errorf("obsolete: want - got +\n%s", d)
	}
	if bad := Unexpected(got.Changes, "skiff", job.Rules, "de"); bad != nil || len(got.Changes) != 11 {
		t.Errorf("changes %v, not allowed: %v", got.Changes, bad)
	}
	again, err := r.Locale(ctx, job)
	if err != nil || again.Archive != got.Archive || again.Tree != got.Tree {
		t.Errorf("repacked twice: %v and %v, %v", got.Archive, again.Archive, err)
	}
	forged := append(got.Changes, Change{"skiff/skiff", "contents"}, Change{"skiff/locale/de/main.properties", "mode"})
	if bad := Unexpected(forged, "skiff", job.Rules, "de"); len(bad) != 2 {
		t.Errorf("l10n verify found %v, want the program and the mode", bad)
	}
}

func TestLocaleRefuses(t *testing.T) {
	ctx, s := context.Background(), openStore(t)
	r := &Repacker{Store: s}
	for name, c := range map[string]struct {
		change func(*LocaleJob)
		want   string
	}{
		"rule for nothing": {
			func(j *LocaleJob) { j.Rules[1].Target = "chrome/{locale}/**.ftl" },
			`repacking de: rule ui/**.ftl → chrome/{locale}/**.ftl (ftl) matches no file below "skiff"`,
		},
		"wrong root": {func(j *LocaleJob) { j.AppRoot = "app" }, `matches no file below "app"`},
		"two rules":  {func(j *LocaleJob) { j.Rules = append(j.Rules, j.Rules[0]) }, "both make skiff/locale/de/main.properties"},
		"format":     {func(j *LocaleJob) { j.Rules[0].Format = "po" }, `format "po": want`},
		"wildcards":  {func(j *LocaleJob) { j.Rules[1].Source = "ui/*.ftl" }, "the same on both sides"},
		"climbing":   {func(j *LocaleJob) { j.Rules[1].Target = "../**" }, "no path below the root"},
		"en-US":      {func(j *LocaleJob) { j.Locale = "en-US" }, "is what others are made from"},
		"locale":     {func(j *LocaleJob) { j.Locale = "../de" }, "want one such as"},
		"no rules":   {func(j *LocaleJob) { j.Rules = nil }, "no rules"},
		"torn strings": {func(j *LocaleJob) {
			j.L10n = putTree(t, s, tree(t, s, map[string]string{"app.ini": "[App]\nName\n"}))
		}, "app.ini:2: "},
		"empty locale": {func(j *LocaleJob) { j.L10n = putTree(t, s, cache.Tree{}) }, "users would get English"},
		"link": {func(j *LocaleJob) {
			j.L10n = putTree(t, s, tree(t, s, map[string]string{"help.html": "->/etc/passwd"}))
		}, "symbolic link"},
		"no archive": {func(j *LocaleJob) { j.Archive = cache.Sum(nil) }, "repacking de: "},
	} {
		job := localeJob(t, s)
		c.change(&job)
		if _, err := r.Locale(ctx, job); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestChangesets(t *testing.T) {
	rev := strings.Repeat("ab", 20)
	text := fmt.Sprintf(`{
  "de":        {"pin": false, "platforms": ["linux64","macosx64","win64"], "revision": %[1]q},
  "ja":        {"platforms": ["linux64","win64-devedition"], "revision": %[1]q},
  "ja-JP-mac": {"pin": true, "platforms": ["macosx64"], "revision": "abababababab"}
}`, rev)
	got, err := ParseChangesets("l10n-changesets.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for platform, want := range map[string]string{"linux64": "de ja", "macosx64": "de ja-JP-mac", "win64": "de", "win32": ""} {
		var have []string
		for _, c := range got.For(platform) {
			have = append(have, c.Locale)
		}
		if strings.Join(have, " ") != want {
			t.Errorf("%s: %v, want %s", platform, have, want)
		}
	}
	if !got[2].Pin || got[2].Revision != "abababababab" {
		t.Errorf("ja-JP-mac: %+v", got[2])
	}
	old, err := ParseChangesets("l10n-changesets", []byte("# old\nja "+rev+"\nde "+rev+"\n"))
	if err != nil || len(old) != 2 || old[0].Locale != "de" {
		t.Fatalf("text form: %+v, %v", old, err)
	}
}

func TestHostileChangesets(t *testing.T) {
	rev := strings.Repeat("ab", 20)
	good := `{"platforms":["linux64"],"revision":"` + rev + `"}`
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "f:1: no locales"},
		"torn":          {`{"de":` + good, "f:1: EOF"},
		"twice":         {"{\"de\":" + good + ",\n\"de\":" + good + "}", "f:2: locale de is already on line 1"},
		"en-US":         {`{"en-US":` + good + `}`, "en-US is not listed"},
		"branch":        {"{\n\"de\":{\"platforms\":[\"linux64\"],\"revision\":\"default\"}}", `f:2: revision "default" of de`},
		"platform":      {`{"de":{"platforms":["mac"],"revision":"` + rev + `"}}`, `unknown platform "mac"`},
		"no platforms":  {`{"de":{"revision":"` + rev + `"}}`, "de has no platforms"},
		"unknown key":   {`{"de":{"rev":1,"platforms":["linux64"],"revision":"` + rev + `"}}`, `unknown key "rev"`},
		"key twice":     {`{"de":{"pin":true,"pin":false,"platforms":["linux64"],"revision":"` + rev + `"}}`, `has "pin" twice`},
		"type":          {`{"de":{"platforms":"linux64"}}`, "platforms of de"},
		"no object":     {`{"de":1}`, "want an object with"},
		"climbing":      {`{"../de":` + good + `}`, "want one such as de"},
		"behind":        {`{"de":` + good + `}{}`, "text behind"},
		"text words":    {"de", `f:1: "de": want a locale and a revision`},
		"text revision": {"\nde tip", `f:2: revision "tip" of de`},
		"large":         {strings.Repeat(" ", maxList+1), "limit"},
	} {
		if _, err := ParseChangesets("f", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	_, err := ParseChangesets("f", []byte("{\n\"x\":{\"revision\":\"\"},\n\"de\":{\"platforms\":[\"os2\"],\"revision\":\""+rev+"\"}}"))
	if err == nil || strings.Count(err.Error(), "\n") < 2 {
		t.Errorf("want every finding, got %v", err)
	}
}

// A list of nothing but faults is read in one pass, and told of in a screenful.
// Lines counted from the start for each took minutes.
func TestComplaintsAreBounded(t *testing.T) {
	const n = 300_000
	text := "{\"de\":{\n" + strings.Repeat("\"x\":0,\n", n) + "\"x\":0}}"
	_, err := ParseChangesets("f", []byte(text))
	if err == nil {
		t.Fatal("accepted")
	}
	said := strings.Split(err.Error(), "\n")
	if len(said) != maxComplaints+1 || !strings.HasPrefix(said[0], `f:2: de has the unknown key "x"`) || !strings.HasSuffix(said[maxComplaints], " more findings") {
		t.Errorf("%d lines, from %q to %q", len(said), said[0], said[len(said)-1])
	}
}

func FuzzParseChangesets(f *testing.F) {
	f.Add([]byte(`{"de":{"platforms":["linux64"],"revision":"` + strings.Repeat("ab", 20) + `","pin":true}}`))
	f.Add([]byte("de " + strings.Repeat("ab", 20)))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseChangesets("f", b)
		if err != nil {
			return
		}
		for _, c := range list {
			if !localeForm.MatchString(c.Locale) || !revisionForm.MatchString(c.Revision) {
				t.Errorf("accepted %+v", c)
			}
		}
	})
}
