package aus

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// before is lynx as it was one release ago: 12.0 is what the others are led to.
func before() *Release {
	r := lynx()
	r.Newest = Offer{
		Name: "Lynx-12.0-build1", AppVersion: "12.0", BuildNumber: 1, Lines: []Line{{Fields: Fields{Type: minor}}},
		Builds: []OfferBuild{
			build("linux64", "20260101000000", "Lynx-12.0-build1", nil, "de", "en-US", "nl"),
			build("mac", "20260101000001", "Lynx-12.0-build1", nil, "de", "en-US"),
		},
	}
	r.Priors = r.Priors[1:]
	return r
}

// rolled is lynx on its way to users, a quarter of them first.
func rolled() *Release {
	r := lynx()
	r.Shares = []int{25, 50}
	r.Channels[0].Throttled = true
	return r
}

// published are the files of a web server while a share of the clients is
// offered lynx: the answers of the release before are the live ones.
func published(t testing.TB, share int) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, f := range generate(t, before(), XML, Snippets2, Blobs) {
		files[f.Name] = f.Data
	}
	r := rolled()
	for _, f := range generate(t, r, XML, Snippets2, Blobs) {
		name, live := RolloutName(r.Product, "release", f.Name)
		switch {
		case live:
			files[name] = f.Data
		case !strings.HasSuffix(path.Dir(f.Name), "/release"):
			files[f.Name] = f.Data
		}
	}
	dir := RolloutDir(r.Product, "release")
	files[dir+"/"+OwnerFile] = []byte(r.Newest.Name + "\n")
	for _, b := range Buckets(r.Product, "12.0.1", share) {
		files[dir+"/"+b] = nil
	}
	return files
}

func TestRolloutOnRealServers(t *testing.T) {
	for _, program := range []string{"nginx", "apache2"} {
		t.Run(program, func(t *testing.T) { t.Parallel(); rolloutOn(t, program) })
	}
}

// rolloutOn asks from 400 addresses at each turn of a rollout.
func rolloutOn(t *testing.T, program string) {
	root := servedDir(t)
	s := &webServer{t: t, root: root}
	for name, data := range published(t, 0) {
		s.write(name, string(data))
	}
	s = serve(t, program, root)
	dir := RolloutDir("Lynx", "release")
	open := func(share int) {
		for _, b := range Buckets("Lynx", "12.0.1", share) {
			s.write(dir+"/"+b, "")
		}
	}
	const older = "/update/3/Lynx/11.5/20250901000000/Linux_x86_64-gcc3/de/release/Linux%205.10%20(GTK%203.24)/default/default/update.xml"
	const newest = "/update/1/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/de/release/update.xml"
	var addresses []string
	for i := range 400 {
		addresses = append(addresses, fmt.Sprintf("127.%d.%d.%d", 1+i%200, i/7, 1+i*31%250))
	}
	in := func(query string) (some []string) {
		t.Helper()
		for _, a := range addresses {
			switch got := s.ask(a, older+query); got {
			case "12.0.1":
				some = append(some, a)
			case "12.0":
			default:
				t.Fatalf("%s: offered %q, want 12.0 or 12.0.1", a, got)
			}
		}
		return some
	}
	share := func(of []string, percent int) {
		t.Helper()
		if got := len(of) * 100 / len(addresses); got < percent-4 || got > percent+4 {
			t.Errorf("%d %% of addresses are offered it, want %d", got, percent)
		}
	}

	share(in(""), 0)
	open(25)
	quarter := in("")
	share(quarter, 25)
	if again := in("?force=0"); !slices.Equal(quarter, again) {
		t.Error("the same clients are told otherwise when they ask again")
	}
	share(in("?force=1"), 100)
	open(50)
	half := in("")
	share(half, 50)
	for _, a := range quarter {
		if !slices.Contains(half, a) {
			t.Errorf("%s was in the first share and is not in the second", a)
		}
	}

	// Who has the release before is told of the new one, or of nothing.
	inside, outside := half[0], addresses[slices.IndexFunc(addresses, func(a string) bool { return !slices.Contains(half, a) })]
	if got := s.ask(outside, newest); got != "" {
		t.Errorf("outside the share, 12.0 is offered %q", got)
	}
	class := "/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/de/"
	for _, p := range []string{
		"/update/1" + class + "release/update.xml",
		"/update/2" + class + "release/Linux%205.10/update.xml",
		"/update/3" + class + "release-cck-acme/Linux/acme/1.0/update.xml",
		"/update/4" + class + "release/Linux/default/default/12.0/update.xml",
		"/update/5" + class + "release/Linux/default/default/12.0/imei/update.xml",
		"/update/6" + class + "release/Linux/ISET:SSE4_2,MEM:32063/default/default/update.xml?pin=12.",
	} {
		if got := s.ask(inside, p); got != "12.0.1" {
			t.Errorf("inside the share, %s is offered %q", p, got)
		}
	}
	for _, p := range []string{ // of whom the rollout knows nothing
		"/update/1/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/xx/release/update.xml",
		"/update/1/Lynx/12.0/20260101000000/Linux_x86_64-gcc3/de/beta/update.xml",
	} {
		if got := s.ask(inside, p+"?force=1"); got != "" {
			t.Errorf("%s is offered %q", p, got)
		}
	}
	if got := s.ask(outside, strings.Replace(newest, "/release/", "/releasetest/", 1)); got != "12.0.1" {
		t.Errorf("the test channel is offered %q: it is never throttled", got)
	}
	netShares(t, s, older)

	s.write(dir+"/"+HaltedFile, "")
	share(in(""), 0)
	share(in("?force=1"), 0)
	if err := os.Remove(filepath.Join(root, dir, HaltedFile)); err != nil {
		t.Fatal(err)
	}
	if again := in(""); !slices.Equal(half, again) {
		t.Error("after a halt others are in the share than before")
	}

	for _, f := range generate(t, rolled(), XML) {
		s.write(f.Name, string(f.Data))
	}
	if err := os.RemoveAll(filepath.Join(root, dir)); err != nil {
		t.Fatal(err)
	}
	share(in(""), 100)
}

// netShares: a network's clients are in or out together, whatever the second
// half of their address; networks are in or out by themselves.
func netShares(t *testing.T, s *webServer, path string) {
	t.Helper()
	in := 0
	for n := range 100 {
		first := ""
		for _, host := range []string{"a1b2:c3d4:e5f6:1", "ffff:eeee:dddd:2", "1:2:3:4"} {
			got := s.ask(fmt.Sprintf("2001:db8:%x:7:%s", n+1, host), path)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("network %d: one client is offered %s, another %s", n, first, got)
			}
		}
		if first == "12.0.1" {
			in++
		}
	}
	if in < 35 || in > 65 {
		t.Errorf("%d of 100 networks are in, want about 50", in)
	}
}

func TestBuckets(t *testing.T) {
	quarter, half, all := Buckets("Lynx", "12.0.1", 25), Buckets("Lynx", "12.0.1", 50), Buckets("Lynx", "12.0.1", 100)
	if len(quarter) != 25 || len(half) != 50 || len(all) != 100 || !slices.Equal(quarter, half[:25]) || !slices.Equal(half, all[:50]) {
		t.Errorf("25 %%: %v\n50 %%: %v", quarter, half)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) != 100 || all[0] != "00" || all[99] != "99" {
		t.Errorf("all: %v", all)
	}
	if slices.Equal(quarter, Buckets("Lynx", "12.0.2", 25)) {
		t.Error("two versions begin with the same clients")
	}
	for _, share := range []int{-1, 0} {
		if got := Buckets("Lynx", "12.0.1", share); len(got) != 0 {
			t.Errorf("share %d: %v", share, got)
		}
	}
}

func TestCheckShares(t *testing.T) {
	for _, good := range [][]int{nil, {1}, {25}, {1, 5, 25, 50, 99}} {
		if err := CheckShares(good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, bad := range [][]int{{0}, {-1}, {100}, {25, 25}, {50, 25}, {25, 100}} {
		if err := CheckShares(bad); err == nil {
			t.Errorf("%v is taken for shares", bad)
		}
	}
}
