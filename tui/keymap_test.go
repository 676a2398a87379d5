package tui

import (
	"strings"
	"testing"
)

// No key has two meanings on one screen, and each screen's help fits what the
// smallest full screen has room for.
func TestStandardKeys(t *testing.T) {
	if _, err := Keys(nil); err != nil {
		t.Error(err)
	}
}

func TestOwnKeys(t *testing.T) {
	keys, err := Keys(map[string][]string{"retry": {"f5"}, "forecast": {"ctrl+f", "W"}})
	if err != nil {
		t.Fatal(err)
	}
	s := sit(Look{}, 120, 36, newFake(10))
	s.Model.keys = keys
	s.press("enter", "W")
	if s.top().name() != screenCast {
		t.Errorf("W leads to %s, want the forecast", s.top().name())
	}
	if s.press("c"); s.top().name() != screenCast {
		t.Error("the standard key still works beside the own one")
	}
	s.press("esc")
	if frame := plainText(s.Frame()); !strings.Contains(frame, "f5 retry") {
		t.Errorf("the key row does not say f5:\n%s", frame)
	}
}

func TestOwnKeysAreRefused(t *testing.T) {
	for _, tc := range []struct {
		own  map[string][]string
		want string
	}{
		{map[string][]string{"retyr": {"r"}}, `no act is called "retyr"; did you mean "retry"?`},
		{map[string][]string{"fly": {"r"}}, `no act is called "fly"; want one of approvals, `},
		{map[string][]string{"retry": {}}, "keys: retry: no key"},
		{map[string][]string{"retry": {"rr"}}, `"rr" is no key`},
		{map[string][]string{"retry": {"t"}}, `"t" is both "retry" and "tasks"`},
		{map[string][]string{"stop": {"ctrl+s"}}, "has no control key"},
		{map[string][]string{"tasks": {"ctrl+c"}}, "always detaches"},
	} {
		if _, err := Keys(tc.own); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: got %v, want %q", tc.own, err, tc.want)
		}
	}
}
