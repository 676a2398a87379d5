package pipeline

import (
	"errors"
	"strings"
	"testing"
)

func TestGateNeedsItsQuorumBoundToBytes(t *testing.T) {
	m := machine(t, "build", "gate: build", "publish: gate")
	sign := func(role, by string) error {
		_, err := m.Approve(Signoff{Gate: "gate", Role: role, By: by})
		return err
	}
	refused := func(what string, err, sentinel error) {
		t.Helper()
		if !errors.Is(err, sentinel) {
			t.Errorf("%s: got %v, want %v", what, err, sentinel)
		}
	}
	refused("too early", sign("qa", "ann"), ErrNotReached)
	step(m)
	m.mustDone(t, "build")
	want(t, "held", m.Standing(), AtGate)
	if err := sign("qa", "ann"); err != nil {
		t.Fatal(err)
	}
	refused("same person again", sign("qa", "ann"), ErrNotAllowed)
	refused("same person, other role", sign("relman", "ann"), ErrNotAllowed)
	refused("unknown role", sign("king", "bob"), ErrNotAllowed)
	refused("nobody", sign("relman", ""), ErrNotAllowed)
	_, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "bob", Key: "sha256:other"})
	refused("other bytes", err, ErrOtherBytes)
	if err := sign("qa", "bob"); err != nil {
		t.Fatal(err)
	}
	refused("role full", sign("qa", "cat"), ErrNotAllowed)
	want(t, "still held", states(m), "build=passed gate=held publish=waiting")
	if err := sign("relman", "cat"); err != nil {
		t.Fatal(err)
	}
	want(t, "open", states(m), "build=passed gate=passed publish=waiting")

	// Revocable until what it opens began.
	if err := m.Revoke("gate", "bob"); err != nil {
		t.Fatal(err)
	}
	want(t, "closed again", states(m), "build=passed gate=held publish=waiting")
	if got := step(m); got != nil {
		t.Errorf("started %v behind a closed gate", got)
	}
	if err := sign("qa", "dan"); err != nil {
		t.Fatal(err)
	}
	want(t, "goes on", strings.Join(step(m), " "), "publish")
	refused("too late", m.Revoke("gate", "dan"), ErrTookEffect)
	refused("too late to sign", sign("qa", "eve"), ErrTookEffect)
}

func TestRejectionFailsTheGateUntilRetried(t *testing.T) {
	m := machine(t, "gate", "publish: gate")
	if _, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "ann", Reject: true}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("rejection without reason: got %v", err)
	}
	if _, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "ann", Reject: true, Reason: "crashes"}); err != nil {
		t.Fatal(err)
	}
	want(t, "states", states(m), "gate=failed publish=blocked")
	want(t, "why", m.Trouble(0).Text, "rejected by ann as qa: crashes")
	if _, err := m.Approve(Signoff{Gate: "gate", Role: "qa", By: "bob"}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("approval of a rejected gate: got %v", err)
	}
	if err := m.Retry(0); err != nil {
		t.Fatal(err)
	}
	want(t, "states", states(m), "gate=held publish=waiting")
}

func TestApprovalsOfOtherBytesDoNotCount(t *testing.T) {
	old := []Signoff{{Gate: "gate", Key: "sha256:old", Role: "relman", By: "ann"}, {Gate: "gate", Key: "sha256:old", Role: "qa", By: "bob"}, {Gate: "gate", Key: "sha256:old", Role: "qa", By: "cat"}, {Gate: "gate", Key: "sha256:old", Role: "qa", By: "dan", Reject: true}}
	m, err := Restore(graphOf("build", "gate: build"), testVersions, nil, Memory{Signoffs: old, Tasks: map[string]Remembered{"gate": {State: Failed}}})
	if err != nil {
		t.Fatal(err)
	}
	step(m)
	m.mustDone(t, "build")
	want(t, "closed", states(m), "build=passed gate=held")
	gate, have, _ := m.Gate(1)
	want(t, "missing roles", len(gate.Missing(have)), 2)
}
