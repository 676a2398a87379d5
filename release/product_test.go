package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/cache"
	"slipway/release/git"
	"slipway/release/pipeline"
	"slipway/testdata/peer"
)

// kernelFile is peer.Path for a file of Linux's /proc.
func kernelFile(t *testing.T, name string) {
	t.Helper()
	if _, err := os.Stat(name); err != nil {
		peer.Missing(t, name)
	}
}

// product is a real little product: three git repositories, two platforms, two
// locales, two partners. Its "build" is a copy, so a release takes no time.
type product struct {
	t    *testing.T
	dir  string
	env  Env
	revs map[string]string
	done map[string]pipeline.Raw // results by task key, as an engine keeps them
	made map[string]string       // task by key
	ran  []string                // tasks that were not found by key
	hold string                  // the gate that stays shut
}

const testConfig = `product: skiff
repositories:
  main: {url: repos/main}
  l10n: {url: repos/l10n}
  partners: {url: repos/partners}
version-files: [{path: version.txt}]
platforms:
  linux64:
    directory: linux-x86_64
    build-targets: [Linux_x86_64-gcc3]
    steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, version.txt, out/skiff/version.txt]]
    output: out
    archive: tar.xz
    root: skiff
  mac:
    l10n-id: macosx64
    build-targets: [Darwin_x86_64-gcc3]
    steps: [[mkdir, -p, out/Skiff.app/Contents], [cp, -R, app, out/Skiff.app/Contents/Resources]]
    output: out
    archive: zip
    root: Skiff.app
    resources: Contents/Resources
locales:
  list: l10n-changesets.json
  rules: [{target: strings.ini, format: ini}]
partners: {repository: partners}
updates:
  make-precomplete: true
  details-url: https://skiff.example/%LOCALE%/notes
  channels:
    release: {url: "https://dl.skiff.example/releases/{version}/{path}"}
    releasetest: {test: true, url: "https://stage.skiff.example/build{build}/{path}"}
publish: {directory: pub}
mail:
  from: Release <release@skiff.example>
  lists: {all: [all@skiff.example]}
  out: mail
`

func newProduct(t *testing.T) *product {
	t.Helper()
	peer.Path(t, "git")
	p := &product{t: t, dir: t.TempDir(), revs: map[string]string{}, done: map[string]pipeline.Raw{}, made: map[string]string{}}
	p.write("slipway.yaml", testConfig)
	p.write("repos/l10n/de/strings.ini", "[app]\nhello=Hallo\n")
	p.write("repos/l10n/ja/strings.ini", "[app]\nhello=Konnichiwa\n")
	p.commit("l10n")
	cfg := "dist_id=acme\ndist_version=1.0\nlocales=\"en-US de\"\nlinux-x86_64=true\nmac=true\nupload_to_candidates=true\n"
	ini := "[Global]\nid=acme\nversion=1.0\nabout=Acme Skiff\n"
	p.write("repos/partners/desktop/acme/repack.cfg", cfg)
	p.write("repos/partners/desktop/acme/distribution/distribution.ini", ini)
	p.write("repos/partners/desktop/zeta/one/repack.cfg", strings.ReplaceAll(strings.ReplaceAll(cfg, "acme", "zeta"), "upload_to_candidates=true", "upload_to_candidates=false"))
	p.write("repos/partners/desktop/zeta/one/distribution/distribution.ini", strings.ReplaceAll(ini, "acme", "zeta"))
	p.commit("partners")
	p.source("1.0", "first")
	store, err := cache.Open(filepath.Join(p.dir, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	p.env = Env{
		Store: store, Git: &git.Git{Dir: filepath.Join(p.dir, "state", "git")}, Root: p.dir,
		State: filepath.Join(p.dir, "state"), Now: func() time.Time { return time.Unix(1_800_000_000, 0) },
	}
	return p
}

// source commits a state of the main repository.
func (p *product) source(version, text string) {
	p.t.Helper()
	p.write("repos/main/version.txt", version+"\n")
	p.write("repos/main/app/strings.ini", "[app]\nhello=Hello\nbye=Bye\n")
	p.write("repos/main/app/program", strings.Repeat(text+" ", 2000))
	p.write("repos/main/app/readme.txt", "the same in every version\n")
	p.write("repos/main/l10n-changesets.json", fmt.Sprintf(
		`{"de": {"revision": %[1]q, "platforms": ["linux64", "macosx64"]}, "ja": {"revision": %[1]q, "platforms": ["linux64"]}}`, p.revs["l10n"]))
	p.commit("main")
}

func (p *product) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *product) read(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

func (p *product) commit(repo string) {
	p.t.Helper()
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "--allow-empty", "-m", "a change"}} {
		p.git(repo, args...)
	}
	p.revs[repo] = p.git(repo, "rev-parse", "HEAD")
}

func (p *product) git(repo string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = filepath.Join(p.dir, "repos", repo)
	date := "2026-03-01T10:15:00Z"
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=A",
		"GIT_COMMITTER_EMAIL=a@b", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (p *product) config() Config {
	p.t.Helper()
	f, err := Load(filepath.Join(p.dir, "slipway.yaml"))
	if err != nil {
		p.t.Fatal(err)
	}
	return f.Config
}

func (p *product) request(version string, build int) Request {
	revs := map[string]string{}
	for k, v := range p.revs {
		revs[k] = v
	}
	return Request{Version: version, Build: build, Urgency: "routine", Revisions: revs, Root: "."}
}

func (p *product) resolve(req Request) (*Plan, error) {
	return Resolve(context.Background(), p.config(), req, World{Git: p.env.Git, Root: p.dir, Publish: os.DirFS(filepath.Join(p.dir, "pub"))})
}

func (p *product) plan(version string, build int) *Plan {
	p.t.Helper()
	plan, err := p.resolve(p.request(version, build))
	if err != nil {
		p.t.Fatal(err)
	}
	return plan
}

// run walks the graph from top to bottom as an engine would: gates open, and a
// result with a known key is not made again. It stops at the first failure.
func (p *product) run(plan *Plan) error {
	p.t.Helper()
	p.ran = nil
	kinds := Kinds(p.env)
	g := Graph(plan)
	if errs := g.Check(kinds); len(errs) > 0 {
		p.t.Fatal(errors.Join(errs...))
	}
	results := map[string]pipeline.Raw{}
	outputs := map[string]string{}
	for _, task := range g.Tasks {
		var needs []string
		c := call(task)
		for _, n := range task.Needs {
			needs = append(needs, outputs[n])
			c.Needs = append(c.Needs, results[n])
		}
		key, err := pipeline.Key(task, kinds[task.Kind].Version, needs)
		if err != nil {
			p.t.Fatal(err)
		}
		if task.ID == p.hold {
			return nil
		}
		if task.Kind == pipeline.KindGate {
			outputs[task.ID] = key
			continue
		}
		res, ok := p.done[key]
		if !ok {
			var log bytes.Buffer
			c.Key, c.Log = key, &log
			if res, err = kinds[task.Kind].Run(context.Background(), c); err == nil {
				res, err = pipeline.Tidy(res)
			}
			if err == nil {
				err = pipeline.CheckOutputs(task, res)
			}
			if err != nil {
				return fmt.Errorf("%s: %w\n%s", task.ID, err, log.String())
			}
			p.done[key], p.made[key] = res, task.ID
			p.ran = append(p.ran, task.ID)
		}
		results[task.ID] = res
		if outputs[task.ID], err = pipeline.Output(res); err != nil {
			p.t.Fatal(err)
		}
	}
	return nil
}

func (p *product) ship(version string, build int) *Plan {
	p.t.Helper()
	plan := p.plan(version, build)
	if err := p.run(plan); err != nil {
		p.t.Fatal(err)
	}
	return plan
}

func call(task pipeline.Task) pipeline.Call {
	return pipeline.Call{
		Task: task, Key: string(cache.Sum([]byte(task.ID))), Run: "test", Attempt: 1,
		Log: io.Discard, Progress: func(int64, int64, string) {},
	}
}
