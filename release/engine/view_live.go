package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"slipway/release/pipeline"
)

// listen reads the progress of running tasks and marks the silent ones. Tasks
// are copied only when one of them has news: a screen asks many times a second.
func (v *View) listen(ctx context.Context, q querier, next *Snapshot, now time.Time) error {
	if next.Counts.Running == 0 {
		return nil
	}
	told, err := progressOf(ctx, q, v.id)
	if err != nil {
		return err
	}
	mine := false
	for i := range next.Tasks {
		t := next.Tasks[i]
		if t.State != pipeline.Running {
			continue
		}
		if p, ok := told[t.ID]; ok {
			t.Progress = p
		}
		t.Quiet = now.Sub(later(t.Progress.Heard, t.Started)) > cmp.Or(t.Try.Quiet, defaultQuiet)
		if t.Progress == next.Tasks[i].Progress && t.Quiet == next.Tasks[i].Quiet {
			continue
		}
		if !mine {
			next.Tasks, mine = slices.Clone(next.Tasks), true
		}
		next.Tasks[i] = t
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func progressOf(ctx context.Context, q querier, run string) (map[string]Progress, error) {
	rows, err := q.QueryContext(ctx, `SELECT task, done, total, unit, heard FROM progress WHERE run = ?`, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	told := map[string]Progress{}
	for rows.Next() {
		var id string
		var p Progress
		var heard int64
		if err := rows.Scan(&id, &p.Done, &p.Total, &p.Unit, &heard); err != nil {
			return nil, err
		}
		p.Heard = fromMillis(heard)
		told[id] = p
	}
	return told, rows.Err()
}

func (v *View) gates(ctx context.Context, q querier, next Snapshot) ([]GateView, error) {
	signoffs, err := signoffsOf(ctx, q, v.id)
	if err != nil {
		return nil, err
	}
	var gates []GateView
	for _, t := range next.Tasks {
		if t.Kind != pipeline.KindGate {
			continue
		}
		g := GateView{Task: t.ID, State: t.State, Key: t.Key}
		if err := json.Unmarshal(t.Args, &g.Gate); err != nil {
			return nil, fmt.Errorf("gate %s: %w", t.ID, err)
		}
		if g.Key != "" {
			g.Signoffs = pipeline.Current(signoffs, t.ID, g.Key)
		}
		g.Missing = g.Gate.Missing(g.Signoffs)
		gates = append(gates, g)
	}
	return gates, nil
}
