package release

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/release/pipeline"
)

// upload copies what it is told to a server, and notes the order.
const uploader = `set -e
rm -rf "server/$2" && mkdir -p "$(dirname "server/$2")" && cp -R "$1" "server/$2"
echo "$2" >>order
`

func uploadProduct(t *testing.T) *product {
	t.Helper()
	p := newProduct(t)
	p.write("upload.sh", uploader)
	p.edit("publish: {directory: pub}", `publish: {directory: pub, upload: [sh, upload.sh, "{directory}/{path}", "{path}"]}`)
	return p
}

// What users ask is what lies here; what is offered is there before the answers
// that offer it, and nothing of a partner that is not public.
func TestUpload(t *testing.T) {
	t.Parallel()
	p := uploadProduct(t)
	p.ship("1.0", 1)
	want := []string{
		"skiff/candidates/1.0-candidates/build1", "aus", "skiff/releases/1.0", "skiff/releases/partners", "aus", "product-details",
	}
	if got := strings.Fields(p.read("order")); !slices.Equal(got, want) {
		t.Errorf("order: got %q, want %q", got, want)
	}
	here, there := p.files("pub"), p.files("server")
	if !slices.Equal(here, there) {
		t.Errorf("here are %q, on the server %q", here, there)
	}
	for _, f := range here {
		if p.read("pub/"+f) != p.read("server/"+f) {
			t.Errorf("%s differs", f)
		}
	}

	// The next release's answers are uploaded, though nothing in its way changed.
	p.source("1.1", "second")
	p.ship("1.1", 1)
	if got := p.files("server"); !slices.Equal(got, p.files("pub")) {
		t.Errorf("after 1.1 the server has %q", got)
	}
}

func (p *product) files(dir string) []string {
	p.t.Helper()
	var list []string
	err := fs.WalkDir(os.DirFS(filepath.Join(p.dir, dir)), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

// A server that does not answer is tried again, and holds up what relies on it.
func TestUploadFails(t *testing.T) {
	t.Parallel()
	p := uploadProduct(t)
	p.write("upload.sh", "echo no route to host >&2; exit 1\n")
	plan := p.plan("1.0", 1)
	err := p.run(plan)
	if err == nil || pipeline.ClassOf(err) != pipeline.Infra || !strings.Contains(err.Error(), "no route to host") {
		t.Errorf("got %s %v", pipeline.ClassOf(err), err)
	}
	for _, task := range Graph(plan).Tasks {
		if (task.ID == "qa-builds" || task.ID == "qa-updates" || task.ID == "mail/candidates-ready") && !slices.Contains(task.Needs, "upload/candidates") {
			t.Errorf("%s does not wait for the upload: %q", task.ID, task.Needs)
		}
	}
	p.write("pub/aus/update/no-update.xml", "<updates/>")
	err = p.env.UploadAnswers(t.Context(), plan, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `["sh" "upload.sh"`) {
		t.Errorf("got %v, want the command", err)
	}
}

// lines hands on what is written to a log.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// A halt's upload waits for one that looked before the halt, which would take it
// away again if it ended last.
func TestUploadsOfAnswersTakeTurns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := &product{t: t, dir: dir, env: Env{Root: dir, State: filepath.Join(dir, "state")}}
	p.write("upload.sh", `set -e
cp -R "$1" copy.$$
if mkdir first 2>/dev/null; then
	mkfifo go
	echo copied
	cat go
fi
rm -rf server
mv copy.$$ server
`)
	p.write("pub/aus/update/no-update.xml", "<updates/>")
	plan := rollingPlan()
	plan.Config.Publish.Upload = []string{"sh", "upload.sh", "{directory}/{path}"}
	upload := func(log lines) chan error {
		done := make(chan error, 1)
		go func() { done <- p.env.UploadAnswers(t.Context(), plan, log) }()
		return done
	}
	first, second := make(lines, 8), make(lines, 8)
	before := upload(first)
	for text := ""; text != "copied\n"; {
		select {
		case text = <-first:
		case err := <-before:
			t.Fatalf("the first upload ended: %v", err)
		}
	}
	p.write("pub/aus/rollout/Lynx/release/HALTED", "{}")
	after := upload(second)
	if text := <-second; text != "waiting until another upload of aus ends\n" {
		t.Errorf("got %q", text)
	}
	p.write("go", "")
	for _, done := range []chan error{before, after} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	p.read("server/rollout/Lynx/release/HALTED")
}

func TestUploadNamesWhat(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`[rsync, pub, "host:"]`, `["", "{path}"]`} {
		text := strings.Replace(testConfig, "publish: {directory: pub}", "publish: {directory: pub, upload: "+bad+"}", 1)
		if _, err := Parse("slipway.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "publish.upload") {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}
