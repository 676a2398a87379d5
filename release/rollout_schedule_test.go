package release

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// fleet is what a web server and its clients make of a rollout's directory: a
// world without a disk, in which each act is one file that appears or goes.
type fleet struct {
	rollout
	answers string // the release whose answers are complete; "mixed" while they are written
	live    string // what the live answers offer
}

// offered is what clients are told inside the share, and when they ask by hand,
// or outside; by the server's rules.
func (f *fleet) offered(inside bool) string {
	if f.Owner == "" || f.Halt != nil || !inside {
		return f.live
	}
	return f.answers
}

// share is how many percent of the clients are told of a release.
func (f *fleet) share(release string) int {
	n := 0
	if f.offered(true) == release {
		n += len(f.Open)
	}
	if f.offered(false) == release {
		n += everybody - len(f.Open)
	}
	return n
}

// walk makes one step as Env.rollout does, and dies before the act numbered
// die. It returns whether it came to the end.
func (f *fleet) walk(a rolloutArgs, die int) (bool, error) {
	alive := func() bool { die--; return die >= 0 }
	takesOver, err := f.begin(a)
	if err != nil {
		return false, err
	}
	if a.Share == everybody {
		if !alive() {
			return false, nil
		}
		f.live = a.Release
		if !alive() {
			return false, nil
		}
		f.rollout, f.answers = rollout{}, ""
		return true, nil
	}
	for takesOver && len(f.Open) > 0 {
		if !alive() {
			return false, nil
		}
		f.Open = f.Open[1:]
	}
	for _, act := range []func(){func() { f.Owner = a.Release }, func() {
		if f.answers != a.Release {
			f.answers = "mixed"
		}
	}, func() { f.answers = a.Release }} {
		if !alive() {
			return false, nil
		}
		act()
	}
	add, lift, err := f.raise(a)
	if err != nil {
		return false, err
	}
	if lift {
		if !alive() {
			return false, nil
		}
		f.Halt = nil
	}
	for _, b := range add {
		if !alive() {
			return false, nil
		}
		f.Open = append(f.Open, b)
	}
	return true, nil
}

// In any order of steps, kills, halts and resumptions: the share of a release
// never falls but by a halt or the next release; what is halted stays halted
// until somebody resumes it; and nobody in a share is ever told half an answer.
func TestRolloutSchedules(t *testing.T) {
	const earlier = "Lynx-91.0-build1"
	schedules := uint64(10_000)
	if testing.Short() {
		schedules = 1_000 // with the race detector they take ten times as long
	}
	for seed := range schedules {
		rnd := rand.New(rand.NewPCG(seed, 81))
		f := &fleet{live: earlier}
		releases := []string{"Lynx-92.0-build1", "Lynx-92.0-build2"}
		current, next := 0, 0 // release, and the step that its engine makes next
		shares := []int{1 + rnd.IntN(40), 50 + rnd.IntN(40), everybody}
		done := false
		for range 20 {
			before := fleet{rollout{f.Owner, slices.Clone(f.Open), f.Halt}, f.answers, f.live}
			release := releases[current]
			act := rnd.IntN(10)
			switch {
			case act < 5 && next < len(shares):
				step := next
				if rnd.IntN(8) == 0 {
					step = rnd.IntN(next + 1) // once more, as after a lost journal
				}
				a := rolloutArgs{Version: "92.0", Share: shares[step], First: step == 0}
				a.Product, a.Release = "Lynx", release
				die := 1000
				if rnd.IntN(3) == 0 {
					die = rnd.IntN(60)
				}
				ended, err := f.walk(a, die)
				if halted := before.Halt != nil && before.Halt.Release == release; halted && (err == nil || ended) {
					t.Fatalf("seed %d: a step of %s went on while halted", seed, release)
				}
				if ended && step == next {
					next++
					done = next == len(shares)
				}
			case act < 7:
				if f.halt(release) == nil {
					f.Halt = &RolloutHalt{Release: release, By: "ann"}
				}
			case act < 9:
				if f.resume(release) == nil {
					f.Halt = nil
				}
			case current == 0 && !done:
				current, next = 1, 0 // the candidate is stopped, a respin comes
			}
			f.check(t, seed, release, act >= 7 && act < 9, &before)
		}
	}
}

func (f *fleet) check(t *testing.T, seed uint64, release string, resumed bool, before *fleet) {
	t.Helper()
	if f.offered(true) == "mixed" && len(f.Open) > 0 {
		t.Fatalf("seed %d: a share of %d is told half the answers", seed, len(f.Open))
	}
	if f.Halt == nil && f.share(release) < before.share(release) {
		t.Fatalf("seed %d: the share of %s fell from %d to %d", seed, release, before.share(release), f.share(release))
	}
	if f.Halt != nil && f.Halt.Release == release && f.live != release && (f.share(release) > 0 || f.offered(true) == release) {
		t.Fatalf("seed %d: %s is halted and offered", seed, release)
	}
	if before.Halt != nil && before.Halt.Release == release && f.Halt == nil && !resumed {
		t.Fatalf("seed %d: the halt of %s was lifted by a step", seed, release)
	}
}
