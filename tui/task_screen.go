package tui

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// maxLogLines is how much of a log's end the screen holds; $PAGER has it all.
const maxLogLines = 2000

// taskScreen is one task with its live log.
type taskScreen struct {
	id    string
	facts TaskFacts
	known taskKey // what facts are about
	log   Log
	top   int // first line shown, when not following
	stay  bool
	wrap  bool
	query string
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
func (*taskScreen) keys() []act {
	return []act{actRetry, actCancel, actWrap, actFollow, actPager, actNextFail}
}
func (t *taskScreen) filter() string     { return t.query }
func (t *taskScreen) setFilter(s string) { t.query = s }
func (t *taskScreen) command(m *Model) []string {
	return []string{"task", "log", m.run, t.id}
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

func (m *Model) openTask(i int) tea.Cmd {
	return m.push(&taskScreen{id: m.snap.Tasks[i].ID})
}

func (t *taskScreen) do(m *Model, a act) tea.Cmd {
	switch a {
	case actUp, actDown, actPageUp, actPageDown, actTop, actEnd:
		c := list{at: t.top}
		c.move(a, len(t.log.Lines), m.h-12)
		t.top, t.stay = c.at, a != actEnd
	case actFollow:
		t.stay = !t.stay
	case actWrap:
		t.wrap = !t.wrap
	case actPager:
		return t.pager(m)
	case actRetry:
		return m.retry("id:" + t.id)
	case actCancel:
		m.dialog = m.cancelDialog("id:" + t.id)
	case actNextFail, actPrevFail:
		t.jump(m, a)
	}
	return nil
}

// jump goes to the next or previous failed task.
func (t *taskScreen) jump(m *Model, a act) {
	if m.snap == nil {
		return
	}
	rows := make([]int, len(m.snap.Tasks))
	at := 0
	for i := range rows {
		rows[i] = i
		if m.snap.Tasks[i].ID == t.id {
			at = i
		}
	}
	if to := nextFailed(m, rows, at, a); to != at {
		*t = taskScreen{id: m.snap.Tasks[to].ID, wrap: t.wrap}
	}
}

// pager shows the whole log outside; less shows control bytes harmlessly
// unless told otherwise, so LESS is not handed on.
func (t *taskScreen) pager(m *Model) tea.Cmd {
	if t.log.Path == "" {
		m.say(warn, "no log yet")
		return nil
	}
	pager := os.Getenv("PAGER")
	if pager == "" {
		pager = "less"
	}
	cmd := exec.Command(pager, t.log.Path)
	cmd.Env = append(os.Environ(), "LESS=", "LESSSECURE=1")
	return tea.ExecProcess(cmd, func(err error) tea.Msg { return doneMsg{what: pager, said: "closed", err: err} })
}

func (t *taskScreen) body(m *Model, w, h int) []string {
	v := t.view(m)
	if v == nil {
		return []string{"", " no task " + m.look.safe(t.id) + " in this release any more"}
	}
	l := m.look
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, l.fit(fmt.Sprintf(format, args...), w)) }
	add(" %s", strings.ReplaceAll(l.safe(t.id), "/", " > "))
	state := markOf(v.State)
	attempt := ""
	if v.Attempt > 0 {
		attempt = fmt.Sprintf("attempt %d of %d   ", v.Attempt, max(v.Attempt, v.Try.Attempts))
	}
	usual := ""
	if v.Usual > 0 {
		usual = "(usual " + spell(v.Usual) + ")"
	}
	add(" %s %s   %s%s %s   %s", l.glyph(v.State), l.paint(state.tone, state.word), attempt, spell(v.Took(m.snap.At)), usual, l.safe(v.Title))
	if v.State == pipeline.Failed || v.State == pipeline.Retrying {
		add("   cause   %s: %s", v.Trouble.Class, l.safe(v.Trouble.Cause))
		add("   fix     %s", remedy(v.Trouble.Class))
	}
	if v.Cached {
		add("   found by its key %s: the same work was done before", l.safe(short(v.Key)))
	}
	if len(v.Needs) > 0 {
		add("   needs   %s", l.safe(some(v.Needs, 4)))
	}
	if blocked := dependents(m.snap, t.id); len(blocked) > 0 {
		add("   blocks  %s", l.safe(some(blocked, 4)))
	}
	lines = append(lines, t.tables(l, w, h-len(lines)-4)...)
	return append(lines, t.logLines(m, w, h-len(lines))...)
}

// remedy says what a failure of a class calls for.
func remedy(c pipeline.Class) string {
	switch c {
	case pipeline.Infra:
		return "the world hiccuped: it was tried again by itself; R tries once more"
	case pipeline.Input:
		return "what was given is wrong: mend it, plan a new build; R alone cannot help"
	case pipeline.Policy:
		return "not allowed: somebody with the right must act, then R"
	case pipeline.Clash:
		return "the world moved since the plan: compare both sides above, then R"
	}
	return "read the log below, mend the cause, then R"
}

func (t *taskScreen) logLines(m *Model, w, h int) []string {
	l := m.look
	follow := "follow:on"
	if t.stay {
		follow = "follow:off"
	}
	shown := t.log.Lines
	if t.query != "" {
		shown = nil
		for _, line := range t.log.Lines {
			if strings.Contains(strings.ToLower(line), strings.ToLower(t.query)) {
				shown = append(shown, line)
			}
		}
	}
	title := fmt.Sprintf(" LOG  %s", plural(t.log.Total, "line"))
	if t.query != "" {
		title += fmt.Sprintf("  / %s: %d", l.safe(t.query), len(shown))
	}
	out := []string{l.ends(l.paint(head, title), follow, w), l.paint(quiet, strings.Repeat("-", w))}
	room := h - len(out) - 1
	if room < 1 {
		return out
	}
	from := max(0, len(shown)-room)
	if t.stay {
		from = max(0, min(t.top, len(shown)-room))
	}
	body := make([]string, 0, room)
	for _, line := range shown[from:min(len(shown), from+room)] {
		body = append(body, t.fold(l, l.safe(line), w)...)
	}
	if !t.stay && len(body) > room {
		body = body[len(body)-room:]
	}
	out = append(out, body[:min(room, len(body))]...)
	if t.log.Path != "" {
		out = append(out, l.paint(quiet, l.fit(" file: "+l.safe(t.log.Path), w)))
	}
	return out
}

// fold breaks a line over several, or cuts it.
func (t *taskScreen) fold(l Look, line string, w int) []string {
	if !t.wrap {
		return []string{l.fit(" "+line, w)}
	}
	return strings.Split(ansi.Hardwrap(" "+line, w, true), "\n")
}
