package git

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Git is the git program and where mirrors are kept.
type Git struct {
	Program string // "git" when empty
	Dir     string // directory of the mirrors
}

// hardening is given to every invocation. A repository's content can ask git
// to run programs in several ways (hooks, fsmonitor, ext:: transports); a
// release needs none of them.
var hardening = []string{
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "core.autocrlf=false",
	"-c", "core.quotePath=false",
	"-c", "protocol.ext.allow=never",
	"-c", "gc.auto=0",
	"-c", "advice.detachedHead=false",
	// A pack appears whole or not at all. Objects one by one, as git would keep a
	// small fetch, leave a commit without its files when it breaks off, and
	// [Mirror.Need] would take it for fetched.
	"-c", "fetch.unpackLimit=1",
	"-c", "core.fsync=committed",
}

// waitAfterCancel is how long a cancelled git may take to remove its lock files.
const waitAfterCancel = 3 * time.Second

// command prepares one run of git. env is added to a fixed environment.
func (g *Git) command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	program := g.Program
	if program == "" {
		program = "git"
	}
	cmd := exec.CommandContext(ctx, program, append(append([]string{}, hardening...), args...)...)
	cmd.Dir = dir
	cmd.Env = append(environment(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = waitAfterCancel
	return cmd
}

// environment keeps what reaching a remote needs (home, agents, proxies) and
// drops every GIT_ variable, for those redirect git behind our back.
func environment() []string {
	env := []string{
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", "TZ=UTC",
	}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "GIT_") && name != "LC_ALL" && name != "LANG" && name != "TZ" {
			env = append(env, kv)
		}
	}
	return env
}

// output runs git in dir and returns what it printed.
func (g *Git) output(ctx context.Context, dir string, in io.Reader, env []string, args ...string) ([]byte, error) {
	cmd := g.command(ctx, dir, env, args...)
	cmd.Stdin = in
	var out bytes.Buffer
	var said end
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, runError(ctx, args, err, said)
	}
	return out.Bytes(), nil
}

// maxSaid is how much of git's talk is kept: a server may talk without end, and
// the end holds the cause.
const maxSaid = 2000

// end keeps the last bytes that are written to it.
type end []byte

func (e *end) Write(p []byte) (int, error) {
	*e = append(*e, p...)
	if n := len(*e) - maxSaid; n > 0 {
		*e = append((*e)[:0], (*e)[n:]...)
	}
	return len(p), nil
}

// line is output without its final newline, for commands that print one id.
func (g *Git) line(ctx context.Context, dir string, in io.Reader, env []string, args ...string) (string, error) {
	out, err := g.output(ctx, dir, in, env, args...)
	return strings.TrimSuffix(string(out), "\n"), err
}

// runError says which git command stopped, and git's own last lines.
func runError(ctx context.Context, args []string, err error, talk end) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	verb := args[0]
	if verb == "-C" && len(args) > 2 {
		verb = args[2]
	}
	said := strings.TrimSpace(string(talk))
	if len(talk) == maxSaid {
		said = "…" + said
	}
	if said == "" {
		return fmt.Errorf("git %s: %w", verb, err)
	}
	return fmt.Errorf("git %s: %w: %s", verb, err, said)
}
