package tui

import (
	"fmt"
	"strings"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

func (t *taskScreen) body(m *Model, w, h int) []string {
	v := t.view(m)
	if v == nil {
		return []string{"", " no task " + m.look.safe(t.id) + " in this release any more"}
	}
	l := m.look
	lines := t.about(m, v, w)
	lines = append(lines, t.tables(l, w, h-len(lines)-4)...)
	return append(lines, t.log.draw(l, t.logTitle(v), w, h-len(lines))...)
}

// about is the upper part: state, cause, remedy, and what hangs on it.
func (t *taskScreen) about(m *Model, v *engine.TaskView, w int) []string {
	l := m.look
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, l.fit(fmt.Sprintf(format, args...), w)) }
	lines = append(lines, l.ends(" "+strings.ReplaceAll(l.safe(t.id), "/", " > "), t.failureNumber(m), w))
	state, attempt, usual := markOf(v.State), "", ""
	if v.Attempt > 0 {
		attempt = fmt.Sprintf("attempt %d of %d   ", v.Attempt, max(v.Attempt, v.Try.Attempts))
	}
	if v.Usual > 0 {
		usual = "(usual " + spell(v.Usual) + ")"
	}
	add(" %s %s   %s%s %s   %s", l.glyph(v.State), l.paint(state.tone, state.word), attempt, spell(v.Took(m.snap.At)), usual, l.safe(v.Title))
	if v.State == pipeline.Failed || v.State == pipeline.Retrying {
		for i, part := range l.wrapped(fmt.Sprintf("%s: %s", v.Trouble.Class, v.Trouble.Cause), w-12) {
			label := map[bool]string{true: "cause"}[i == 0]
			if i < 3 { // the log has the rest
				add("   %-7s %s", label, part)
			}
		}
		add("   fix     %s", remedy(v.Trouble.Class, m.keys.key(actRetry)))
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
	return lines
}

// failureNumber is which of the failed tasks this is.
func (t *taskScreen) failureNumber(m *Model) string {
	for n, i := range m.board.failed {
		if m.snap.Tasks[i].ID == t.id {
			return fmt.Sprintf("failure %d of %d  (%s %s)", n+1, len(m.board.failed), m.keys.key(actPrevFail), m.keys.key(actNextFail))
		}
	}
	return ""
}

func (t *taskScreen) logTitle(v *engine.TaskView) string {
	title := " LOG"
	if v.Attempt > 1 {
		title += fmt.Sprintf("  attempt %d", t.attempt(v))
		if t.earlier == 0 {
			title += ", the latest"
		}
	}
	return title + "  " + plural(t.log.Total, "line")
}

// remedy says what a failure of a class calls for; retry is what retries it.
func remedy(c pipeline.Class, retry string) string {
	switch c {
	case pipeline.Infra:
		return "the world hiccuped and it was tried again; " + retry + " tries once more"
	case pipeline.Input:
		return retry + " alone cannot help: mend what was given, plan a new build"
	case pipeline.Policy:
		return "not allowed: somebody with the right must act, then " + retry
	case pipeline.Clash:
		return "the world moved since the plan: compare both sides, then " + retry
	}
	return "read the log, mend the cause, then " + retry
}
