package release

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
)

// oneBuild runs the linux64 build of a product whose steps are replaced.
func oneBuild(t *testing.T, steps, extra string) (*product, pipeline.Raw, error) {
	t.Helper()
	p := newProduct(t)
	p.write("slipway.yaml", strings.NewReplacer(
		"steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, version.txt, out/skiff/version.txt]]", "steps: "+steps,
		"archive: tar.xz\n", "archive: tar.xz\n    "+extra+"\n").Replace(testConfig))
	res, err := p.build()
	return p, res, err
}

// build runs the linux64 build and what it needs.
func (p *product) build() (pipeline.Raw, error) {
	plan := p.plan("1.0", 1)
	kinds := Kinds(p.env)
	results := map[string]pipeline.Raw{}
	for _, task := range Graph(plan).Tasks {
		if task.ID != taggedMain && task.ID != "build/linux64" {
			continue
		}
		c := call(task)
		for _, n := range task.Needs {
			c.Needs = append(c.Needs, results[n])
		}
		res, err := kinds[task.Kind].Run(p.t.Context(), c)
		if err != nil {
			return res, err
		}
		results[task.ID] = res
	}
	return results["build/linux64"], nil
}

func TestBuildEnvironmentIsFixed(t *testing.T) {
	kernelFile(t, "/proc/self/environ")
	t.Setenv("SECRET_TOKEN", "hunter2")
	t.Setenv("HANDED_ON", "yes")
	p, res, err := oneBuild(t, "[[mkdir, -p, out/skiff], [cp, /proc/self/environ, out/skiff/env], [cp, app/strings.ini, out/skiff]]",
		"env: {MINE: \"{version}\"}\n    pass: [HANDED_ON, NOT_SET]")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repack.Unpack(t.Context(), p.env.Store, cache.Digest(res.Files[0].Digest), repack.TarXz, repack.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	e, _ := tree.Lookup("skiff/env")
	text, err := p.env.Store.Bytes(t.Context(), e.Blob, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, kv := range strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00") {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	want := []string{
		"HANDED_ON", "HOME", "LC_ALL", "MINE", "PATH", "SLIPWAY_BUILDID", "SLIPWAY_CHANNEL", "SLIPWAY_OUTPUT", "SLIPWAY_PLATFORM",
		"SLIPWAY_PRODUCT", "SLIPWAY_REVISION", "SLIPWAY_VERSION", "SOURCE_DATE_EPOCH", "TMPDIR", "TZ",
	}
	if got := strings.Join(sortedKeys(env), " "); got != strings.Join(want, " ") {
		t.Errorf("got %s\nwant %s", got, strings.Join(want, " "))
	}
	if env["MINE"] != "1.0" || env["SLIPWAY_BUILDID"] != "20260301101500" || env["TZ"] != "UTC" {
		t.Errorf("environment %v", env)
	}
	if left, _ := filepath.Glob(filepath.Join(p.env.State, "scratch", "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBuildsThatDiffer(t *testing.T) {
	t.Parallel()
	kernelFile(t, "/proc/sys/kernel/random/uuid")
	_, _, err := oneBuild(t, "[[mkdir, -p, out/skiff], [cp, /proc/sys/kernel/random/uuid, out/skiff/id]]", "reproduce: true")
	if err == nil || !strings.Contains(err.Error(), "two builds of one commit differ; skiff/id: contents") {
		t.Errorf("got %v", err)
	}
	if _, _, err := oneBuild(t, "[[mkdir, out], [cp, -R, app, out/skiff]]", "reproduce: true"); err != nil {
		t.Errorf("equal builds: %v", err)
	}
}

func TestBuildFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ steps, want string }{
		"a step fails":   {"[[cp, nothing, here]]", "step 1, cp: exit status 1"},
		"no program":     {"[[no-such-program]]", "executable file not found"},
		"no output":      {"[[mkdir, elsewhere]]", "the steps left no out"},
		"no application": {"[[mkdir, -p, out/other], [cp, version.txt, out/other/x]]", `no directory "skiff"`},
		"a pipe":         {"[[mkfifo, out]]", "out: not a regular file"},
		"a pipe inside":  {"[[mkdir, -p, out/skiff], [mkfifo, out/skiff/pipe]]", `"skiff/pipe" is neither file, directory nor link`},
	} {
		_, _, err := oneBuild(t, c.steps, "title: Linux")
		var f *pipeline.Failure
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want %q", name, err, c.want)
		}
		if !(errors.As(err, &f) && f.Class == pipeline.Input) {
			t.Errorf("%s: class %v, want input: a retry cannot help", name, pipeline.ClassOf(err))
		}
	}
}

func TestImportTakesTestedBytes(t *testing.T) {
	t.Parallel()
	p, res, err := oneBuild(t, "[[mkdir, out], [cp, -R, app, out/skiff]]", "title: Linux")
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := p.env.Store.Bytes(t.Context(), cache.Digest(res.Files[0].Digest), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	p.write("prebuilt/skiff-1.0.tar.xz", string(bytes))
	p.write("slipway.yaml", strings.Replace(testConfig,
		"    steps: [[mkdir, out], [cp, -R, app, out/skiff], [cp, version.txt, out/skiff/version.txt]]\n    output: out\n",
		"    builder: import\n    import: {from: \"prebuilt/skiff-{version}.tar.xz\"}\n", 1))
	plan := p.plan("1.0", 1)
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	if got := p.read("pub/skiff/releases/1.0/linux-x86_64/en-US/skiff-1.0.tar.xz"); got != string(bytes) {
		t.Error("what was published is not what was imported")
	}

	p.write("prebuilt/skiff-1.0.tar.xz", string(bytes)+"changed")
	p.done = map[string]pipeline.Raw{}
	if err := p.run(plan); err == nil || !strings.Contains(err.Error(), "the plan has "+res.Files[0].Digest) {
		t.Errorf("got %v; want a clash", err)
	}
	// What nobody could fetch is refused when it is planned, not when it is built.
	digest := strings.Repeat("ab", 32)
	for from, want := range map[string]string{
		"https://skiff.example/a.tar.xz": "a URL needs its sha256",
		"/dev/zero":                      "/dev/zero: not a regular file",
		"https://skiff.example/a.tar.xz@sha256:" + digest[1:]:    "want 64 lower-case hex digits",
		"http://skiff.example/a.tar.xz@sha256:" + digest:         "want a path or an https URL",
		"https://canary@skiff.example/a.tar.xz@sha256:" + digest: `"https://…@skiff.example/a.tar.xz": it holds a user`,
		"prebuilt/skiff-1.0.tar.xz@sha256:" + digest:             "want " + digest,
		"prebuilt/skiff-2.0.tar.xz":                              "no such file",
		"prebuilt/skiff-1.0.tar.xz@sha256:" + digest + "-edited": "want 64 lower-case hex digits",
	} {
		req := p.request("1.0", 2)
		req.Imports = map[string]Import{"linux64": ParseImport(from)}
		if _, err := p.resolve(req); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; want %q", from, err, want)
		}
	}
}

func TestTrimmedCacheIsFilledAgain(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.hold = stagePush
	plan := p.ship("1.0", 1)
	list := p.read("pub/skiff/candidates/1.0-candidates/build1/SHA256SUMS")

	// A cache that holds what results name, and nothing of what lies inside.
	store, err := cache.Open(filepath.Join(p.dir, "cache2"))
	if err != nil {
		t.Fatal(err)
	}
	for key, res := range p.done {
		for _, f := range res.Files {
			b, err := p.env.Store.Bytes(t.Context(), cache.Digest(f.Digest), 1<<24)
			if err == nil {
				_, err = store.PutBytes(t.Context(), b)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(p.made[key], "/complete") || strings.HasPrefix(p.made[key], "verify/") || strings.HasPrefix(p.made[key], "partner/") {
			delete(p.done, key)
		}
	}
	p.env.Store = store
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	if len(p.ran) < 10 || p.read("pub/skiff/candidates/1.0-candidates/build1/SHA256SUMS") != list {
		t.Errorf("%d tasks ran; checksums\n%s", len(p.ran), list)
	}
}
