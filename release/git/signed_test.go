package git

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slipway/testdata/peer"
)

// A signature that another program made over the text we hand out must verify
// with git's own verify-tag.
func TestSignedTagVerifiesWithGit(t *testing.T) {
	peer.Path(t, "gpg")
	// gpg's agent listens in its home; a socket's path has at most 107 bytes.
	home, err := os.MkdirTemp("", "gpg")
	if err != nil {
		t.Fatal(err)
	}
	gpg := func(in []byte, args ...string) []byte {
		cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""}, args...)...)
		cmd.Stdin = bytes.NewReader(in)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("gpg %q: %v", args, err)
		}
		return out
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "gpg-agent").Run()
		os.RemoveAll(home)
	})
	gpg(nil, "--quick-generate-key", "Skiff Release <release@example.org>", "ed25519", "sign", "never")

	url, revs := remote(t)
	sign := func(_ context.Context, text []byte) ([]byte, error) {
		return gpg(text, "--armor", "--detach-sign"), nil
	}
	done, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), sign)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "verify-tag", done.Tags["SKIFF_1_1_BUILD1"])
	cmd.Dir, cmd.Env = url, append(os.Environ(), "GNUPGHOME="+home)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Good signature") {
		t.Errorf("verify-tag: %v\n%s", err, out)
	}
}

// The release process marks about 85 repositories at once (release-process
// facts, AOSA: 20 minutes); the aim here is well under one minute.
func BenchmarkTag85Repositories(b *testing.B) {
	url, revs := remote(b)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		g := &Git{Dir: filepath.Join(dir, "mirrors")}
		var urls []string
		for i := range 85 {
			urls = append(urls, filepath.Join(dir, fmt.Sprintf("%d.git", i)))
			if out, err := exec.Command("git", "clone", "--quiet", "--bare", url, urls[i]).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
		b.StartTimer()
		var all sync.WaitGroup
		pool := make(chan struct{}, 4)
		for i, url := range urls {
			all.Go(func() {
				pool <- struct{}{}
				defer func() { <-pool }()
				m, err := g.Mirror(b.Context(), fmt.Sprintf("l10n/%d", i), url)
				if err == nil {
					_, err = m.Tag(b.Context(), job(revs[1]), nil)
				}
				if err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
	}
}
