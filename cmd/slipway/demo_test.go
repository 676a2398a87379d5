//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemo ships Skiff three times: in peace; with its last release driven by
// keys in the console; and killed again and again in another time zone, under
// another umask, with another number of workers. All must leave the same files,
// other programs must accept them, and nothing that was finished may have run
// again. SLIPWAY_KILLS says how often it is killed.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("ships three releases thrice; not with -short")
	}
	slipway := buildSlipway(t)
	calm, rough, keys := filepath.Join(t.TempDir(), "calm"), filepath.Join(t.TempDir(), "rough"), filepath.Join(t.TempDir(), "keys")

	last := len(demoVersions) - 1
	shipDemo(t, slipway, calm, demoVersions[:last])
	if out, err := exec.Command("cp", "-a", calm, keys).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	shipDemo(t, slipway, calm, demoVersions)
	kills := 20
	if n, err := strconv.Atoi(os.Getenv("SLIPWAY_KILLS")); err == nil {
		kills = n
	}
	want := files(t, calm)
	if len(want) < 800 {
		t.Errorf("%d files were made, want the demo's 800 and more", len(want))
	}
	t.Run("keys", func(t *testing.T) {
		shipByKeys(t, keys, demoVersions[last])
		sameFiles(t, want, files(t, keys))
	})
	// A demo may be done before its kills are used up: then another one is
	// killed, until they are.
	for n := 0; n < kills; {
		if err := os.RemoveAll(rough); err != nil {
			t.Fatal(err)
		}
		lives := killAndResume(t, slipway, rough, kills-n)
		if lives == 0 {
			t.Fatal("a whole demo passed without one kill: the waits are too long")
		}
		n += lives
		sameFiles(t, want, files(t, rough))
		for _, version := range demoVersions {
			neverAgain(t, slipway, rough, "skiff-"+version+"-build1")
		}
	}
	t.Run("gpg", func(t *testing.T) { checkSignatures(t, calm) })
	t.Run("programs", func(t *testing.T) { checkPrograms(t, calm) })
	t.Run("sums", func(t *testing.T) { checkSums(t, calm) })
	t.Run("xz", func(t *testing.T) { checkEntries(t, slipway, calm) })
}

func buildSlipway(t *testing.T) string {
	t.Helper()
	slipway := filepath.Join(t.TempDir(), "slipway")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", slipway, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return slipway
}

// shipDemo ships versions of Skiff, as "slipway demo" does; what was shipped
// before is seen and left.
func shipDemo(t *testing.T, slipway, dir string, versions []string) {
	t.Helper()
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	d := &demo{dir: dir, shown: dir, self: slipway, workers: 8, goCache: strings.TrimSpace(string(goCache)), out: &out, talk: &out}
	revisions, err := d.prepare(t.Context())
	for i, version := range versions {
		if err == nil {
			err = d.release(t.Context(), version, revisions[i])
		}
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, end(out.Bytes()))
	}
}

// end is the last part of what a program said.
func end(out []byte) []byte { return out[max(0, len(out)-4000):] }

// sameFiles compares what two demos left.
func sameFiles(t *testing.T, want, got map[string]string) {
	t.Helper()
	for path, sum := range want {
		if got[path] != sum {
			t.Errorf("%s: %q, in peace %q", path, got[path], sum)
		}
	}
	for path := range got {
		if want[path] == "" {
			t.Errorf("%s: not made in peace", path)
		}
	}
}

// killAndResume runs the demo to its end and returns how often it was killed on
// the way, with all its children, each time after a random while.
func killAndResume(t *testing.T, slipway, dir string, kills int) int {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, uint64(kills))) // a seed, so that a failure can be seen again
	for done := 0; ; {
		cmd := exec.Command("sh", "-c", `umask 077; exec "$0" demo --dir "$1" --workers 1`, slipway, dir)
		cmd.Env = append(os.Environ(), "TZ=Asia/Tokyo")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		var kill <-chan time.Time
		if done < kills {
			kill = time.After(time.Duration(100+rng.IntN(4000)) * time.Millisecond)
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("after %d kills: %v\n%s", done, err, end(out.Bytes()))
			}
			return done
		case <-kill:
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-ended
			done++
		}
	}
}

// day is a date as product-details has it.
var day = regexp.MustCompile(`\d{4}-\d\d-\d\d`)

// files hashes what a release leaves for others: what is published, the plans,
// the mails, and the refs of the repositories.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, part := range []string{"publish", "plans", "mail"} {
		err := filepath.WalkDir(filepath.Join(dir, part), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(dir, path)
			if strings.Contains(rel, "product-details") { // of two demos one may ship after midnight
				b = day.ReplaceAll(b, []byte("DAY"))
			}
			sums[rel] = fmt.Sprintf("%x", sha256.Sum256(b))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, bare := range demoRemotes {
		refs, err := gitOutput(t.Context(), filepath.Join(dir, "remotes", bare), time.Time{}, "show-ref")
		if err != nil {
			t.Fatal(err)
		}
		sums["refs of "+name] = refs
	}
	return sums
}

// neverAgain reads the journal: once a task passed under a key, that key never
// starts again.
func neverAgain(t *testing.T, slipway, dir, run string) {
	t.Helper()
	cmd := exec.Command(slipway, "history", run, "--json")
	cmd.Env = append(os.Environ(), "SLIPWAY_STATE="+filepath.Join(dir, "state"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	passed := map[string]bool{}
	for in := bufio.NewScanner(bytes.NewReader(out)); in.Scan(); {
		var e struct {
			Type, ID, To, Key string
			Cached            bool
		}
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			t.Fatalf("%v: %s", err, in.Bytes())
		}
		if e.Type != "task" || e.Key == "" {
			continue
		}
		switch at := e.ID + " " + e.Key; {
		case e.To == "running" && passed[at]:
			t.Errorf("%s: %s ran again after it had passed", run, e.ID)
		case e.To == "passed":
			passed[at] = true
		}
	}
	if len(passed) < 100 {
		t.Errorf("%s: %d tasks passed by the journal, want more than 100", run, len(passed))
	}
}
