package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"slipway/release/pipeline"
)

const (
	verbApprove  = "approve"
	verbReject   = "reject"
	verbRevoke   = "revoke"
	verbPause    = "pause"
	verbResume   = "resume"
	verbStop     = "stop"
	verbRetry    = "retry"
	verbCancel   = "cancel"
	verbPriority = "priority"

	// What a person did to a rollout is done where clients read it, at once and
	// without an engine; the journal is told.
	VerbHaltRollout   = "rollout-halt"
	VerbResumeRollout = "rollout-resume"
)

// Command is what a person asks of a run. Exactly one engine, or when none
// runs the sender itself under the journal's write lock, applies it.
type Command struct {
	Run    string `json:"run"`
	Verb   string `json:"verb"` // approve, reject, revoke, pause, resume, stop, retry, cancel, priority, rollout-halt, rollout-resume
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`

	Gate string `json:"gate,omitempty"` // approve, reject, revoke
	Role string `json:"role,omitempty"`
	// Key is what the approver was shown, so that an approval never lands on
	// other bytes; empty means whatever the gate guards now.
	Key string `json:"key,omitempty"`

	Select  string `json:"select,omitempty"`  // retry, cancel, priority: a pipeline.Select
	Urgency int    `json:"urgency,omitempty"` // priority
}

// RefusedError is a command that was not applied. It unwraps to one of
// pipeline's Err… values when it is one of those.
type RefusedError struct {
	Text string
	kind error
}

func (e *RefusedError) Error() string { return e.Text }
func (e *RefusedError) Unwrap() error { return e.kind }

// refusals carry an error's kind over the command table.
func refusals() map[string]error {
	return map[string]error{
		"not reached": pipeline.ErrNotReached,
		"other bytes": pipeline.ErrOtherBytes,
		"not allowed": pipeline.ErrNotAllowed,
		"took effect": pipeline.ErrTookEffect,
		"no task":     pipeline.ErrNoSuchTask,
		"other":       nil,
	}
}

func refusalOf(err error) string {
	for name, kind := range refusals() {
		if kind != nil && errors.Is(err, kind) {
			return name
		}
	}
	return "other"
}

// Send applies a command and returns what was done, or why it was refused. A
// live engine answers within a moment; without one the command is applied
// here, and the next engine finds it done.
func (j *Journal) Send(ctx context.Context, cmd Command, now func() time.Time) (string, error) {
	l, err := openLedger(ctx, j, cmd.Run)
	if err != nil {
		return "", err
	}
	defer l.close()
	var (
		id     int64
		answer string
		reject error
	)
	err = l.within(ctx, func() error {
		run, err := j.runOf(ctx, l.conn, cmd.Run)
		if err != nil {
			return err
		}
		alive, err := j.attended(run.ID)
		if err != nil {
			return err
		}
		if alive {
			id, err = enqueue(ctx, l, cmd, now())
			return err
		}
		c, err := idle(ctx, l, run, now)
		if err != nil {
			return err
		}
		answer, reject, err = c.apply(ctx, cmd)
		if err == nil && reject == nil {
			err = c.settled(ctx)
		}
		return err
	})
	switch {
	case errors.Is(err, ErrNoRun):
		return "", fmt.Errorf("%w: %q", ErrNoRun, cmd.Run)
	case err != nil:
		return "", err
	case reject != nil:
		return "", &RefusedError{Text: reject.Error(), kind: refusals()[refusalOf(reject)]}
	case id == 0:
		return answer, j.noteHead(cmd.Run, head{Seq: l.seq, Hash: l.hash})
	}
	return j.await(ctx, cmd, id, now)
}

// idle is the core of a run that no engine drives.
func idle(ctx context.Context, l *ledger, run Run, now func() time.Time) (*core, error) {
	g, err := graphOf(ctx, l.conn, run.graph)
	if err != nil {
		return nil, err
	}
	c, err := restore(ctx, l, run, g, nil, nil, now)
	if err == nil {
		c.m.Changes() // those that only the next engine may tell
	}
	return c, err
}

// settled writes where the run stands; a stopped one gives its lock back. One
// that ended before goes on having ended then.
func (c *core) settled(ctx context.Context) error {
	standing := c.outcome().Standing
	var ended time.Time
	if standing == pipeline.Done || standing == pipeline.Stopped {
		ended = c.now()
		if standing == c.info.Standing && !c.info.Ended.IsZero() {
			ended = c.info.Ended
		}
		if err := c.exec(ctx, `UPDATE locks SET run = '', pid = 0 WHERE run = ?`, c.info.ID); err != nil {
			return err
		}
	}
	return c.standing(ctx, standing, c.info.Halt, ended)
}

func enqueue(ctx context.Context, l *ledger, cmd Command, now time.Time) (int64, error) {
	body, err := json.Marshal(cmd)
	if err != nil {
		return 0, err
	}
	res, err := l.conn.ExecContext(ctx, `INSERT INTO commands (run, sent, body) VALUES (?,?,?)`, cmd.Run, millis(now), body)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

const (
	pollEvery   = 50 * time.Millisecond
	answerLimit = 30 * time.Second
)

// await polls for the engine's answer. If the engine dies first, the command
// is taken back and applied here.
func (j *Journal) await(ctx context.Context, cmd Command, id int64, now func() time.Time) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("the engine of %s did not answer within %s; it will still apply this when it can", cmd.Run, answerLimit))
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		var answered int64
		var refusal, answer string
		err := j.db.QueryRowContext(ctx, `SELECT answered, refusal, answer FROM commands WHERE id = ?`, id).Scan(&answered, &refusal, &answer)
		switch {
		case err != nil && ctx.Err() == nil:
			return "", err
		case answered != 0 && refusal != "":
			return "", &RefusedError{Text: answer, kind: refusals()[refusal]}
		case answered != 0:
			return answer, nil
		}
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-tick.C:
		}
		alive, err := j.attended(cmd.Run)
		if err != nil {
			return "", err
		}
		if alive {
			continue
		}
		res, err := j.db.ExecContext(ctx, `DELETE FROM commands WHERE id = ? AND answered = 0`, id)
		if err != nil {
			return "", err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			continue // answered on its way out
		}
		return j.Send(ctx, cmd, now)
	}
}
