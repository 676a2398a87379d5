package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slipway/release/engine"
	"slipway/tui"
)

// However the console ends, the terminal is as it was: the shell's screen, the
// cursor, the line editor, what is typed is seen, and no reports nobody reads.
func (x *terminal) sane(how string) {
	x.t.Helper()
	const want = "0 1 0"
	state := func() string { return x.format("#{alternate_on} #{cursor_flag} #{mouse_any_flag}") }
	if !x.poll(func() bool { return state() == want }) {
		x.t.Fatalf("%s: alternate screen, cursor, mouse are %q, want %q", how, state(), want)
	}
	x.shell("clear; stty -a | tr ' ;' '\\n\\n' | grep -cx -e icanon -e echo -e icrnl -e opost; echo o''ver")
	x.wait("over")
	if lines := strings.Fields(x.screen()); lines[0] != "4" {
		x.t.Errorf("%s: icanon, echo, icrnl and opost are not all on:\n%s", how, x.screen())
	}
	x.shell("clear")
}

// child is the process that the shell waits for.
func (x *terminal) child() string {
	x.t.Helper()
	out, err := exec.Command("pgrep", "-P", x.format("#{pane_pid}")).Output()
	if err != nil {
		x.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func checkSignals(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	before := noClock(x.screen())
	x.keys("C-z")
	x.until("the shell", func() bool { return x.format("#{alternate_on}") == "0" })
	x.shell("fg")
	x.until("the frame again", func() bool { return noClock(x.screen()) == before })
	x.leave()
	x.sane("detached")

	x.console("A=1", onTheRun)
	x.keys("m") // what was asked for is taken back as well
	x.until("the mouse", func() bool { return x.format("#{mouse_any_flag}") == "1" })
	if err := exec.Command("kill", "-TERM", x.child()).Run(); err != nil {
		t.Fatal(err)
	}
	x.sane("terminated")
}

// A program that is killed hard cannot mend its terminal. "stty sane" makes the
// shell usable, and the next console gives the screen back when it is left.
func checkKilled(t *testing.T, dir string) {
	x := openTerminal(t, dir, 120, 36)
	x.console("A=1", onTheRun)
	if err := exec.Command("kill", "-KILL", x.child()).Run(); err != nil {
		t.Fatal(err)
	}
	x.wait("Killed")
	x.keys("C-j", "stty sane; echo mended", "C-j") // typed unseen
	x.wait("mended")
	x.shell("clear")
	x.until("the old frame to go", func() bool { return !strings.Contains(x.screen(), "q detach") })
	x.console("A=1", onTheRun)
	x.leave()
	x.sane("killed, and started again")
}

// A defect of ours ends the console, not the terminal: in the poll, which runs
// beside the screen, and in the drawing of a frame.
func TestConsolePanics(t *testing.T) {
	for _, where := range []string{"poll", "frame"} {
		t.Run(where, func(t *testing.T) {
			x := openTerminal(t, t.TempDir(), 120, 36)
			x.shell("slipway-panics " + where + "; echo code $?")
			x.wait("code 1")
			if s := x.tmux("capture-pane", "-p", "-S", "-", "-t", "s"); !strings.Contains(s, "defect of its own: oh no\n") {
				t.Errorf("the panic is not told:\n%s", s)
			}
			x.sane("panicked")
		})
	}
}

// consoleThatPanics is the program of [TestConsolePanics]: all is well for some
// frames, and then it is not.
func consoleThatPanics() {
	src, env := &brokenSource{}, tui.Env{Now: time.Now}
	defect := func(calls *atomic.Int32) {
		if calls.Add(1) > 3 {
			panic("oh no")
		}
	}
	var calls atomic.Int32
	if os.Args[1] == "poll" {
		src.broken = func() { defect(&calls) }
	} else {
		env.Now = func() time.Time { defect(&calls); return time.Now() }
	}
	if err := tui.Run(context.Background(), tui.New(env, src, ""), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitInternal)
	}
}

// brokenSource has no release; what else is asked of it does not exist.
type brokenSource struct {
	tui.Source
	broken func()
}

func (s *brokenSource) Runs(context.Context) ([]engine.Run, error) {
	if s.broken != nil {
		s.broken()
	}
	return nil, nil
}

func (s *brokenSource) Product() tui.Product { return tui.Product{} }
