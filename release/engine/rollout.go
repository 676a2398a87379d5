package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"slipway/release/pipeline"
)

// stageRollout is the stage of a rollout's shares and of the gates between them.
const stageRollout = "rollout"

// heldBack refuses a yes to a next share while the rollout is halted: it would be
// offered as soon as the halt is lifted, and the share before it soaks anew then.
func (c *core) heldBack(ctx context.Context, gate string) (refusal, err error) {
	i := c.find(gate)
	if i < 0 || c.m.Task(i).Stage != stageRollout {
		return nil, nil
	}
	r := Run{ID: c.info.ID}
	if err := readRollout(ctx, c.conn, &r); err != nil {
		return nil, err
	}
	if r.RolloutHalt != nil {
		refusal = fmt.Errorf("%w: the rollout was halted by %s; slipway rollout resume %s lifts it", pipeline.ErrNotAllowed, r.RolloutHalt, r.ID)
	}
	return refusal, nil
}

// ofRollout is what an event's bytes hold when its command is about a rollout.
// Quotes in a text that people wrote are escaped, so it cannot hold them.
const ofRollout = `instr(body, '"what":"rollout-') > 0`

// readRollout tells who halted the run's rollout, by all that was ever said of
// it: a halt may be older than what a screen keeps of the history.
func readRollout(ctx context.Context, q querier, r *Run) error {
	// Left to itself, SQLite takes the primary key and reads the whole run.
	rows, err := q.QueryContext(ctx, `SELECT body FROM events INDEXED BY events_rollout WHERE run = ? AND `+ofRollout+` ORDER BY seq`, r.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var e Event
		if err := json.Unmarshal(body, &e); err != nil {
			return fmt.Errorf("rollout of %s: %w", r.ID, err)
		}
		if e.Type == CommandEvent {
			r.halted(e)
		}
	}
	return rows.Err()
}

// StillHalted are the runs whose rollout is halted, the newest first as runs
// are. Where a later release of the channel is done, or the release was stopped
// altogether, nobody lifts it any more.
func StillHalted(runs []Run) []Run {
	var halted []Run
	for i, r := range runs {
		later := func(x Run) bool {
			return x.Product == r.Product && x.Channel == r.Channel && x.Standing == pipeline.Done
		}
		if r.RolloutHalt != nil && r.Standing != pipeline.Stopped && !slices.ContainsFunc(runs[:i], later) {
			halted = append(halted, r)
		}
	}
	return halted
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
	return max(0, s.At.Sub(later(since, s.Run.resumed))), g.Gate.Soak, true
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
