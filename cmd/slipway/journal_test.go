package main

import (
	"testing"

	"slipway/release/engine"
)

// What is typed next fits where a release stands, and what was just said.
func TestNextFitsTheState(t *testing.T) {
	idle := engine.Run{ID: "skiff-1.0-build1"}
	paused := idle
	paused.Halt = &engine.Halt{Verb: "pause"}
	for _, c := range []struct {
		run  engine.Run
		cmd  engine.Command
		want string
	}{
		{idle, engine.Command{Verb: "approve", Gate: "push"}, "slipway run skiff-1.0-build1"},
		{idle, engine.Command{Verb: "reject", Gate: "push"}, "slipway retry skiff-1.0-build1 push, once it is mended"},
		{paused, engine.Command{Verb: "pause"}, "slipway resume skiff-1.0-build1"},
		{paused, engine.Command{Verb: "approve", Gate: "push"}, "slipway resume skiff-1.0-build1"},
	} {
		if got := next(c.run, c.cmd); got != c.want {
			t.Errorf("after %s: got %q, want %q", c.cmd.Verb, got, c.want)
		}
	}
}
