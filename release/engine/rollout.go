package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"slipway/release/pipeline"
)

// stageRollout is the stage of a rollout's shares and of the gates between them.
const stageRollout = "rollout"

// HaltedRollout is who halted the run's rollout, unless it was resumed.
func (s *Snapshot) HaltedRollout() (Event, bool) { return haltedRollout(s.Events) }

// heldBack refuses a yes to a next share while the rollout is halted: it would be
// offered as soon as the halt is lifted, and the share before it soaks anew then.
func (c *core) heldBack(ctx context.Context, gate string) (refusal, err error) {
	i := c.find(gate)
	if i < 0 || c.m.Task(i).Stage != stageRollout {
		return nil, nil
	}
	events, err := eventsOf(ctx, c.conn, c.info.ID, 0)
	if err != nil {
		return nil, err
	}
	if e, halted := haltedRollout(events); halted {
		by := &Halt{By: e.By, At: e.At, Reason: e.Text}
		refusal = fmt.Errorf("%w: the rollout was halted by %s; slipway rollout resume %s lifts it", pipeline.ErrNotAllowed, by, c.info.ID)
	}
	return refusal, nil
}

func haltedRollout(events []Event) (Event, bool) {
	for _, e := range slices.Backward(events) {
		switch {
		case e.Type != CommandEvent:
		case e.What == VerbHaltRollout:
			return e, true
		case e.What == VerbResumeRollout:
			return Event{}, false
		}
	}
	return Event{}, false
}

// Soaked is how long what a gate stands on has stood, and how long it was meant
// to before the gate opens; ok is false for a gate without such a wish, or
// before it counts. A halt that was lifted begins the time anew.
func (s *Snapshot) Soaked(g GateView) (stood, meant time.Duration, ok bool) {
	if g.Gate.Soak <= 0 {
		return 0, 0, false
	}
	since := s.stands(g)
	if since.IsZero() {
		return 0, 0, false
	}
	for _, e := range s.Events {
		if e.Type == CommandEvent && e.What == VerbResumeRollout && e.At.After(since) {
			since = e.At
		}
	}
	return max(0, s.At.Sub(since)), g.Gate.Soak, true
}

// stands is when the first need of a gate ended.
func (s *Snapshot) stands(g GateView) time.Time {
	ended := map[string]time.Time{}
	for _, t := range s.Tasks {
		ended[t.ID] = t.Ended
		if t.ID == g.Task && len(t.Needs) > 0 {
			return ended[t.Needs[0]]
		}
	}
	return time.Time{}
}
