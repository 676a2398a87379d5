package release

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/cache"
	mails "slipway/release/mail"
	"slipway/release/pipeline"
)

func testSite(t *testing.T) (*site, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := openSite(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func TestPlaceIsIdempotentAndNeverOverwrites(t *testing.T) {
	s, dir := testSite(t)
	sum := cache.Sum([]byte("bytes"))
	for range 2 {
		if err := s.place("a/b/c.txt", strings.NewReader("bytes"), sum); err != nil {
			t.Fatal(err)
		}
	}
	err := s.place("a/b/c.txt", strings.NewReader("other"), cache.Sum([]byte("other")))
	if pipeline.ClassOf(err) != pipeline.Clash {
		t.Errorf("other bytes: got %v, want a clash", err)
	}
	// What arrives is not what was announced: nothing is published.
	if err := s.place("a/d.txt", strings.NewReader("half"), sum); err == nil || !strings.Contains(err.Error(), "a/d.txt: read bytes with") {
		t.Errorf("wrong bytes: got %v", err)
	}
	for _, name := range []string{"../out.txt", "/tmp/out.txt", "a/../../out.txt"} {
		if err := s.place(name, strings.NewReader("bytes"), sum); err == nil {
			t.Errorf("%s was published outside the directory", name)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("left %v (%v), want a/ alone", left, err)
	}
	if _, err := os.Stat(filepath.Join(dir, stagingTop)); !os.IsNotExist(err) {
		t.Errorf("%s: %v", stagingTop, err)
	}
}

// Where nothing can be written, the place is named: a task's log is read elsewhere.
func TestSiteThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, stagingTop), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e := Env{Root: dir}
	_, _, err := e.publishProbe(t.Context(), call(pipeline.Task{}), publishArgs{Publish: "."})
	if pipeline.ClassOf(err) != pipeline.Infra || !strings.Contains(err.Error(), "writing in "+dir+": ") {
		t.Errorf("got %v, want a failure of the world that names %s", err, dir)
	}
}

func TestPublishedFilesIgnoreTheUmask(t *testing.T) {
	s, dir := testSite(t)
	if err := errors.Join(s.place("x/y.txt", strings.NewReader("y"), cache.Sum([]byte("y"))), s.close()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"x": 0o755, "x/y.txt": 0o644} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: mode %v (%v), want %v", name, st.Mode().Perm(), err, want)
		}
	}
}

func TestProductDetails(t *testing.T) {
	s, dir := testSite(t)
	for _, r := range []shipped{
		{Version: "1.1", Build: 1, Date: "2026-03-01", Kind: "major"},
		{Version: "1.1.1", Build: 2, Date: "2026-03-09", Kind: "stability"},
		{Version: "1.2b1", Build: 1, Date: "2026-03-10", Kind: "dev"},
		{Version: "1.0", Build: 1, Date: "2026-01-01", Kind: "major"}, // listed late, and not the latest for that
		{Version: "1.1", Build: 1, Date: "2026-03-12", Kind: "major"}, // twice is once
	} {
		if err := s.details(detailsArgs{Product: "skiff", Prefix: "SKIFF", Scheme: "mozilla", Shipped: r}); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"skiff_versions.json":                     "{\n  \"LATEST_SKIFF_DEVEL_VERSION\": \"1.2b1\",\n  \"LATEST_SKIFF_VERSION\": \"1.1.1\"\n}\n",
		"skiff_history_major_releases.json":       "{\n  \"1.0\": \"2026-01-01\",\n  \"1.1\": \"2026-03-01\"\n}\n",
		"skiff_history_stability_releases.json":   "{\n  \"1.1.1\": \"2026-03-09\"\n}\n",
		"skiff_history_development_releases.json": "{\n  \"1.2b1\": \"2026-03-10\"\n}\n",
	} {
		got, err := os.ReadFile(filepath.Join(dir, "product-details", name))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s (%v), want %s", name, got, err, want)
		}
	}
}

// Releases on several channels may end at one time: none is lost from the lists,
// each has the day when it shipped, and a list that was damaged by hand is named,
// not begun anew.
func TestProductDetailsOfSeveralReleases(t *testing.T) {
	t.Parallel()
	e := Env{Root: t.TempDir(), State: t.TempDir(), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	ship := func(version string) error {
		c := call(pipeline.Task{ID: version})
		_, err := e.productDetails(t.Context(), c, detailsArgs{
			Publish: "pub", Product: "skiff", Prefix: "SKIFF", Scheme: "mozilla", Shipped: shipped{Version: version, Kind: "major"},
		})
		return err
	}
	const n = 8
	var all errgroup.Group
	for i := range n {
		all.Go(func() error { return ship(fmt.Sprintf("1.%d", i)) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(e.Root, "pub", "product-details", "skiff.json")
	text, err := os.ReadFile(list)
	if got := strings.Count(string(text), `"date": "2027-01-15"`); err != nil || got != n {
		t.Errorf("%d of %d releases are listed (%v)", got, n, err)
	}
	for damaged, want := range map[string]string{
		`{"skiff-1.0"`: "unexpected end",
		`{"skiff-1.x": {"version": "1.x", "category": "major"}}`: `skiff-1.x: version "1.x"`,
		`{"skiff-1.0": {"version": "1.0", "category": "minor"}}`: `skiff-1.0: category "minor"`,
	} {
		if err := os.WriteFile(list, []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := ship("2.0"); err == nil || !strings.Contains(err.Error(), "product-details/skiff.json: "+want) {
			t.Errorf("a damaged list: got %v, want %q", err, want)
		}
	}
}

// TestCandidatesMailSaysWhere: the test channel's server, as far as its URL goes
// without a file's name, and the directory.
func TestCandidatesMailSaysWhere(t *testing.T) {
	for pattern, want := range map[string]string{
		"https://stage.example/{version}-candidates/build{build}/{path}":           "https://stage.example/10.0-candidates/build1/",
		"https://stage.example/{path}":                                             "https://stage.example/",
		"https://dl.example/get?product={product}-{version}&os={directory}&{file}": "https://dl.example/",
	} {
		p := bigPlan(t)
		p.Version, p.Build = "10.0", 1
		p.Config.Mail = Mail{From: "Release <r@lynx.example>", Lists: map[string][]string{"all": {"all@lynx.example"}}}
		p.Config.Updates.Channels = map[string]Channel{"releasetest": {Test: true, URL: pattern}}
		f := p.mailFacts(mails.CandidatesReady)
		if f.Link != want || f.Directory != "lynx/candidates/10.0-candidates/build1" {
			t.Errorf("%s: link %s, directory %s; want %s", pattern, f.Link, f.Directory, want)
		}
	}
}

func TestInterruptedMailIsNotSentTwice(t *testing.T) {
	e := Env{State: t.TempDir(), Now: time.Now}
	p := bigPlan(t)
	p.Config.Mail = Mail{From: "Release <r@lynx.example>", Lists: map[string][]string{"all": {"all@lynx.example"}}, SMTP: &SMTP{Host: "127.0.0.1", Port: 1}}
	for i := range p.Repositories {
		p.Repositories[i].Revision = strings.Repeat("a", 40)
	}
	args := mailArgs{Kind: mails.GoToBuild, Facts: p.mailFacts(mails.GoToBuild), SMTP: p.Config.Mail.SMTP}

	// A server that is not there: nothing was sent, and it may be tried again.
	if _, err := e.mail(t.Context(), pipeline.Call{}, args); pipeline.ClassOf(err) != pipeline.Infra {
		t.Fatalf("no server: got %v, want a transient failure", err)
	}
	res, sent, err := e.mailProbe(t.Context(), pipeline.Call{}, args)
	if sent || err != nil {
		t.Fatalf("after that: sent %v, %v", sent, err)
	}
	intent, done := mailNote(res.Facts.ID)
	intent, done = filepath.Join(e.mailNotes(), intent), filepath.Join(e.mailNotes(), done)
	if err := os.WriteFile(intent, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.mailProbe(t.Context(), pipeline.Call{}, args); pipeline.ClassOf(err) != pipeline.Policy {
		t.Errorf("killed while sending: got %v; want a person to look", err)
	}
	if err := os.Rename(intent, done); err != nil {
		t.Fatal(err)
	}
	if _, sent, err := e.mailProbe(t.Context(), pipeline.Call{}, args); !sent || err != nil {
		t.Errorf("sent before: got %v, %v", sent, err)
	}
}

// What a person says for another reason was never sent, and gets the next number,
// whichever way mails go.
func TestMailForAnotherReason(t *testing.T) {
	e := Env{State: t.TempDir(), Root: t.TempDir(), Now: time.Now}
	p := bigPlan(t)
	p.Config.Mail = Mail{From: "Release <r@lynx.example>", Lists: map[string][]string{"all": {"all@lynx.example"}}}
	for i := range p.Repositories {
		p.Repositories[i].Revision = strings.Repeat("a", 40)
	}
	for _, server := range []*SMTP{nil, {Host: "127.0.0.1", Port: 1}} {
		p.Config.Mail.Out, p.Config.Mail.SMTP = "mail", server
		told := Told{Who: "Ann", Urgency: "chemspill", Reason: "0day"}
		args := func() mailArgs {
			return mailArgs{Kind: mails.UrgencyChanged, Facts: p.toldFacts(mails.UrgencyChanged, told, e.Now()), Out: "mail", SMTP: server}
		}
		m, err := mails.Compose(mails.UrgencyChanged, args().Facts)
		if err != nil {
			t.Fatal(err)
		}
		_, done := mailNote(m.ID)
		path := filepath.Join(e.mailNotes(), done)
		if server == nil {
			path = filepath.Join(e.Root, "mail", emlName(args().Facts, mails.UrgencyChanged))
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
		if _, err := e.DeliverMail(t.Context(), p, mails.UrgencyChanged, told, false); !errors.Is(err, ErrMailed) {
			t.Errorf("%v: the same once more: got %v, want %v", server, err, ErrMailed)
		}
		told.Urgency = "routine"
		_, sent, err := e.mailProbe(t.Context(), pipeline.Call{}, args())
		taken, terr := e.numbered(args())
		if sent || !taken || err != nil || terr != nil {
			t.Errorf("%v: routine after chemspill: sent %v, number taken %v, %v, %v", server, sent, taken, err, terr)
		}
		subject, err := e.DeliverMail(t.Context(), p, mails.UrgencyChanged, told, false)
		if server == nil && (err != nil || !strings.HasSuffix(subject, "is now routine (2)")) {
			t.Errorf("routine after chemspill: %q, %v", subject, err)
		}
		if server != nil && pipeline.ClassOf(err) != pipeline.Infra {
			t.Errorf("by a server that is not there: got %v, want a transient failure", err)
		}
	}
}

// A server that is gone instead of answering may have the mail: no attempt
// follows by itself.
func TestMailOfUnknownFateIsNotSentAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "220 localhost\r\n")
		for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != "."; {
			switch word, _, _ := strings.Cut(lines.Text(), " "); word {
			case "EHLO", "MAIL", "RCPT":
				fmt.Fprint(conn, "250 fine\r\n")
			case "DATA":
				fmt.Fprint(conn, "354 go on\r\n")
			}
		}
	}()
	e := Env{State: t.TempDir(), Now: time.Now}
	m := mails.Message{
		Kind: mails.GoToBuild, ID: "lynx-1.0@lynx.example", From: "r@lynx.example", To: []string{"all@lynx.example"},
		Subject: "go to build", Body: "go\n", Date: time.Unix(0, 0),
	}
	err = e.sendMail(t.Context(), SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}, m)
	intent, _ := mailNote(m.ID)
	if pipeline.ClassOf(err) != pipeline.Policy || !strings.Contains(err.Error(), "see whether it arrived") {
		t.Errorf("got %v; want a person to look", err)
	}
	if _, err := os.Stat(filepath.Join(e.mailNotes(), intent)); err != nil {
		t.Errorf("the note of intent: %v", err)
	}
}

// Those who decide are asked for each word of theirs once it is their turn, where
// they have a list of their own.
func TestDriversAreAsked(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.edit("lists: {all: [all@skiff.example]}", "lists: {all: [all@skiff.example], drivers: [drivers@skiff.example]}")
	plan := p.plan("1.0", 1)
	needs := map[string][]string{}
	for _, task := range Graph(plan).Tasks {
		needs[task.ID] = task.Needs
	}
	for mail, want := range map[string]string{"signoff-needed": "verify/candidates", "push-request": "qa-updates", "ship-request": "publish/releases"} {
		if !slices.Contains(needs["mail/"+mail], want) {
			t.Errorf("mail/%s needs %q, want %s among them", mail, needs["mail/"+mail], want)
		}
	}
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	for mail, subject := range map[string]string{
		"signoff-needed":           "Skiff 1.0 build1 updates are ready for signoff",
		"push-request-releasetest": "[desktop] Please push Skiff 1.0 (build#1) to the releasetest",
		"ship-request-release":     "[desktop] Please push Skiff 1.0 (build#1) to the release",
	} {
		text := p.read("mail/skiff-1.0-build1." + mail + ".eml")
		if !strings.Contains(text, "Subject: "+subject) || !strings.Contains(text, "drivers@skiff.example") {
			t.Errorf("%s: %.400s", mail, text)
		}
	}
	// About another channel it is another mail.
	for channel, want := range map[string]error{"releasetest": ErrMailed, "cdntest": nil} {
		if _, err := p.env.DeliverMail(t.Context(), plan, mails.PushRequest, Told{Channel: channel}, false); !errors.Is(err, want) {
			t.Errorf("push-request for %s: got %v, want %v", channel, err, want)
		}
	}
	found := false
	for _, f := range Check(t.Context(), plan, p.env) {
		found = found || f.What == "mails" && f.Text == "8 can be written"
	}
	if !found {
		t.Error("the preflight did not try the requests")
	}
}
