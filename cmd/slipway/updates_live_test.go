package main

import (
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/updates/aus"
)

// world answers as servers would, without a network.
type world struct{ http.Handler }

func (w world) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	r.Host = r.URL.Host
	w.ServeHTTP(rec, r)
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

const liveMAR = "MAR1 and the rest of a package"

// liveRelease is 1.1, offered to who runs 1.0, and the files that say so.
func liveRelease(t *testing.T) (*aus.Release, []aus.File) {
	t.Helper()
	hash := sha512.Sum512([]byte(liveMAR))
	r := &aus.Release{
		Product: "Skiff", HashFunction: "sha512",
		Platforms: []aus.Platform{{Name: "linux64", Targets: []string{"Linux_x86_64-gcc3"}}},
		Newest: aus.Offer{Name: "Skiff-1.1-build1", AppVersion: "1.1", BuildNumber: 1, Builds: []aus.OfferBuild{{
			Platform: "linux64", BuildID: "20260301000000",
			Locales: []aus.OfferLocale{{Name: "de", Complete: aus.MAR{File: "skiff.mar", Size: int64(len(liveMAR)), Hash: hex.EncodeToString(hash[:])}}},
		}}},
		Priors:   []aus.Prior{{Name: "Skiff-1.0-build1", AppVersion: "1.0", Builds: []aus.PriorBuild{{Platform: "linux64", BuildID: "20260201000000", Locales: []string{"de"}}}}},
		Channels: []aus.Channel{{Name: "release", Complete: "https://dl.example/{file}", Partial: "https://dl.example/{file}"}},
	}
	files, err := aus.Generate(r, aus.XML)
	if err != nil {
		t.Fatal(err)
	}
	return r, files
}

// What a server answers, and what lies behind its URLs, is what was published.
func TestUpdatesLive(t *testing.T) {
	release, files := liveRelease(t)
	requests, err := aus.Requests(release, files)
	if err != nil {
		t.Fatal(err)
	}
	const asked = "/update/3/Skiff/1.0/20260201000000/Linux_x86_64-gcc3/de/release/default/default/default/update.xml"
	told := ""
	for _, f := range files {
		if strings.HasSuffix(f.Name, "/de/release/update.xml") {
			told = string(f.Data)
		}
	}
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			_, _ = w.Write([]byte(text))
		}
	}
	gives := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
		}
	}
	for name, c := range map[string]struct {
		answer, mar http.HandlerFunc
		bad         string
	}{
		"right":          {says(told), gives(liveMAR), ""},
		"without ranges": {says(told), says(liveMAR), ""},
		"redirected": {says(told), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://cdn.example/x", http.StatusFound)
		}, ""},
		"no answer":       {http.NotFound, nil, "/de/release/default/default/default/update.xml?force=1: 404 Not Found"},
		"a page":          {says("<html>"), nil, "force=1: "},
		"nothing new":     {says("<?xml version=\"1.0\"?>\n<updates></updates>"), nil, "answers that there is no update, want 1.1 build ID 20260301000000, complete skiff.mar of 30 bytes"},
		"another version": {says(strings.ReplaceAll(told, "1.1", "1.2")), nil, "answers 1.2 build ID"},
		"another hash":    {says(strings.Replace(told, `hashValue="`, `hashValue="0`, 1)), nil, "force=1: "},
		"no package":      {says(told), http.NotFound, "https://dl.example/skiff.mar: 404 Not Found"},
		"a shorter one":   {says(told), gives("MAR1"), "skiff.mar: has 4 bytes, clients are told 30"},
		"of any length":   {says(told), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(liveMAR)) }, "the server tells no length"},
		"no MAR":          {says(told), gives(strings.Repeat("<html>", 5)), `begins with "<htm": no MAR`},
		"leads to http": {says(told), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://cdn.example/x", http.StatusFound)
		}, `scheme "http", want https`},
		"leads in circles": {says(told), func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/skiff.mar", http.StatusFound) }, "redirected too often"},
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("aus.example"+asked, c.answer)
		mux.HandleFunc("cdn.example/x", gives(liveMAR))
		if c.mar != nil {
			mux.HandleFunc("dl.example/skiff.mar", c.mar)
		}
		s := asker{server: "https://aus.example", atOnce: 2, urls: map[string]int64{}, client: http.Client{Transport: world{mux}}}
		s.askAll(t.Context(), requests)
		switch {
		case c.bad == "" && (len(s.bad) > 0 || len(s.urls) != 1):
			t.Errorf("%s: %q, %v", name, s.bad, s.urls)
		case c.bad != "" && (len(s.bad) != 1 || !strings.Contains(s.bad[0], c.bad)):
			t.Errorf("%s: got %q, want %q", name, s.bad, c.bad)
		}
	}
}

// While it is rolled out, the new answer and the earlier one are right.
func TestUpdatesLiveOfARollout(t *testing.T) {
	release, files := liveRelease(t)
	release.Channels[0].Throttled = true
	for i, f := range files {
		if name, ok := aus.RolloutName("Skiff", "release", f.Name); ok {
			files[i].Name = name
		}
	}
	requests, err := aus.Requests(release, files)
	if err != nil || len(requests) != 1 {
		t.Fatal(requests, err)
	}
	if q := requests[0]; len(q.Expect) != 2 || q.Expect[0] != nil || q.Expect[1].AppVersion != "1.1" || !q.Right(nil) || !q.Right(q.Expect[1]) || q.Right(&aus.Update{}) {
		t.Errorf("expects %+v", q.Expect)
	}
}

// A server that cannot be reached is no wrong answer: the reason once, and the
// exit code of what may be tried again.
func TestUpdatesLiveUnreachable(t *testing.T) {
	release, _ := liveRelease(t)
	release.Platforms[0].Targets = append(release.Platforms[0].Targets, "Linux_x86-gcc3") // two questions
	dir := t.TempDir()
	text, err := json.Marshal(release)
	if err != nil {
		t.Fatal(err)
	}
	files, err := aus.Generate(release, aus.XML)
	files = append(files, aus.File{Name: "r.json", Data: text})
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, f.Data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	var out, said strings.Builder
	a := &app{stdout: &out, stderr: &said}
	code := a.run(t.Context(), []string{"slipway", "updates", "live", filepath.Join(dir, "r.json"), dir, gone.URL, "--allow-http"})
	if code != exitUnreachable || out.String() != "" || strings.Count(said.String(), "refused") != 1 || !strings.Contains(said.String(), "2 of 2 questions got no answer: dial tcp") {
		t.Errorf("exit code %d: %s%s", code, out.String(), said.String())
	}
}

func TestUpdatesLiveWantsHTTPS(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "r.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, said strings.Builder
	a := &app{stdout: &out, stderr: &said}
	if code := a.run(t.Context(), []string{"slipway", "updates", "live", filepath.Join(dir, "r.json"), dir, "http://aus.example"}); code != exitUsage || !strings.Contains(said.String(), "want https") {
		t.Errorf("exit code %d: %s", code, said.String())
	}
}
