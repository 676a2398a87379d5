package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"slipway/release/pipeline"
)

// ErrNoRun is asked for by a name that the journal does not know.
var ErrNoRun = errors.New("no such run")

// Run is one release candidate on its way.
type Run struct {
	ID       string            `json:"release"` // skiff-1.2-build1
	Product  string            `json:"product"`
	Version  string            `json:"version"`
	Build    int               `json:"build"`
	Channel  string            `json:"channel"`
	Plan     string            `json:"plan"`   // digest
	Origin   string            `json:"origin"` // absolute path of the plan's file
	Began    time.Time         `json:"began"`
	By       string            `json:"by"`
	Ended    time.Time         `json:"ended,omitzero"`
	Standing pipeline.Standing `json:"state"`
	Halt     *Halt             `json:"halt,omitempty"`
	Tasks    int               `json:"tasks"`
	Counts   pipeline.Counts   `json:"counts"`
	Lock     Lock              `json:"lock"`
	Seq      int64             `json:"events"` // number of the last event

	RolloutHalt *Halt `json:"rollout-halt,omitempty"` // until somebody lifts it, nobody is offered the release

	graph, headHash string
	resumed         time.Time // a halt of the rollout was lifted last
}

// How runs are shown that stand in a way that no engine writes.
const (
	Idle          pipeline.Standing = "idle"   // it could move, but no engine drives it: that was killed, or did what was asked
	RolloutHalted pipeline.Standing = "HALTED" // nobody is offered it; in capitals, as FAIL is
)

// Driven tells whether an engine process drives the run.
func (r Run) Driven() bool { return r.Lock.Run == r.ID && r.Lock.Engine }

// Shown is where the run stands for whoever looks: what its last engine wrote,
// unless that engine is gone, or users are kept from the release.
func (r Run) Shown() pipeline.Standing {
	switch {
	case r.RolloutHalt != nil && r.Standing != pipeline.Stopped:
		return RolloutHalted
	case !r.Driven() && r.Standing == pipeline.Moving:
		return Idle
	}
	return r.Standing
}

// Halt is who paused or stopped a run, or halted its rollout, when and why.
type Halt struct {
	Verb   string    `json:"verb"` // pause, stop or rollout-halt
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

func (h *Halt) String() string {
	text := h.By + " " + h.At.UTC().Format("15:04Z")
	if h.Reason != "" {
		text += ": " + h.Reason
	}
	return text
}

// RunID is the name that people type.
func RunID(product, version string, build int) string {
	return fmt.Sprintf("%s-%s-build%d", product, version, build)
}

const runColumns = `id, product, version, build, channel, plan, origin, graph, tasks, began, began_by, standing, halt, ended, head_seq, head_hash`

func scanRun(row interface{ Scan(...any) error }) (Run, error) {
	var (
		r            Run
		began, ended int64
		halt         string
	)
	err := row.Scan(&r.ID, &r.Product, &r.Version, &r.Build, &r.Channel, &r.Plan, &r.Origin, &r.graph, &r.Tasks,
		&began, &r.By, &r.Standing, &halt, &ended, &r.Seq, &r.headHash)
	if err != nil {
		return Run{}, err
	}
	r.Began, r.Ended = fromMillis(began), fromMillis(ended)
	if halt != "" {
		r.Halt = new(Halt)
		if err := json.Unmarshal([]byte(halt), r.Halt); err != nil {
			return Run{}, fmt.Errorf("run %s: halt: %w", r.ID, err)
		}
	}
	return r, nil
}

func (j *Journal) runOf(ctx context.Context, q querier, id string) (Run, error) {
	r, err := scanRun(q.QueryRowContext(ctx, `SELECT `+runColumns+` FROM runs WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	if err != nil {
		return Run{}, err
	}
	r.Lock, err = j.lockOf(ctx, q, resource(r.Product, r.Channel))
	return r, err
}

// Runs lists every run, the newest first.
func (j *Journal) Runs(ctx context.Context) ([]Run, error) {
	rows, err := j.db.QueryContext(ctx, `SELECT `+runColumns+` FROM runs ORDER BY began DESC, id DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var runs []Run
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range runs {
		if err := j.fill(ctx, &runs[i]); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// Run returns one run.
func (j *Journal) Run(ctx context.Context, id string) (Run, error) {
	r, err := j.runOf(ctx, j.db, id)
	if err != nil {
		return Run{}, err
	}
	return r, j.fill(ctx, &r)
}

// fill adds the lock, a halt of the rollout and the counts of tasks by state.
func (j *Journal) fill(ctx context.Context, r *Run) error {
	var err error
	if r.Lock, err = j.lockOf(ctx, j.db, resource(r.Product, r.Channel)); err != nil {
		return err
	}
	if err := readRollout(ctx, j.db, r); err != nil {
		return err
	}
	rows, err := j.db.QueryContext(ctx, `SELECT state, count(*) FROM tasks WHERE run = ? GROUP BY state`, r.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	r.Counts.Waiting = r.Tasks // those without a row
	for rows.Next() {
		var state pipeline.State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return err
		}
		r.Counts.Waiting -= n
		r.Counts.Add(state, n)
	}
	return rows.Err()
}

// Plan returns the bytes of the plan that a run was last started with.
func (j *Journal) Plan(ctx context.Context, run string) ([]byte, error) {
	var b []byte
	err := j.db.QueryRowContext(ctx, `SELECT plan_body FROM runs WHERE id = ?`, run).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, run)
	}
	return b, err
}

// storedGraph is a graph with what its keys depend on besides.
type storedGraph struct {
	Graph    pipeline.Graph `json:"graph"`
	Versions map[string]int `json:"versions"`
}

func graphOf(ctx context.Context, q querier, digest string) (storedGraph, error) {
	var b []byte
	if err := q.QueryRowContext(ctx, `SELECT body FROM graphs WHERE digest = ?`, digest).Scan(&b); err != nil {
		return storedGraph{}, fmt.Errorf("graph %s: %w", digest, err)
	}
	var g storedGraph
	if err := json.Unmarshal(b, &g); err != nil {
		return storedGraph{}, fmt.Errorf("graph %s: %w", digest, err)
	}
	return g, nil
}
