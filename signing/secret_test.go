//go:build unix

package signing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slipway/testdata/peer"
)

const canary = "canary-0815"

func TestASecretNeverTellsItself(t *testing.T) {
	s := Secret{[]byte(canary)}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "a", s, "b", &s, "c", []Secret{s}, "d", struct{ S Secret }{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "a", s, "b", &s, "c", []Secret{s}, "d", struct{ S Secret }{s})
	in := struct {
		S Secret
		P *Secret
		L []Secret
		M map[string]Secret
	}{s, &s, []Secret{s}, map[string]Secret{"k": s}}
	j, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(j) + fmt.Sprint(s, &s, in) + fmt.Sprintf("%v %+v %#v %s %q %x %d", s, in, in, s, s, s, s) +
		errors.New(fmt.Sprint(s)).Error()
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprint([]byte(canary)), "Y2FuYXJ5"} {
		if strings.Contains(text, form) {
			t.Errorf("the secret shows as %s in\n%s", form, text)
		}
	}
	s.Wipe()
	if bytes.Contains(s.Reveal(), []byte("canary")) {
		t.Error("wiped, and still there")
	}
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		return p
	}
	good := write("good", canary+"\n", 0o600)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fmt.Fprintln(w, canary)
	w.Close()
	peer.Path(t, "cat")
	if err := exec.Command(peer.Path(t, "mkfifo"), dir+"/pipe").Run(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CANARY", canary)
	for name, c := range map[string]struct {
		ref  string
		want string // of the error
	}{
		"file":        {"file:" + good, ""},
		"read only":   {"file:" + write("ro", canary, 0o400), ""},
		"cmd":         {"cmd:cat " + good, ""},
		"readable":    {"file:" + write("wide", canary, 0o644), "chmod 600"},
		"writable":    {"file:" + write("group", canary, 0o620), "chmod 600"},
		"directory":   {"file:" + dir, "not a regular file"},
		"pipe":        {"file:" + dir + "/pipe", "not a regular file"},
		"missing":     {"file:" + dir + "/none", "no such file"},
		"empty":       {"file:" + write("empty", "\n", 0o600), "is empty"},
		"large":       {"file:" + write("large", strings.Repeat("x", maxSecret+1), 0o600), "over 1048576 bytes"},
		"no shell":    {"cmd:echo " + canary + ";true", "secret cmd:"},
		"failing":     {"cmd:cat " + dir + "/none", "cat: exit status 1"},
		"no program":  {"cmd: ", "no program"},
		"endless":     {"cmd:cat /dev/zero", "over 1048576 bytes"},
		"option":      {"keyring:-x", "want letters, digits"},
		"ours":        {"fd:" + strconv.Itoa(int(r.Fd())), "was handed to slipway"},
		"environment": {"env:CANARY", "readable by every process"},
		"stdout":      {"fd:1", "inherited descriptor"},
		"no number":   {"fd:x", "inherited descriptor"},
		"other kind":  {"vault:x", "reference of 7 characters: want keyring:NAME"},
		"a colon":     {canary + ":tail", "reference of 16 characters"},
		"and an end":  {canary + ":", "reference of 12 characters"},
		"no rest":     {"file:", "reference of 5 characters"},
		"itself":      {canary, "reference of 11 characters"},
	} {
		s, err := ReadSecret(context.Background(), Ref(c.ref))
		if name == "no shell" { // echo prints the semicolon: nothing split the line
			if string(s.Reveal()) != canary+";true" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if c.want == "" && (err != nil || string(s.Reveal()) != canary) {
			t.Errorf("%s: got %q, %v", name, s.Reveal(), err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	fd, err := syscall.Dup(int(r.Fd())) // ReadSecret closes what it is given
	if err != nil {
		t.Fatal(err)
	}
	// A release asks for its key at every signature, and wipes it after each.
	for range 3 {
		s, err := ReadSecret(context.Background(), Ref(fmt.Sprintf("fd:%d", fd)))
		if err != nil || string(s.Reveal()) != canary {
			t.Errorf("fd: %v", err)
		}
		s.Wipe()
	}
}

// TestKeyring: the entry's name is all that the keyring's program is told.
func TestKeyring(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("its keyring is security's")
	}
	bin := t.TempDir()
	program := "#!/bin/sh\nif test \"$*\" = 'lookup slipway openpgp'; then echo " + canary + "; else exit 1; fi\n"
	if err := os.WriteFile(filepath.Join(bin, "secret-tool"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	if s, err := ReadSecret(t.Context(), "keyring:openpgp"); err != nil || string(s.Reveal()) != canary {
		t.Errorf("got %v", err)
	}
	_, err := ReadSecret(t.Context(), "keyring:mar")
	if err == nil || !strings.Contains(err.Error(), "To store it: secret-tool store --label='slipway mar' slipway mar < FILE") {
		t.Errorf("an entry that is not there: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := ReadSecret(t.Context(), "keyring:openpgp"); err == nil || !strings.Contains(err.Error(), "apt install libsecret-tools") {
		t.Errorf("no program: %v", err)
	}
}

// A program may start an agent that holds its output open: the secret is there
// all the same, and nobody waits for the agent's end.
func TestProgramsLeaveAgentsBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := filepath.Join(dir, "pass.sh")
	never := filepath.Join(dir, "never")
	text := "mkfifo " + never + "; cat " + never + " & echo hunter22\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // ends the agent
		if f, err := os.OpenFile(never, os.O_RDWR, 0); err == nil {
			f.Close()
		}
	})
	s, err := ReadSecret(t.Context(), Ref("cmd:sh "+script))
	if err != nil || string(s.Reveal()) != "hunter22" {
		t.Errorf("got %d bytes, %v", len(s.Reveal()), err)
	}
}
