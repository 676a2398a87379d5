package engine

import (
	"context"
	"database/sql"
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
	r, err := j.runOf(ctx, j.db, run)
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
	run, err := v.j.runOf(ctx, tx, v.id)
	if err != nil {
		return nil, err
	}
	if err := readRollout(ctx, tx, &run); err != nil {
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
