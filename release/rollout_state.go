package release

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// rollout is what lies in the directory of a product and channel. What a step,
// a halt or a resumption does follows from it alone, so nothing is lost when
// they are killed.
type rollout struct {
	Owner string       // the release whose answers these are; empty: there is no rollout
	Open  []string     // buckets that are offered them, sorted
	Halt  *RolloutHalt // nil: goes on
}

// RolloutHalt says who halted a rollout, when and why. It is what lies in
// [aus.HaltedFile]; one that a person made by hand has no release.
type RolloutHalt struct {
	Release string    `json:"release"`
	By      string    `json:"by"`
	At      time.Time `json:"t"`
	Reason  string    `json:"reason"`
}

func (h RolloutHalt) String() string {
	if h.Release == "" {
		return fmt.Sprintf("by hand: %s is there", aus.HaltedFile)
	}
	return fmt.Sprintf("by %s at %s: %s", h.By, h.At.UTC().Format("2006-01-02 15:04:05Z"), h.Reason)
}

// What a halt or a resumption is refused for.
var (
	ErrNoRollout  = errors.New("no rollout is under way")
	ErrHalted     = errors.New("the rollout is halted")
	ErrNotHalted  = errors.New("the rollout is not halted")
	ErrSuperseded = errors.New("another release took its place")
)

// begin tells whether a step may begin, and whether it takes the place of
// another release's rollout. A halt of that other release does not hold a new
// one up: the halted answers go, and are offered to nobody any more.
func (r rollout) begin(a rolloutArgs) (takesOver bool, err error) {
	if r.Halt != nil && (!a.First || r.Halt.Release == "" || r.Halt.Release == a.Release) {
		remedy := "slipway rollout resume lifts it"
		if r.Owner != a.Release {
			remedy = "remove it" // no release of ours can be resumed
		}
		return false, pipeline.Fail(pipeline.Policy, "the rollout is halted", fmt.Errorf("%w %s; %s", ErrHalted, *r.Halt, remedy))
	}
	if r.Owner != "" && r.Owner != a.Release {
		if !a.First {
			return false, pipeline.Fail(pipeline.Clash, "another release took the rollout's place",
				fmt.Errorf("%w: %s", ErrSuperseded, r.Owner))
		}
		return true, nil
	}
	order := aus.Buckets(a.Product, a.Version, everybody)
	for _, b := range r.Open {
		if !slices.Contains(order[:len(r.Open)], b) {
			return false, pipeline.Fail(pipeline.Clash, "buckets are open that no step opened",
				fmt.Errorf("bucket %s is open, and not among the first %d of %s; remove it", b, len(r.Open), a.Release))
		}
	}
	return false, nil
}

// raise lists the buckets that a step opens, in their order. lift tells that the
// halt of a release whose place was taken has to go first.
func (r rollout) raise(a rolloutArgs) (add []string, lift bool, err error) {
	takesOver, err := r.begin(a)
	if err == nil && (takesOver || r.Owner == "") {
		err = pipeline.Fail(pipeline.Clash, "another release took the rollout's place", fmt.Errorf("%w: %q", ErrSuperseded, r.Owner))
	}
	if err != nil {
		return nil, false, err
	}
	for _, b := range aus.Buckets(a.Product, a.Version, a.Share) {
		if !slices.Contains(r.Open, b) {
			add = append(add, b)
		}
	}
	return add, r.Halt != nil, nil
}

// halt tells whether release's rollout may be halted: it is under way and not
// halted yet.
func (r rollout) halt(release string) error {
	if err := r.owned(release); err != nil {
		return err
	}
	if r.Halt != nil {
		return fmt.Errorf("%w already, %s", ErrHalted, *r.Halt)
	}
	return nil
}

// resume tells whether release's rollout may go on.
func (r rollout) resume(release string) error {
	if err := r.owned(release); err != nil {
		return err
	}
	if r.Halt == nil {
		return ErrNotHalted
	}
	return nil
}

func (r rollout) owned(release string) error {
	switch r.Owner {
	case release:
		return nil
	case "":
		return ErrNoRollout
	}
	return fmt.Errorf("%w: %s", ErrSuperseded, r.Owner)
}
