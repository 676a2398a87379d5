package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const rev = "5b4c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e"

func facts() Facts {
	rate := 25
	return Facts{
		From: "Skiff releases <release@skiff.example>",
		Lists: map[string][]string{
			All:     {"release-all@skiff.example", "QA <qa@skiff.example>"},
			Drivers: {"drivers@skiff.example"},
			AV:      {"scan@av.example"},
		},
		Date:    time.Date(2026, 3, 1, 11, 15, 0, 0, time.FixedZone("CET", 3600)),
		Product: "Skiff", Version: "6.0.1", Build: 1, Project: "skiff-release", Urgency: Chemspill,
		Revisions: []Revision{{"skiff", rev, "https://hg.skiff.example/rev/" + rev}},
		Cutoff:    "2026-03-01T10:15:00-08:00",
		Locales:   []string{"de", "fr", "ja"}, Partials: []string{"6.0", "5.0.1"}, Partners: []string{"acme"},
		Who: "Ada Lovelace", Role: "release coordinator",
		Stage: "repack", Platform: "linux64", Channel: "release", Rate: &rate, Duration: "24h",
		Reason: "two fixes were left out", Running: "running jobs finish", Decides: "the release coordinator",
		Link: "https://ftp.skiff.example/candidates/", Log: []string{"disk full"}, Comment: "thanks",
	}
}

func TestSubjectsAreExact(t *testing.T) {
	want := map[Kind]string{
		GoToBuild:        "go to build Skiff 6.0.1",
		AllStop:          "ALL STOP Skiff 6.0.1 build1",
		UrgencyChanged:   "Skiff 6.0.1 build1 is now chemspill",
		BuildSubmitted:   "[desktop] Build of Skiff-6.0.1-build1",
		StageStarted:     "[release] Skiff-6.0.1-build1: started repack on linux64",
		StageDone:        "[release] Skiff-6.0.1-build1: finished repack on linux64",
		StageFailed:      "[release] Skiff-6.0.1-build1: repack step failed on linux64",
		CandidatesReady:  "skiff 6.0.1 build1/skiff-release is in the candidates directory",
		SignoffNeeded:    "Skiff 6.0.1 build1 updates are ready for signoff",
		UpdatesAvailable: "[release] Skiff-6.0.1-build1: Updates available on release",
		PushRequest:      "[desktop] Please push Skiff 6.0.1 (build#1) to the release channel",
		Pushed:           "skiff 6.0.1 build1/skiff-release has been pushed to release",
		ShipRequest:      "[desktop] Please push Skiff 6.0.1 (build#1) to the release channel (25%)",
		Shipped:          "Skiff 6.0.1 build1 is live on the release channel (25%)",
		AVVendors:        "Skiff 6.0.1 release",
	}
	ids := map[string]Kind{}
	for k := range forms {
		m, err := Compose(k, facts())
		if err != nil {
			t.Errorf("%s: %v", k, err)
			continue
		}
		if m.Subject != want[k] {
			t.Errorf("%s: subject %q, want %q", k, m.Subject, want[k])
		}
		if other, dup := ids[m.ID]; dup {
			t.Errorf("%s and %s share the ID %s", k, other, m.ID)
		}
		ids[m.ID] = k
	}
	if len(want) != len(forms) {
		t.Errorf("%d subjects for %d kinds", len(want), len(forms))
	}
}

func TestABuildIsOneThreadAndAStopIsAnother(t *testing.T) {
	f := facts()
	compose := func(k Kind) Message {
		t.Helper()
		m, err := Compose(k, f)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	root := compose(GoToBuild)
	if root.ID != "Skiff-6.0.1-build1.go-to-build@skiff.example" || root.InReplyTo != "" {
		t.Errorf("go to build: %+v", root)
	}
	if m := compose(Pushed); m.InReplyTo != root.ID || m.To[0] != "<release-all@skiff.example>" {
		t.Errorf("pushed: %+v", m)
	}
	first := compose(AllStop)
	f.Serial = 2
	second := compose(AllStop)
	for _, m := range []Message{first, second} {
		if m.InReplyTo != "" {
			t.Errorf("an all stop answers %s", m.InReplyTo)
		}
	}
	if first.ID == second.ID || first.Subject == second.Subject {
		t.Errorf("the second all stop looks like the first: %q %q", first.Subject, second.Subject)
	}
	f.Serial, f.Reason = 1, "no fix was left out"
	if m := compose(AllStop); m.ID == first.ID {
		t.Errorf("an all stop for another reason is %s too", m.ID)
	}
	f.Urgency = Routine
	calm := compose(UrgencyChanged)
	f.Urgency = Chemspill
	if m := compose(UrgencyChanged); m.ID == calm.ID {
		t.Errorf("chemspill and routine are both %s", m.ID)
	}
	if m := compose(GoToBuild); m.ID != root.ID {
		t.Errorf("a go to build with a reason is %s, so that nothing answers it", m.ID)
	}
	if m := compose(StageFailed); m.InReplyTo != root.ID || len(m.To) != 1 || m.To[0] != "<drivers@skiff.example>" {
		t.Errorf("stage failed: %+v", m)
	}
	f.Serial, f.Build = 0, 2
	if m := compose(GoToBuild); m.Subject != "go to build Skiff 6.0.1 build2" || m.ID == root.ID {
		t.Errorf("build 2: %+v", m)
	}
}

func TestComposeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		kind   Kind
		change func(*Facts)
		want   string
	}{
		"latest":         {GoToBuild, func(f *Facts) { f.Revisions[0].Revision = "latest" }, `revision "latest" of "skiff": want 40 or 64`},
		"branch":         {GoToBuild, func(f *Facts) { f.Revisions[0].Revision = "releases/6.0" }, `a branch, a tag or "latest" may move`},
		"short revision": {GoToBuild, func(f *Facts) { f.Revisions[0].Revision = rev[:12] }, "want 40 or 64"},
		"moving URL":     {GoToBuild, func(f *Facts) { f.Revisions[0].URL = "https://hg.skiff.example/tip" }, "does not hold"},
		"script URL":     {GoToBuild, func(f *Facts) { f.Revisions[0].URL = "javascript:" + rev }, "want https"},
		"no revision":    {GoToBuild, func(f *Facts) { f.Revisions = nil }, "a mail of kind go-to-build needs revisions"},
		"no urgency":     {GoToBuild, func(f *Facts) { f.Urgency = "" }, "needs urgency"},
		"urgency":        {GoToBuild, func(f *Facts) { f.Urgency = "soon" }, `urgency "soon": want routine or chemspill`},
		"nobody":         {GoToBuild, func(f *Facts) { f.Who = "" }, "needs who"},
		"zone":           {GoToBuild, func(f *Facts) { f.Cutoff = "2026-03-01 10:15:00" }, "want seconds and a numeric zone"},
		"named zone":     {GoToBuild, func(f *Facts) { f.Cutoff = "2026-03-01 10:15:00 PDT" }, "numeric zone"},
		"seconds":        {GoToBuild, func(f *Facts) { f.Cutoff = "2026-03-01T10:15-08:00" }, "want seconds"},
		"version":        {GoToBuild, func(f *Facts) { f.Version = "6.0.1\r\nBcc: x@y.example" }, "version"},
		"product":        {GoToBuild, func(f *Facts) { f.Product = "Skiff\r\nBcc: x@y.example" }, "could add headers"},
		"bidi":           {GoToBuild, func(f *Facts) { f.Product = "Skiff\u202e" }, "not printed"},
		"channel":        {Pushed, func(f *Facts) { f.Channel = "release\nX: y" }, "could add headers"},
		"build":          {GoToBuild, func(f *Facts) { f.Build = 0 }, "build number 0"},
		"date":           {GoToBuild, func(f *Facts) { f.Date = time.Time{} }, "no date"},
		"rate":           {Shipped, func(f *Facts) { n := 101; f.Rate = &n }, "rate 101"},
		"no rate":        {ShipRequest, func(f *Facts) { f.Rate = nil }, "needs rate"},
		"no list":        {GoToBuild, func(f *Facts) { f.Lists = nil }, `the list "all" has no addresses`},
		"no AV list":     {AVVendors, func(f *Facts) { delete(f.Lists, AV) }, `the list "av-vendors" has no addresses`},
		"to CRLF":        {GoToBuild, func(f *Facts) { f.Lists[All] = []string{"a@b.example\r\nBcc: c@d.example"} }, "line break"},
		"to two":         {GoToBuild, func(f *Facts) { f.Lists[All] = []string{"a@b.example, c@d.example"} }, "want Name <name@host>"},
		"to quoted":      {GoToBuild, func(f *Facts) { f.Lists[All] = []string{`"a b"@c.example`} }, "plain ASCII"},
		"to option":      {GoToBuild, func(f *Facts) { f.Lists[All] = []string{"a@-oQ.example"} }, "plain ASCII"},
		"long subject":   {Pushed, func(f *Facts) { f.Project, f.Channel = strings.Repeat("p", 150), strings.Repeat("c", 150) }, "limit 200"},
		"directory":      {CandidatesReady, func(f *Facts) { f.Directory = "a\nb" }, "directory"},
		"many":           {GoToBuild, func(f *Facts) { f.Lists[All] = make([]string, 10_000) }, "use a mailing list"},
		"from":           {GoToBuild, func(f *Facts) { f.From = "nobody" }, "sender: address"},
		"kind":           {"gossip", func(*Facts) {}, `no mail of kind "gossip"`},
	} {
		f := facts()
		c.change(&f)
		m, err := Compose(c.kind, f)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if !reflect.DeepEqual(m, Message{}) {
			t.Errorf("%s: refused, and yet there is a mail %q", name, m.Subject)
		}
	}
	f := facts()
	f.Version, f.Urgency, f.Who = "", "", ""
	_, err := Compose(GoToBuild, f)
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want all three findings at once, got %v", err)
	}
}

func TestFilesAreTheSameEachTime(t *testing.T) {
	for _, k := range []Kind{GoToBuild, AllStop, StageFailed} {
		golden := filepath.Join("testdata", string(k)+".eml")
		for i := range 5 {
			f := facts()
			if i > 0 {
				f.Date = f.Date.UTC()
			}
			m, err := Compose(k, f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := m.EML()
			if err != nil {
				t.Fatal(err)
			}
			if os.Getenv("UPDATE") == "1" {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%s differs:\n%s", golden, got)
			}
		}
	}
}

// readBack gives a mail, its file, and what another reader makes of that.
func readBack(t *testing.T, k Kind, f Facts) (Message, []byte, *netmail.Message) {
	t.Helper()
	m, err := Compose(k, f)
	if err != nil {
		t.Fatal(err)
	}
	eml, err := m.EML()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(eml))
	if err != nil {
		t.Fatal(err)
	}
	return m, eml, parsed
}

// What is in a body stays there, and reads back as it was.
func TestHostileBodies(t *testing.T) {
	f := facts()
	f.Comment = "größe ✓\n.\n\nBcc: x@y.example\n--boundary\nFrom here\n" + strings.Repeat("long ", 500) + "\x1b]52;c;x\x07\r\rend"
	f.Reason = "one\r\ntwo\x00"
	f.Log = []string{"\x1b[2Jgone", strings.Repeat("x", 1<<20)}
	m, eml, parsed := readBack(t, StageFailed, f)
	if parsed.Header.Get("Bcc") != "" || len(parsed.Header) > 14 {
		t.Errorf("headers: %v", parsed.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(parsed.Body))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(body), "\r\n", "\n"); strings.TrimRight(got, "\n") != strings.TrimRight(m.Body, "\n") {
		t.Errorf("the body reads back as\n%.2000s", got)
	}
	if strings.ContainsAny(m.Body, "\x00\x07\x1b\r") || len(m.Body) > 64<<10 {
		t.Errorf("body of %d bytes: %.2000q", len(m.Body), m.Body)
	}
	for i, line := range bytes.Split(eml, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("line %d has %d bytes, or a bare line break", i+1, len(line))
		}
	}
}

func TestWideNames(t *testing.T) {
	f := facts()
	f.Product = "Größe " + strings.Repeat("ü", 60)
	f.From = "Zoë <release@skiff.example>"
	m, _, parsed := readBack(t, GoToBuild, f)
	if got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); got != m.Subject {
		t.Errorf("subject reads back as %q, %v", got, err)
	}
	if from, err := parsed.Header.AddressList("From"); err != nil || from[0].Name != "Zoë" {
		t.Errorf("from: %v, %v", from, err)
	}
}

// A journal may hand anything back.
func TestEMLRefusesMessagesThatComposeWouldNotMake(t *testing.T) {
	good, err := Compose(GoToBuild, facts())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Message){
		"subject": func(m *Message) { m.Subject = "a\r\nBcc: x@y.example" },
		"empty":   func(m *Message) { m.Subject = "" },
		"id":      func(m *Message) { m.ID = "a>\r\nBcc: x@y.example" },
		"reply":   func(m *Message) { m.InReplyTo = "a> <b" },
		"to":      func(m *Message) { m.To = []string{"a@b.example\nBcc: x@y.example"} },
		"nobody":  func(m *Message) { m.To = nil },
		"from":    func(m *Message) { m.From = "x" },
	} {
		m := good
		change(&m)
		if eml, err := m.EML(); err == nil {
			t.Errorf("%s: wrote\n%s", name, eml)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Skiff", "6.0.1", "linux64", "a\r\nb", "x@y.example")
	f.Fuzz(func(t *testing.T, product, version, platform, comment, to string) {
		fs := facts()
		fs.Product, fs.Version, fs.Platform, fs.Comment, fs.Lists[Drivers] = product, version, platform, comment, []string{to}
		if _, err := Compose(StageFailed, fs); err != nil {
			return
		}
		m, _, parsed := readBack(t, StageFailed, fs)
		if to, err := parsed.Header.AddressList("To"); err != nil || len(to) != 1 {
			t.Fatalf("to: %v %v", to, err)
		}
		if got, _ := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); got != m.Subject {
			t.Fatalf("subject %q reads back as %q", m.Subject, got)
		}
	})
}
