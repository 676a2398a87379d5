package main

import (
	"context"
	"testing"

	"slipway/tui"
)

// A key that is slow keeps nobody: until it answers there is nothing to tell,
// and what an interrupted one says is forgotten.
func TestKeysAreAskedBesideTheConsole(t *testing.T) {
	var k askedKeys
	asked := 0
	answer := make(chan string)
	open := func(ctx context.Context) []tui.KeyFacts {
		asked++
		select {
		case name := <-answer:
			return []tui.KeyFacts{{Name: name}}
		case <-ctx.Done():
			return []tui.KeyFacts{{Problem: "signal: killed"}}
		}
	}
	told := func(want string) {
		t.Helper()
		keys, loaded := k.told()
		if loaded != (want != "") || loaded && (len(keys) != 1 || keys[0].Name != want) {
			t.Errorf("told %+v (loaded: %v), want %q", keys, loaded, want)
		}
	}
	k.ask("1.0", open)
	told("")
	k.ask("1.1", func(context.Context) []tui.KeyFacts { return []tui.KeyFacts{{Name: "of 1.1"}} })
	k.asking.Wait()
	told("of 1.1")
	k.ask("1.0", open)
	told("")
	answer <- "of 1.0"
	k.asking.Wait()
	k.ask("1.0", open)
	told("of 1.0")
	if asked != 2 {
		t.Errorf("asked %d times, want twice: the first was interrupted", asked)
	}
	k.ask("1.2", open)
	k.close() // a console that is left waits for no key
	told("")
}
