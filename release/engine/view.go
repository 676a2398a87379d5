package engine

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"slipway/release/pipeline"
)

const (
	tailEvents   = 200              // more than a screen shows
	defaultQuiet = 10 * time.Minute // of silence, unless the task's policy says otherwise
)

// View keeps a run's snapshot up to date by reading new events only. It is
// for one goroutine; open as many as you like.
type View struct {
	j     *Journal
	id    string
	graph string
	g     storedGraph
	at    map[string]int
	slots func(string) int

	snap     Snapshot
	seen     int64 // seq of the last event taken in
	forecast time.Time
}

// View opens a view of a run.
func (j *Journal) View(ctx context.Context, run string) (*View, error) {
	r, err := runOf(ctx, j.db, run)
	if err != nil {
		return nil, err
	}
	return &View{j: j, id: r.ID, slots: (&Engine{}).slots}, nil
}

// Refresh reads what happened since the last time.
func (v *View) Refresh(ctx context.Context, now time.Time) (*Snapshot, error) {
	tx, err := v.j.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	run, err := runOf(ctx, tx, v.id)
	if err != nil {
		return nil, err
	}
	next := v.snap
	next.Run, next.At = run, now
	if run.graph != v.graph {
		err = v.load(ctx, tx, run, &next)
	} else {
		err = v.follow(ctx, tx, &next)
	}
	if err != nil {
		return nil, err
	}
	if err := v.listen(ctx, tx, &next, now); err != nil {
		return nil, err
	}
	changed := next.Run.Seq != v.snap.Run.Seq
	if changed {
		if next.Gates, err = v.gates(ctx, tx, next); err != nil {
			return nil, err
		}
		next.Causes = causes(next.Tasks)
	}
	next.Run.Counts = next.Counts
	if changed || now.Sub(v.forecast) > time.Second {
		v.forecast = now
		next.ETA, next.Path = v.estimate(next, now)
	}
	next.Why = why(next)
	v.snap, v.graph, v.seen = next, run.graph, run.Seq
	snap := next
	return &snap, nil
}

// Look is one look at a run, for those who take no second.
func (j *Journal) Look(ctx context.Context, run string, now time.Time) (*Snapshot, error) {
	v, err := j.View(ctx, run)
	if err != nil {
		return nil, err
	}
	return v.Refresh(ctx, now)
}

// load reads everything anew: the first time, and when the graph changed.
func (v *View) load(ctx context.Context, q querier, run Run, next *Snapshot) error {
	var err error
	if v.g, err = graphOf(ctx, q, run.graph); err != nil {
		return err
	}
	rows, err := taskRows(ctx, q, run.ID)
	if err != nil {
		return err
	}
	usual, err := usualOf(ctx, q, run.Product)
	if err != nil {
		return err
	}
	v.at = make(map[string]int, len(v.g.Graph.Tasks))
	next.Tasks = make([]TaskView, len(v.g.Graph.Tasks))
	next.Counts = pipeline.Counts{}
	for i := range v.g.Graph.Tasks {
		t := &v.g.Graph.Tasks[i]
		v.at[t.ID] = i
		tv := TaskView{Task: t, State: pipeline.Waiting, Usual: usual[t.ID]}
		if r, ok := rows[t.ID]; ok {
			tv.State, tv.Attempt, tv.Key, tv.Cached, tv.Trouble = r.state, r.attempt, r.key, r.cached, r.trouble
			tv.Started, tv.Ended = fromMillis(r.started), fromMillis(r.ended)
		}
		next.Tasks[i] = tv
		next.Counts.Add(tv.State, 1)
	}
	events, err := eventsOf(ctx, q, run.ID, max(0, run.Seq-tailEvents))
	next.Events = events
	return err
}

// follow takes in the events since the last refresh.
func (v *View) follow(ctx context.Context, q querier, next *Snapshot) error {
	if next.Run.Seq == v.seen {
		return nil
	}
	events, err := eventsOf(ctx, q, v.id, v.seen)
	if err != nil {
		return err
	}
	next.Tasks = slices.Clone(next.Tasks)
	for _, e := range events {
		i, ok := v.at[e.Task]
		if e.Type != TaskEvent || !ok {
			continue
		}
		next.Counts.Add(next.Tasks[i].State, -1)
		next.Counts.Add(e.To, +1)
		next.Tasks[i].take(e)
	}
	all := append(slices.Clip(next.Events), events...)
	next.Events = all[max(0, len(all)-tailEvents):]
	return nil
}

// take follows one event of the task.
func (t *TaskView) take(e Event) {
	t.State, t.Attempt, t.Cached = e.To, e.Attempt, e.Cached
	t.Trouble, t.Progress, t.Quiet = pipeline.Trouble{}, Progress{}, false
	if e.Key != "" {
		t.Key = e.Key
	}
	switch e.To {
	case pipeline.Running, pipeline.Held:
		t.Started, t.Ended = e.At, time.Time{}
	case pipeline.Passed:
		t.Ended = e.At
	case pipeline.Failed, pipeline.Retrying, pipeline.Cancelled:
		t.Ended, t.Trouble = e.At, pipeline.Trouble{Class: e.Class, Cause: e.Cause, Text: e.Text}
	}
}

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
