package tui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// forecastScreen tells what decides when the work ends: the chain of tasks
// that cannot go faster, or a pool that has more work than it takes at once.
type forecastScreen struct{ list }

func (*forecastScreen) name() screenName          { return screenCast }
func (*forecastScreen) keys(*Model) []act         { return []act{actOpen, actRunning, actTasks} }
func (*forecastScreen) command(m *Model) []string { return []string{"status", m.run} }

func (f *forecastScreen) do(m *Model, a act) tea.Cmd {
	if m.snap == nil || f.move(a, len(m.snap.Path), m.h-16) {
		return nil
	}
	if a == actOpen && f.at < len(m.snap.Path) {
		return m.openTask(m.snap.Tasks[m.snap.Path[f.at]].ID)
	}
	return nil
}

func (f *forecastScreen) body(m *Model, w, h int) []string {
	if m.snap == nil {
		return nil
	}
	l, s := m.look, m.snap
	if s.ETA == 0 {
		return []string{"", " No forecast: " + noForecast(s)}
	}
	chain, pools := chainOf(s), poolsOf(s)
	lines := []string{"", l.fit(fmt.Sprintf(" About %s of work left: done at %s if every gate is answered at once.", l.paint(head, spell(s.ETA)),
		s.At.Add(s.ETA).UTC().Format("15:04Z")), w)}
	verdict := fmt.Sprintf("The chain below decides: %s, each waits for the one before it.", plural(len(s.Path), "task"))
	if chain < s.ETA {
		verdict = fmt.Sprintf("The pool %q decides: it has more work than it takes at once. The chain below alone would take %s.", l.safe(pools[0].name), spell(chain))
	}
	for _, line := range l.wrapped(verdict, w-1) {
		lines = append(lines, " "+line)
	}
	lines = append(lines, "", l.paint(head, l.fit(fmt.Sprintf("  %8s %8s %8s  %-8s %s", "LEFT", "DONE AT", "USUAL", "STATE", "TASK"), w)))
	below := f.below(m, pools, w)
	from, to := f.window(len(s.Path), h-len(lines)-len(below))
	end := s.At
	for i, t := range s.Path {
		v := &s.Tasks[t]
		end = end.Add(v.Left(s.At))
		if i < from || i >= to {
			continue
		}
		lines = append(lines, l.fit(fmt.Sprintf("%s %8s %8s %8s  %s %s %s", pointer(i == f.at), spell(v.Left(s.At)), end.UTC().Format("15:04:05"), spell(v.Usual),
			l.glyph(v.State), l.fit(markOf(v.State).word, 6), l.safe(v.ID)), w))
	}
	return append(lines, below...)
}

// below are the gates ahead and the pools, while there is room.
func (f *forecastScreen) below(m *Model, pools []pool, w int) []string {
	l := m.look
	lines := gatesAhead(m, w)
	lines = append(lines, "", l.paint(head, fmt.Sprintf("  %-14s %6s %10s", "POOL", "TASKS", "WORK LEFT")))
	for _, p := range pools[:min(4, len(pools))] {
		lines = append(lines, l.fit(fmt.Sprintf("  %s %6d %10s", l.fit(l.safe(cmp.Or(p.name, "(none)")), 14), p.tasks, spell(p.left)), w))
	}
	return lines
}

func noForecast(s *engine.Snapshot) string {
	if s.Counts.Passed == s.Counts.Total() {
		return "all is done."
	}
	return "what is left never ran before, so nobody knows how long it takes, or it waits for people alone."
}

// chainOf is how long the longest chain of needs takes.
func chainOf(s *engine.Snapshot) time.Duration {
	var d time.Duration
	for _, i := range s.Path {
		d += s.Tasks[i].Left(s.At)
	}
	return d
}

// pool is the work left for one capacity class.
type pool struct {
	name  string
	tasks int
	left  time.Duration
}

// poolsOf are the pools with work left, the most first.
func poolsOf(s *engine.Snapshot) []pool {
	at := map[string]int{}
	var pools []pool
	for i := range s.Tasks {
		v := &s.Tasks[i]
		if v.State == pipeline.Passed || v.Kind == pipeline.KindGate {
			continue
		}
		k, ok := at[v.Pool]
		if !ok {
			k = len(pools)
			at[v.Pool] = k
			pools = append(pools, pool{name: v.Pool})
		}
		pools[k].tasks++
		pools[k].left += v.Left(s.At)
	}
	slices.SortStableFunc(pools, func(a, b pool) int { return cmp.Compare(b.left, a.left) })
	return pools
}
