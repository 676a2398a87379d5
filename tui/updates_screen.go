package tui

import (
	"cmp"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// updatesScreen is the diff cache and which partial costs what.
type updatesScreen struct{ list }

func (*updatesScreen) name() screenName        { return screenUpdates }
func (*updatesScreen) ask(m *Model) question   { return askFacts(m) }
func (*updatesScreen) keys(*Model) []act       { return []act{actTasks} }
func (*updatesScreen) command(*Model) []string { return []string{"cache", "stats"} }
func (u *updatesScreen) do(m *Model, a act) tea.Cmd {
	if a == actOpen && u.at < len(m.facts.Updates) {
		return m.push(&tasksScreen{query: "kind:partial " + m.facts.Updates[u.at].From})
	}
	u.move(a, len(m.facts.Updates), 10)
	return nil
}

func (u *updatesScreen) body(m *Model, w, h int) []string {
	l, c := m.look, m.facts.Cache
	rate := 0
	if c.Lookups > 0 {
		rate = int(c.Hits * 100 / c.Lookups)
	}
	left := []string{
		l.paint(head, "DIFF CACHE, since it was made"),
		fmt.Sprintf("lookups   %d, %d of them hits", c.Lookups, c.Hits),
		fmt.Sprintf("hit rate  %s %d%%", l.paint(good, l.bar(rate, 100, 20)), rate),
		fmt.Sprintf("saved     %s of work", spell(c.TimeSaved)),
		fmt.Sprintf("          %s not made again", size(c.BytesSaved)),
		fmt.Sprintf("on disk   %s", size(c.Size)),
	}
	right := []string{l.paint(head, fmt.Sprintf("%-14s %8s %6s %9s", "LOOKED UP FOR", "LOOKUPS", "HITS", "SAVED"))}
	for _, x := range c.Spaces[:min(5, len(c.Spaces))] {
		right = append(right, fmt.Sprintf("%-14s %8d %5d%% %9s", l.safe(x.Name), x.Lookups, x.Hits*100/max(1, x.Lookups), spell(x.TimeSaved)))
	}
	lines := append([]string{""}, beside(l, left, right, w)...)
	lines = append(lines, "", l.paint(head, fmt.Sprintf("  %-16s %9s %11s %11s %6s %6s %8s", "PARTIALS FROM", "MADE", "COMPLETES", "PARTIALS", "SAVES", "CACHED", "TIME")))
	if len(m.facts.Updates) == 0 {
		return append(lines, " none yet: partials are made after signing, from the priors in the plan")
	}
	from, to := u.window(len(m.facts.Updates), h-len(lines))
	for i := from; i < to; i++ {
		f := m.facts.Updates[i]
		saves, hit := "-", "-"
		if f.Complete > 0 {
			saves = fmt.Sprintf("%d%%", (f.Complete-f.Partial)*100/f.Complete)
		}
		if f.Done > 0 {
			hit = fmt.Sprintf("%d%%", f.Cached*100/f.Done)
		}
		lines = append(lines, l.fit(fmt.Sprintf("%s %-16s %9s %11s %11s %6s %6s %8s", pointer(i == u.at), l.safe(f.From),
			fmt.Sprintf("%d/%d", f.Done, f.Total), size(f.Complete), size(f.Partial), saves, hit, spell(f.Took)), w))
	}
	lines = append(lines, slowest(m, w)...)
	return append(lines, "", " Every partial is applied and compared before it is published (stage verify).")
}

const (
	besideGap  = 46             // width of the left block
	besideFrom = besideGap + 40 // where the right one begins to be readable
)

// beside sets two blocks side by side where there is room, else only the first.
func beside(l Look, left, right []string, w int) []string {
	lines := make([]string, max(len(left), len(right)))
	for i := range lines {
		if i < len(left) {
			lines[i] = " " + left[i]
		}
		if i < len(right) && w >= besideFrom {
			lines[i] = l.fit(lines[i], besideGap) + " " + right[i]
		}
	}
	if w < besideFrom {
		lines = lines[:len(left)]
	}
	return lines
}

// slowest are the partials that took longest in this release.
func slowest(m *Model, w int) []string {
	if m.snap == nil {
		return nil
	}
	var made []engine.TaskView
	for _, t := range m.snap.Tasks {
		if t.Kind == "partial" && t.State == pipeline.Passed && !t.Cached {
			made = append(made, t)
		}
	}
	if len(made) == 0 {
		return nil
	}
	l := m.look
	slices.SortStableFunc(made, func(a, b engine.TaskView) int { return cmp.Compare(b.Took(m.snap.At), a.Took(m.snap.At)) })
	lines := []string{"", l.paint(head, " SLOWEST PARTIALS")}
	for _, t := range made[:min(3, len(made))] {
		lines = append(lines, l.fit(fmt.Sprintf("   %s %8s  usual %s", l.fit(l.safe(t.ID), 46), spell(t.Took(m.snap.At)), spell(t.Usual)), w))
	}
	return lines
}
