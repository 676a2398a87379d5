package engine

import (
	"context"
	"time"

	"slipway/release/pipeline"
)

// core is a run's machine beside its ledger: what is decided and what is
// written move together. The engine drives one for as long as it lives; a
// command sent while no engine runs drives one for a moment.
type core struct {
	*ledger
	info Run
	m    *pipeline.Machine
	now  func() time.Time
	has  func(digest string) bool // nil: every file counts as present

	rows []taskRow      // by task: what the journal says
	raws []pipeline.Raw // by task: the results of those that passed
	lost map[string]bool
}

// restore folds the journal into a machine. What passed is found by its key,
// so a result whose inputs changed, or whose bytes are gone, does not count.
func restore(ctx context.Context, l *ledger, info Run, g storedGraph, scope func(pipeline.Task) bool, has func(string) bool, now func() time.Time) (*core, error) {
	rows, err := taskRows(ctx, l.conn, info.ID)
	if err != nil {
		return nil, err
	}
	mem := pipeline.Memory{Tasks: make(map[string]pipeline.Remembered, len(rows)), Paused: info.Halt != nil}
	for id, r := range rows {
		mem.Tasks[id] = pipeline.Remembered{State: r.state, Attempt: r.attempt, Fail: r.trouble}
	}
	if mem.Signoffs, err = signoffsOf(ctx, l.conn, info.ID); err != nil {
		return nil, err
	}
	m, err := pipeline.Restore(g.Graph, g.Versions, scope, mem)
	if err != nil {
		return nil, err
	}
	c := &core{
		ledger: l, info: info, m: m, now: now, has: has,
		rows: make([]taskRow, m.Len()), raws: make([]pipeline.Raw, m.Len()), lost: map[string]bool{},
	}
	for i := range c.rows {
		c.rows[i].state = pipeline.Waiting
		if r, ok := rows[m.Task(i).ID]; ok {
			c.rows[i] = r
		}
	}
	return c, c.settle(ctx)
}

// settle looks up every unlocked task until nothing more follows from it.
func (c *core) settle(ctx context.Context) error {
	for {
		unlocked := c.m.Unlocked()
		if len(unlocked) == 0 {
			return nil
		}
		for _, i := range unlocked {
			key := c.m.Key(i)
			out, raw, ok, err := c.result(ctx, key)
			if err != nil {
				return err
			}
			if ok && !c.complete(raw) {
				c.lost[key] = true
				ok = false
			}
			if !ok {
				c.m.Absent(i)
				continue
			}
			c.raws[i] = raw
			if err := c.m.Done(i, out); err != nil {
				return err
			}
		}
	}
}

// complete tells whether every file of a result is still there.
func (c *core) complete(raw pipeline.Raw) bool {
	if c.has == nil {
		return true
	}
	for _, f := range raw.Files {
		if !c.has(f.Digest) {
			return false
		}
	}
	return true
}

// record journals the machine's moves since the last time. Cause is added to
// each: who asked, and what it took.
func (c *core) record(ctx context.Context, add Event) error {
	for _, ch := range c.m.Changes() {
		e := add
		if ch.Task != c.find(add.Task) {
			e = Event{By: add.By} // a consequence, not the thing itself
		}
		if err := c.move(ctx, ch.Task, ch.To, e); err != nil {
			return err
		}
	}
	return nil
}

func (c *core) find(id string) int {
	if id == "" {
		return -1
	}
	i, err := c.m.Find(id)
	if err != nil {
		return -1
	}
	return i
}

// move journals that a task is now in a state, when the journal does not say
// so already.
func (c *core) move(ctx context.Context, i int, to pipeline.State, e Event) error {
	row, now := c.rows[i], c.now()
	if row.state == to && row.attempt == c.m.Attempt(i) {
		return nil
	}
	e.At, e.Type, e.Task, e.From, e.To, e.Attempt = now, TaskEvent, c.m.Task(i).ID, row.state, to, c.m.Attempt(i)
	row.state, row.attempt, row.key, row.trouble, row.cached = to, e.Attempt, c.m.Key(i), pipeline.Trouble{}, false
	switch to {
	case pipeline.Running:
		row.started, row.ended = now.UnixMilli(), 0
		e.Key = row.key
	case pipeline.Passed:
		// Found rather than made: no attempt of this run led here.
		e.Cached = e.From != pipeline.Running && e.From != pipeline.Held
		e.Key, e.Out = row.key, c.m.Out(i)
		row.cached, row.ended = e.Cached, now.UnixMilli()
	case pipeline.Failed, pipeline.Retrying, pipeline.Cancelled:
		row.trouble, row.ended = c.m.Trouble(i), now.UnixMilli()
		e.Class, e.Cause, e.Text = row.trouble.Class, row.trouble.Cause, row.trouble.Text
	case pipeline.Held:
		e.Key = row.key
		if gate, have, ok := c.m.Gate(i); ok {
			e.Have, e.Need = len(have), quorum(gate)
		}
		row.started = now.UnixMilli()
	case pipeline.Blocked:
		e.Text = "needs " + c.m.Obstacle(i)
	}
	c.rows[i] = row
	if _, err := c.event(ctx, e); err != nil {
		return err
	}
	return c.task(ctx, e.Task, row)
}

func quorum(g pipeline.Gate) (n int) {
	for _, k := range g.Roles {
		n += k
	}
	return n
}

// reconcile brings the journal up to what the machine found at the start of an
// engine, and returns how many tasks were under way when the last one died.
func (c *core) reconcile(ctx context.Context) (orphans int, err error) {
	c.m.Changes()
	for i := range c.m.Len() {
		var e Event
		was, is := c.rows[i], c.m.State(i)
		if !c.m.InScope(i) && was.state != pipeline.Running {
			continue // not asked for, so not looked at
		}
		switch {
		case was.state == pipeline.Running && is != pipeline.Passed:
			orphans++
			e.Text = "the engine died during this attempt"
		case was.state == pipeline.Passed && is != pipeline.Passed && c.lost[c.m.Key(i)]:
			e.Text = "its files are gone from the cache"
		case was.state == pipeline.Passed && is != pipeline.Passed:
			e.Text = "what it depends on changed"
		}
		if err := c.move(ctx, i, is, e); err != nil {
			return orphans, err
		}
	}
	return orphans, nil
}
