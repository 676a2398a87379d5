package pipeline

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOneFailureStopsOnlyWhatNeedsIt(t *testing.T) {
	m := machine(t, "tag", "de: tag", "fr: tag", "sign/de: de", "sign/fr: fr", "publish: sign/de sign/fr")
	want(t, "first", strings.Join(step(m), " "), "tag")
	m.mustDone(t, "tag")
	want(t, "then", strings.Join(step(m), " "), "de fr")
	m.fail("de", Input)
	m.mustDone(t, "fr")
	want(t, "others go on", strings.Join(step(m), " "), "sign/fr")
	m.mustDone(t, "sign/fr")
	want(t, "states", states(m), "tag=passed de=failed fr=passed sign/de=blocked sign/fr=passed publish=blocked")
	want(t, "standing", m.Standing(), Broken)

	de, _ := m.Find("de")
	if err := m.Retry(de); err != nil {
		t.Fatal(err)
	}
	want(t, "after retry", states(m), "tag=passed de=waiting fr=passed sign/de=waiting sign/fr=passed publish=waiting")
	step(m)
	m.mustDone(t, "de")
	step(m)
	m.mustDone(t, "sign/de")
	step(m)
	m.mustDone(t, "publish")
	want(t, "standing", m.Standing(), Done)
}

func TestInfraFailuresAreTriedAgainWithGrowingPauses(t *testing.T) {
	m := machine(t, "upload")
	for attempt, after := range []time.Duration{time.Second, 2 * time.Second} {
		step(m)
		want(t, "attempt", m.Attempt(0), attempt+1)
		want(t, "decision", m.fail("upload", Infra), Decision{Retry: true, After: after})
		want(t, "standing", m.Standing(), Moving)
		m.Again(0)
	}
	step(m)
	want(t, "third", m.fail("upload", Infra), Decision{})
	want(t, "standing", m.Standing(), Broken)
	if err := m.Retry(0); err != nil {
		t.Fatal(err)
	}
	step(m)
	want(t, "a person's retry begins afresh", m.fail("upload", Infra).Retry, true)
	want(t, "attempts are counted on", m.Attempt(0), 4)
}

func TestOtherClassesAreGivenUpAtOnce(t *testing.T) {
	for _, class := range []Class{Input, Policy, Clash, Unknown} {
		m := machine(t, "a")
		step(m)
		want(t, string(class), m.fail("a", class), Decision{})
	}
}

func TestPauseAndPriority(t *testing.T) {
	m := machine(t, "a", "b", "c")
	for _, i := range m.Unlocked() {
		m.Absent(i)
	}
	m.Pause()
	if got := m.Take("", 3); got != nil {
		t.Errorf("took %v while paused", got)
	}
	want(t, "standing", m.Standing(), Pausing)
	m.Resume()
	m.Prioritise(2, 1)
	if got := m.Take("", 2); !slices.Equal(got, []int{2, 0}) {
		t.Errorf("order: got %v, want the urgent one first", got)
	}
}

func TestCancelBlocksAndRetryBringsBack(t *testing.T) {
	m := machine(t, "a", "b: a", "c: b")
	b, _ := m.Find("b")
	if err := m.Cancel(b, Trouble{Class: Policy, Cause: "cancelled"}); err != nil {
		t.Fatal(err)
	}
	want(t, "states", states(m), "a=waiting b=cancelled c=blocked")
	step(m)
	m.fail("a", Input)
	if err := m.Retry(b); err != nil {
		t.Fatal(err)
	}
	want(t, "its own need failed meanwhile", states(m), "a=failed b=blocked c=blocked")
	if err := m.Retry(0); err != nil {
		t.Fatal(err)
	}
	want(t, "all free", states(m), "a=waiting b=waiting c=waiting")
}

func TestScopeTakesNeedsAlong(t *testing.T) {
	g := graphOf("a", "b: a", "c: b", "d: a")
	m, err := New(g, testVersions, func(t Task) bool { return t.ID == "b" })
	if err != nil {
		t.Fatal(err)
	}
	want(t, "total", m.Counts().Total(), 2)
	step(m)
	m.mustDone(t, "a")
	want(t, "only b", strings.Join(step(m), " "), "b")
	m.mustDone(t, "b")
	want(t, "standing", m.Standing(), Done)
}
