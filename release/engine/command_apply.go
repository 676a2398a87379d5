package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slipway/release/pipeline"
)

// apply does what a command asks and journals it. A refusal changes nothing.
func (c *core) apply(ctx context.Context, cmd Command) (answer string, refusal, err error) {
	if refusal := c.stopped(cmd.Verb); refusal != nil {
		return "", refusal, nil
	}
	e := Event{Type: CommandEvent, At: c.now(), By: cmd.By, What: cmd.Verb, Text: cmd.Reason}
	switch cmd.Verb {
	case verbApprove, verbReject, verbRevoke:
		return c.sign(ctx, cmd)
	case verbPause, verbStop, verbResume:
		answer, refusal = c.halt(cmd)
	case verbRetry, verbCancel, verbPriority:
		var did []int
		did, refusal = c.each(cmd)
		answer = fmt.Sprintf("%s: %s", cmd.Verb, tasks(len(did)))
		e.Text = strings.TrimSpace(cmd.Select + " " + cmd.Reason)
		if cmd.Verb == verbRetry && refusal == nil {
			err = c.forgive(ctx, did)
		}
	case VerbHaltRollout, VerbResumeRollout:
		answer = "noted"
	default:
		refusal = fmt.Errorf("unknown command %q", cmd.Verb)
	}
	if refusal != nil || err != nil {
		return "", refusal, err
	}
	if _, err := c.event(ctx, e); err != nil {
		return "", nil, err
	}
	return answer, nil, c.record(ctx, Event{By: cmd.By})
}

// stopped refuses what would have a stopped candidate go on: whoever asks it has
// not heard of the all stop. A no, a word taken back and a halted rollout are on
// record all the same.
func (c *core) stopped(verb string) error {
	h := c.info.Halt
	if h == nil || h.Verb != verbStop || verb != verbApprove && verb != verbRetry && verb != verbPriority {
		return nil
	}
	return fmt.Errorf("%w: %s was stopped by %s; slipway resume %s lifts it", pipeline.ErrNotAllowed, c.info.ID, h, c.info.ID)
}

// forgive drops the rejections of gates that are asked again.
func (c *core) forgive(ctx context.Context, retried []int) error {
	for _, i := range retried {
		if _, _, gate := c.m.Gate(i); !gate {
			continue
		}
		err := c.exec(ctx, `DELETE FROM signoffs WHERE run = ? AND json_extract(body, '$.gate') = ? AND json_extract(body, '$.reject')`,
			c.info.ID, c.m.Task(i).ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// sign records an approval, a rejection or a revocation in one transaction
// with what follows from it.
func (c *core) sign(ctx context.Context, cmd Command) (answer string, refusal, err error) {
	e := Event{Type: ApprovalEvent, At: c.now(), By: cmd.By, What: cmd.Verb, Task: cmd.Gate, Role: cmd.Role, Text: cmd.Reason}
	var signoff pipeline.Signoff
	if cmd.Verb == verbApprove {
		if refusal, err = c.heldBack(ctx, cmd.Gate); refusal != nil || err != nil {
			return "", refusal, err
		}
	}
	if cmd.Verb == verbRevoke {
		refusal = c.m.Revoke(cmd.Gate, cmd.By)
	} else {
		signoff, refusal = c.m.Approve(pipeline.Signoff{
			Gate: cmd.Gate, Key: cmd.Key, Role: cmd.Role,
			By: cmd.By, Reason: cmd.Reason, Reject: cmd.Verb == verbReject, At: c.now().UTC(),
		})
	}
	if refusal != nil {
		return "", refusal, nil
	}
	i, _ := c.m.Find(cmd.Gate)
	gate, have, _ := c.m.Gate(i)
	e.Key, e.Have, e.Need = c.m.Key(i), len(have), quorum(gate)
	seq, err := c.event(ctx, e)
	if err != nil {
		return "", nil, err
	}
	if cmd.Verb == verbRevoke {
		err = c.exec(ctx, `DELETE FROM signoffs WHERE run = ? AND json_extract(body, '$.gate') = ? AND json_extract(body, '$.key') = ? AND json_extract(body, '$.by') = ?`,
			c.info.ID, cmd.Gate, e.Key, cmd.By)
	} else {
		var body []byte
		if body, err = json.Marshal(signoff); err == nil {
			err = c.exec(ctx, `INSERT INTO signoffs (run, body, seq) VALUES (?,?,?)`, c.info.ID, string(body), seq)
		}
	}
	if err != nil {
		return "", nil, err
	}
	if err := c.record(ctx, Event{By: cmd.By}); err != nil {
		return "", nil, err
	}
	return c.signed(cmd, i), nil, nil
}

func (c *core) signed(cmd Command, i int) string {
	gate, have, _ := c.m.Gate(i)
	switch {
	case cmd.Verb == verbReject:
		return fmt.Sprintf("%s is rejected", cmd.Gate)
	case c.m.State(i) == pipeline.Passed:
		return fmt.Sprintf("%s is open", cmd.Gate)
	}
	text := fmt.Sprintf("%s has %d of %d sign-offs", cmd.Gate, len(have), quorum(gate))
	for _, m := range gate.Missing(have) {
		text += fmt.Sprintf("; %s %d of %d", m.Role, m.Have, m.Need)
	}
	return text
}

// halt pauses, stops or lifts either.
func (c *core) halt(cmd Command) (string, error) {
	old := c.info.Halt
	if old == nil && c.m.Standing() == pipeline.Done {
		return "", fmt.Errorf("%s is done: nothing to %s", c.info.ID, cmd.Verb)
	}
	switch cmd.Verb {
	case verbResume:
		if old == nil {
			return "", errors.New("neither paused nor stopped")
		}
		c.info.Halt = nil
		c.m.Resume()
		return "goes on", nil
	case verbPause:
		if old != nil {
			return "", fmt.Errorf("already halted (%s) by %s", old.Verb, old)
		}
	case verbStop:
		if old != nil && old.Verb == verbStop {
			return "", fmt.Errorf("already stopped by %s", old)
		}
		if cmd.Reason == "" {
			return "", fmt.Errorf("%w: stopping a candidate needs a reason", pipeline.ErrNotAllowed)
		}
	}
	c.info.Halt = &Halt{Verb: cmd.Verb, By: cmd.By, At: c.now().UTC(), Reason: cmd.Reason}
	c.m.Pause()
	if cmd.Verb == verbStop {
		return "stopped; the candidate is halted", nil
	}
	return "paused; running tasks finish", nil
}

// each applies a command to every task that its selection picks and returns
// those it could be applied to; none is a refusal.
func (c *core) each(cmd Command) (did []int, refusal error) {
	if strings.TrimSpace(cmd.Select) == "" { // which would pick everything
		return nil, fmt.Errorf("%w: %s: no task is named", pipeline.ErrNoSuchTask, cmd.Verb)
	}
	sel, err := pipeline.Select(cmd.Select)
	if err != nil {
		return nil, err
	}
	why := pipeline.Trouble{Class: pipeline.Policy, Cause: "cancelled by " + cmd.By, Text: "cancelled by " + cmd.By + ": " + cmd.Reason}
	refusal = fmt.Errorf("%w: nothing matches %q", pipeline.ErrNoSuchTask, cmd.Select)
	for i := range c.m.Len() {
		if !sel.Picks(c.m.Task(i), c.m.State(i), c.m.Trouble(i).Class) {
			continue
		}
		var err error
		switch cmd.Verb {
		case verbRetry:
			if t := c.m.Task(i); sel.Spares(t) {
				refusal = fmt.Errorf("%w: a rejected gate is asked again only by its name, %s", pipeline.ErrNotAllowed, t.ID)
				continue
			}
			err = c.m.Retry(i)
		case verbCancel:
			err = c.m.Cancel(i, why)
		case verbPriority:
			c.m.Prioritise(i, cmd.Urgency)
		}
		if err != nil {
			refusal = err
			continue
		}
		did = append(did, i)
	}
	if len(did) == 0 {
		return nil, refusal
	}
	return did, nil
}

func tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}
