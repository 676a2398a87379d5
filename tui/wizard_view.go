package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

func (z *wizard) body(m *Model, w, h int) []string {
	l := m.look
	lines := []string{z.strip(l, w), ""}
	switch {
	case !z.ready:
		return append(lines, l.fit(" looking at the repositories; the first time takes as long as they are large", w))
	case z.fault != "" && z.step == stepProduct:
		return append(lines, z.faults(l, w, h-len(lines))...)
	}
	var notes []string
	if z.fault != "" {
		notes = append([]string{""}, z.faults(l, w, max(1, h/2))...)
	}
	if z.note != "" {
		notes = append(notes, "", l.fit(" "+l.paint(warn, l.safe(z.note)), w))
	}
	fixed, rest := z.page(m, w)
	lines = append(lines, fixed...)
	return slices.Concat(lines, z.scrolled(l, rest, w, h-len(lines)-len(notes)), notes)
}

// faults is what went wrong, as far as there is room.
func (z *wizard) faults(l Look, w, room int) []string {
	lines := l.wrapped(z.fault, w-2)
	lines = lines[:max(0, min(room, len(lines)))]
	for i, line := range lines {
		lines[i] = " " + l.paint(bad, line)
	}
	return lines
}

// scrolled is the part of a page that is in sight.
func (z *wizard) scrolled(l Look, page []string, w, room int) []string {
	if len(page) <= room || room < 2 {
		z.scroll = 0
		return page
	}
	z.scroll = max(0, min(z.scroll, len(page)-room+1))
	seen := page[z.scroll : z.scroll+room-1]
	return append(slices.Clone(seen), l.paint(quiet, l.fit(fmt.Sprintf(" lines %d to %d of %d, PgUp PgDn", z.scroll+1, z.scroll+len(seen), len(page)), w)))
}

// hint is the key row of the step; a form's keys differ from a list's.
func (z *wizard) hint(m *Model) string {
	pairs := []string{"enter", "next step"}
	switch {
	case z.step == stepReview:
		pairs = []string{"enter", "GO TO BUILD"}
	case z.step == stepScope && z.fault != "":
		pairs = []string{"enter", "try again"}
	}
	if z.fields() > 1 {
		pairs = append(pairs, "tab", "next field")
	}
	switch z.step {
	case stepSource:
		pairs = append(pairs, m.spellKey("left")+" "+m.spellKey("right"), "commit")
	case stepVersion, stepUpdates:
		pairs = append(pairs, "space", "change")
	}
	return m.look.hints(append(pairs, "esc", "back", m.spellKey("ctrl+c"), "detach")...)
}

// strip shows where in the form one is.
func (z *wizard) strip(l Look, w int) string {
	parts := make([]string, len(steps))
	for i, s := range steps {
		sign := l.pick("·", ".")
		switch {
		case i < z.step:
			sign = l.pick("✓", "+")
		case i == z.step:
			sign = l.pick("▶", ">")
		}
		if w < 100 {
			s, _, _ = strings.Cut(s, " ")
		}
		parts[i] = s + " " + sign
	}
	for _, between := range []string{l.pick(" ── ", " -- "), l.pick(" ─ ", " - ")} {
		if line := " " + strings.Join(parts, between); ansi.StringWidth(line) <= w {
			return line
		}
	}
	return l.fit(fmt.Sprintf(" step %d of %d: %s", z.step+1, len(steps), steps[z.step]), w)
}

// page is the step: what stays in sight, and what scrolls.
func (z *wizard) page(m *Model, w int) (fixed, rest []string) {
	l := m.look
	switch z.step {
	case stepProduct:
		return nil, z.productPage(m, w)
	case stepVersion:
		urgency := "routine"
		if z.chemspill {
			urgency = "chemspill"
		}
		return nil, []string{
			field(l, "Version", z.version, z.field == 0),
			field(l, "Build number", z.build, z.field == 1),
			field(l, "Urgency", urgency, z.field == 2) + "  space changes it",
		}
	case stepSource:
		return nil, z.sourcePage(l, w)
	case stepUpdates:
		return nil, z.updatesPage(l)
	case stepScope:
		return nil, z.scopePage(l, w)
	}
	return z.reviewPage(m, w)
}

// productPage is what is known so far: enough to see that it is the right
// product and the right number.
func (z *wizard) productPage(m *Model, w int) []string {
	l, s := m.look, z.suggest
	released := "none yet"
	if len(s.Priors) > 0 {
		released = some(s.Priors, 5)
	}
	lines := []string{
		" Product       " + l.safe(m.env.Product.Title),
		" Described in  " + l.safe(m.env.Product.Config),
		" Released      " + l.safe(released),
		fmt.Sprintf(" Proposed      %s build %d", l.safe(s.Version), max(1, s.Build)),
		" Made from     " + l.safe(strings.Join(s.Repositories, ", ")), "",
		" Nothing is written before the last step. enter goes on, esc goes back.",
	}
	for i := range lines {
		lines[i] = l.fit(lines[i], w)
	}
	return lines
}

func (z *wizard) sourcePage(l Look, w int) []string {
	lines := []string{" Full revisions only: a branch may move.  left/right walks the latest commits", ""}
	for i, name := range z.suggest.Repositories {
		lines = append(lines, l.fit(field(l, l.safe(name), z.revisions[name], i == z.field), w))
		if i != z.field {
			continue
		}
		if len(z.suggest.Recent[name]) == 0 {
			lines = append(lines, "        slipway.yaml names no branch of it: type or paste the revision")
		}
		for _, c := range z.suggest.Recent[name] {
			mark := " "
			if c.Revision == z.revisions[name] {
				mark = l.pick("•", "*")
			}
			lines = append(lines, l.fit(fmt.Sprintf("      %s %s %s %s  %s", mark, short(c.Revision), l.safe(c.When), l.fit(l.safe(c.Author), 14), l.safe(c.Subject)), w))
		}
	}
	return lines
}

func (z *wizard) updatesPage(l Look) []string {
	if len(z.suggest.Priors) == 0 {
		return []string{" No release was published before: clients get completes only."}
	}
	lines := []string{" Partials are made from the releases that are marked; others get the complete.", ""}
	for i, v := range z.suggest.Priors {
		mark := " "
		if z.chosen[v] {
			mark = "x"
		}
		lines = append(lines, fmt.Sprintf("%s [%s] %s", pointer(i == z.field), mark, l.safe(v)))
	}
	return append(lines, "", " space changes the mark")
}
