package tui

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// taskScreen is one task with its live log.
type taskScreen struct {
	id      string
	facts   TaskFacts
	known   taskKey // what facts are about
	log     taskLog
	earlier int // the attempt whose log is shown; 0: the latest
}

// taskKey tells when a task's facts must be read again: each try and each turn
// of its state brings others.
type taskKey struct {
	id      string
	attempt int
	state   pipeline.State
}

func keyOfTask(v engine.TaskView) taskKey { return taskKey{v.ID, v.Attempt, v.State} }

func (*taskScreen) name() screenName { return screenTask }

// keys are those that would do something for this task.
func (t *taskScreen) keys(m *Model) []act {
	v := t.view(m)
	if v == nil {
		return nil
	}
	var can []act
	for _, k := range []struct {
		act  act
		does bool
	}{
		{actRetry, v.State == pipeline.Failed || v.State == pipeline.Cancelled || v.State == pipeline.Retrying},
		{actCancel, !v.State.Final()},
		{actAttempts, v.Attempt > 1},
		{actDeps, true},
		{actError, t.log.alarms > 0},
		{actWrap, len(t.log.Lines) > 0},
		{actFollow, v.State == pipeline.Running},
		{actPager, t.log.Path != ""},
		{actNextFail, true},
		{actCopy, true},
	} {
		if k.does {
			can = append(can, k.act)
		}
	}
	return can
}

func (t *taskScreen) filter() string     { return t.log.query }
func (t *taskScreen) setFilter(s string) { t.log.query = s }
func (t *taskScreen) command(m *Model) []string {
	args := []string{"task", "log", m.run, t.id}
	if t.earlier > 0 {
		args = append(args, "--attempt", strconv.Itoa(t.earlier))
	}
	return args
}

func (t *taskScreen) copyables(m *Model) []copyable {
	c := []copyable{{"n", "name", t.id}}
	if v := t.view(m); v != nil {
		c = append(c, copyable{"h", "key", v.Key}, copyable{"e", "error", strings.TrimSpace(v.Trouble.Text)})
	}
	return append(c, copyable{"p", "log path", t.log.Path}, copyable{"l", "log", strings.Join(t.log.Lines, "\n")})
}

func (t *taskScreen) view(m *Model) *engine.TaskView {
	if m.snap == nil {
		return nil
	}
	for i := range m.snap.Tasks {
		if m.snap.Tasks[i].ID == t.id {
			return &m.snap.Tasks[i]
		}
	}
	return nil
}

// attempt is the one whose log is shown.
func (t *taskScreen) attempt(v *engine.TaskView) int {
	if t.earlier > 0 {
		return t.earlier
	}
	return v.Attempt
}

// ask reads the end of the log, and once for each turn what stands beside it.
func (t *taskScreen) ask(m *Model) question {
	v := t.view(m)
	if v == nil {
		return nil
	}
	run, view, key, attempt, id := m.run, *v, keyOfTask(*v), t.attempt(v), t.id
	wantsFacts := key != t.known
	return func(ctx context.Context, src Source) (func(*Model), error) {
		log, logErr := src.Log(ctx, run, id, attempt, maxLogLines)
		alarms := errorsIn(log.Lines)
		var facts TaskFacts
		var err error
		if wantsFacts {
			if facts, err = src.Task(ctx, run, view); err != nil {
				return nil, err
			}
		}
		return func(*Model) {
			if t.id != id {
				return // the screen went on to another task
			}
			if wantsFacts {
				t.facts, t.known = facts, key
			}
			if logErr == nil && (t.earlier == 0 || t.earlier == attempt) {
				t.log.Log, t.log.alarms = log, alarms
			}
		}, nil
	}
}

func (t *taskScreen) do(m *Model, a act) tea.Cmd {
	switch a {
	case actUp, actDown, actPageUp, actPageDown, actTop, actEnd, actError, actErrorUp:
		t.log.move(a, m.h-12)
	case actFollow:
		t.log.stay = !t.log.stay
	case actWrap:
		t.log.wrap = !t.log.wrap
	case actPager:
		return t.pager(m)
	case actAttempts:
		return t.nextAttempt(m)
	case actDeps:
		return m.push(&tasksScreen{around: t.id})
	case actRetry:
		return m.retry("id:" + t.id)
	case actCancel:
		m.dialog = m.cancelDialog("id:" + t.id)
	case actNextFail, actPrevFail:
		return t.jump(m, a)
	}
	return nil
}

// nextAttempt shows the log of the attempt before, and after the first one the
// latest again.
func (t *taskScreen) nextAttempt(m *Model) tea.Cmd {
	v := t.view(m)
	if v == nil {
		return nil
	}
	if v.Attempt < 2 {
		m.say(quiet, "there was no earlier attempt")
		return nil
	}
	t.earlier = t.attempt(v) - 1 // 0 after the first: the latest
	t.log = taskLog{wrap: t.log.wrap, query: t.log.query}
	return m.poll()
}

// jump goes to the next or previous failed task.
func (t *taskScreen) jump(m *Model, a act) tea.Cmd {
	if m.snap == nil {
		return nil
	}
	rows := make([]int, len(m.snap.Tasks))
	at := 0
	for i := range rows {
		rows[i] = i
		if m.snap.Tasks[i].ID == t.id {
			at = i
		}
	}
	to := nextFailed(m, rows, at, a)
	if to == at {
		return nil
	}
	*t = taskScreen{id: m.snap.Tasks[to].ID, log: taskLog{wrap: t.log.wrap}}
	return m.poll()
}

// pager shows the whole log outside.
func (t *taskScreen) pager(m *Model) tea.Cmd {
	if t.log.Path == "" {
		m.say(warn, "no log yet")
		return nil
	}
	cmd := pagerCommand(os.Getenv("PAGER"), t.log.Path)
	return tea.ExecProcess(cmd, func(err error) tea.Msg { return doneMsg{what: cmd.Args[0], said: "closed", err: err} })
}

// pagerCommand splits $PAGER at spaces, without a shell. less shows control bytes
// harmlessly unless told otherwise, so LESS is not handed on.
func pagerCommand(pager, path string) *exec.Cmd {
	args := strings.Fields(pager)
	if len(args) == 0 {
		args = []string{"less"}
	}
	cmd := exec.Command(args[0], append(args[1:], path)...)
	cmd.Env = append(os.Environ(), "LESS=", "LESSSECURE=1")
	return cmd
}
