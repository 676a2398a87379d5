package release

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlanIsCanonical(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	plan := p.plan("1.0", 1)
	text := plan.Encode()
	again, err := ParsePlan(text)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest() != plan.Digest() {
		t.Errorf("read back: %s, want %s", again.Digest(), plan.Digest())
	}
	if string(p.plan("1.0", 1).Encode()) != string(text) {
		t.Error("planning twice gives two plans")
	}
	for name, edited := range map[string]string{
		"another revision": strings.Replace(string(text), plan.Repositories[0].Revision[:8], "00000000", 1) + " ",
		"spacing":          strings.Replace(string(text), " ", "  ", 1),
		"a stray key":      strings.Replace(string(text), "{", `{"extra": 1,`, 1),
		"another schema":   strings.Replace(string(text), `"schema": 1`, `"schema": 2`, 1),
		"cut":              string(text[:len(text)/2]),
		"nothing":          "",
	} {
		if _, err := ParsePlan([]byte(edited)); err == nil {
			t.Errorf("%s: the plan was accepted", name)
		}
	}
}

func TestPlanRefusals(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	full := p.revs["main"]
	for name, c := range map[string]struct {
		change func(*Request)
		want   string
	}{
		"a branch":           {func(r *Request) { r.Revisions["main"] = "main" }, `revision "main": want all 40`},
		"an abbreviation":    {func(r *Request) { r.Revisions["main"] = full[:12] }, "want all 40"},
		"an option":          {func(r *Request) { r.Revisions["partners"] = "--upload-pack=id" }, "want all 40"},
		"no such commit":     {func(r *Request) { r.Revisions["partners"] = strings.Repeat("0", 40) }, "has no commit 000"},
		"no revision":        {func(r *Request) { delete(r.Revisions, "partners") }, "add --rev partners=REVISION"},
		"unknown repository": {func(r *Request) { r.Revisions["partner"] = full }, `no repository (did you mean "partners"?)`},
		"build 0":            {func(r *Request) { r.Build = 0 }, "want 1 for the first attempt"},
		"version":            {func(r *Request) { r.Version = "60.1" }, "want 60.1.0"},
		"urgency":            {func(r *Request) { r.Urgency = "soon" }, "want routine or chemspill"},
		"newer prior":        {func(r *Request) { r.From = []string{"2.0"} }, "prior release 2.0 is not older than 1.0"},
		"absent prior":       {func(r *Request) { r.From = []string{"0.9"} }, "prior release 0.9"},
		"import":             {func(r *Request) { r.Imports = map[string]Import{"linux64": {From: "x"}} }, "import for linux64, which is built here"},
		"import elsewhere":   {func(r *Request) { r.Imports = map[string]Import{"linux46": {From: "x"}} }, `which is no platform (did you mean "linux64"?)`},
	} {
		req := p.request("1.0", 1)
		c.change(&req)
		if _, err := p.resolve(req); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want %q", name, err, c.want)
		}
	}
}

func TestPriorsMustBeWhatTheySay(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.source("1.1", "second")
	sums := p.read("pub/skiff/releases/1.0/SHA256SUMS")
	line, _, _ := strings.Cut(sums, "\n")
	for name, c := range map[string]struct{ file, text, want string }{
		"checksums lack one":     {"SHA256SUMS", strings.Replace(sums, "complete.mar", "complete.rar", 1), "is not in SHA256SUMS"},
		"checksums are no such":  {"SHA256SUMS", "hello\n", "line 1"},
		"a line is there twice":  {"SHA256SUMS", line + "\n" + line + "\n", "for the second time"},
		"another version inside": {"release.json", `{"version": "0.1", "build": 1, "build-id": "20260301101500"}`, "want 1.0"},
	} {
		path := "pub/skiff/releases/1.0/" + c.file
		old := p.read(path)
		p.write(path, c.text)
		if _, err := p.resolve(p.request("1.1", 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want %q", name, err, c.want)
		}
		p.write(path, old)
	}

	// A changed complete is found by check, and stops the run.
	plan := p.plan("1.1", 1)
	mar := "pub/skiff/releases/1.0/update/mac/de/skiff-1.0.complete.mar"
	p.write(mar, p.read(mar)+"x")
	var found []string
	for _, f := range Check(t.Context(), plan, p.env) {
		if !f.OK {
			found = append(found, f.Text)
		}
	}
	if len(found) != 1 || !strings.Contains(found[0], "mac/de/skiff-1.0.complete.mar: got sha256:") {
		t.Errorf("check found %q", found)
	}
	if err := p.run(plan); err == nil || !strings.Contains(err.Error(), "updates/mac/de/prior-1.0") {
		t.Errorf("the run: %v", err)
	}
}

func TestOlderClientsGetCompletesOnly(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.write("slipway.yaml", strings.Replace(testConfig, "make-precomplete", "prior-releases: 1\n  make-precomplete", 1))
	p.ship("1.0", 1)
	p.source("1.1", "second")
	p.ship("1.1", 1)
	p.source("1.2", "third")
	plan := p.ship("1.2", 1)
	if len(plan.Priors) != 1 || plan.Priors[0].Version != "1.1" || len(plan.Older) != 1 || plan.Older[0].Version != "1.0" {
		t.Fatalf("priors %v, older %v", plan.PriorNames(), plan.Older)
	}
	update := p.read("pub/aus/update/Skiff/1.0/20260301101500/Linux_x86_64-gcc3/ja/release/update.xml")
	if !strings.Contains(update, `type="complete"`) || strings.Contains(update, `type="partial"`) || !strings.Contains(update, `appVersion="1.2"`) {
		t.Errorf("1.0 is told %s", update)
	}
}

// golden compares with a file under testdata; UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestGraphReadsAsTheChecklist(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.hold = stagePush
	p.ship("1.0", 1)
	text, err := Draw(Graph(p.plan("1.0", 1)), "text")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "graph.txt", text)
}
