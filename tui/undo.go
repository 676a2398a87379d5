package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// undoFor is how long a retry can be taken back before it is sent.
const undoFor = 5 * time.Second

// pending is a retry on its way.
type pending struct {
	cmd   engine.Command
	tasks int // that it will retry, as things stand
	due   time.Time
}

// retry sends failed or picked tasks off again. It is harmless and asks
// nothing, but waits a moment in which esc takes it back; R once more sends it
// at once.
func (m *Model) retry(selection string) tea.Cmd {
	cmd := retryOf(selection)
	if m.env.ReadOnly {
		return m.send(cmd)
	}
	if p := m.pending; p != nil && p.cmd.Select == cmd.Select && p.cmd.Run == m.run {
		return m.sendPending()
	}
	n := m.retryable(cmd.Select)
	if n == 0 {
		m.say(warn, "nothing to retry there: no such task failed")
		return nil
	}
	before := m.sendPending() // of another selection
	cmd.Run = m.run
	m.pending = &pending{cmd: cmd, tasks: n, due: m.env.Now().Add(undoFor)}
	return before
}

func retryOf(selection string) engine.Command {
	return engine.Command{Verb: "retry", Select: strings.Join(strings.Fields(selection), " ")}
}

// retryable counts the tasks that a retry of a selection would touch.
func (m *Model) retryable(selection string) int {
	sel, err := pipeline.Select(selection)
	if err != nil || m.snap == nil {
		return 0
	}
	n := 0
	for i := range m.snap.Tasks {
		switch t := &m.snap.Tasks[i]; t.State {
		case pipeline.Failed, pipeline.Cancelled, pipeline.Retrying:
			if sel.Picks(*t.Task, t.State, t.Trouble.Class) && !sel.Spares(*t.Task) {
				n++
			}
		}
	}
	return n
}

// overdue sends the pending retry when its time is up.
func (m *Model) overdue() tea.Cmd {
	if m.pending == nil || m.env.Now().Before(m.pending.due) {
		return nil
	}
	return m.sendPending()
}

func (m *Model) sendPending() tea.Cmd {
	if m.pending == nil {
		return nil
	}
	cmd := m.pending.cmd
	m.pending = nil
	return m.send(cmd)
}

// takeBack drops the pending retry; false when there is none.
func (m *Model) takeBack() bool {
	if m.pending == nil {
		return false
	}
	m.say(quiet, "taken back: retry of "+plural(m.pending.tasks, "task")+" was not sent")
	m.pending = nil
	return true
}

// leave detaches; a retry that was not taken back is sent first.
func (m *Model) leave() tea.Cmd {
	if m.pending != nil {
		return tea.Sequence(m.sendPending(), tea.Quit)
	}
	return tea.Quit
}

// notice tells of the retry and how long it can be taken back.
func (p *pending) notice(m *Model) string {
	left := int((p.due.Sub(m.env.Now()) + time.Second - 1) / time.Second)
	return fmt.Sprintf("retry of %s goes out in %ds: %s takes it back, %s sends it now",
		plural(p.tasks, "task"), max(0, left), m.keys.key(actBack), m.keys.key(actRetry))
}
