package tui

import (
	"fmt"
	"strings"
)

func (z *wizard) body(m *Model, w, h int) []string {
	l := m.look
	lines := []string{z.strip(l, w), ""}
	switch {
	case !z.ready:
		return append(lines, " looking at the repositories")
	case z.fault != "" && z.step == stepProduct:
		return append(lines, l.fit(" "+l.paint(bad, l.safe(z.fault)), w))
	}
	lines = append(lines, z.page(m, w)...)
	if z.fault != "" {
		lines = append(lines, "", l.fit(" "+l.paint(bad, l.safe(z.fault)), w))
	}
	if z.note != "" {
		lines = append(lines, "", " "+l.paint(warn, l.safe(z.note)))
	}
	return lines
}

// hint is the key row of the step; a form's keys differ from a list's.
func (z *wizard) hint(*Model) string {
	next := "enter next step"
	if z.step == stepReview {
		next = "enter GO TO BUILD  PgUp PgDn mail"
	}
	switch {
	case z.fields() > 1 && z.step == stepSource:
		next += "  tab next field  left/right commit"
	case z.fields() > 1:
		next += "  tab next field  space change"
	}
	return next + "  esc back  ctrl+c detach"
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
		if w < 100 && i != z.step {
			s, _, _ = strings.Cut(s, " ")
		}
		parts[i] = fmt.Sprintf("%d %s %s", i+1, s, sign)
	}
	return l.fit(" "+strings.Join(parts, l.pick(" ── ", " - ")), w)
}

func (z *wizard) page(m *Model, w int) []string {
	l := m.look
	switch z.step {
	case stepProduct:
		return []string{
			" Product    " + l.safe(m.env.Product.Title),
			" Described  " + l.safe(m.env.Product.Config), "",
			" Nothing is written before the last step. enter goes on, esc goes back.",
		}
	case stepVersion:
		urgency := "routine"
		if z.chemspill {
			urgency = "chemspill"
		}
		return []string{
			field(l, "Version", z.version, z.field == 0),
			field(l, "Build number", z.build, z.field == 1),
			field(l, "Urgency", urgency, z.field == 2) + "  space changes it",
		}
	case stepSource:
		return z.sourcePage(l, w)
	case stepUpdates:
		return z.updatesPage(l)
	case stepScope:
		return z.scopePage(l, w)
	}
	return z.reviewPage(m, w)
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

func (z *wizard) scopePage(l Look, w int) []string {
	if z.previewOf == "" && z.fault == "" {
		return []string{" making the plan"}
	}
	does := []string{l.paint(head, "WHAT THIS PLAN WILL DO")}
	for _, line := range z.preview.Lines {
		does = append(does, "  "+l.safe(line))
	}
	found := []string{l.paint(head, "THE PREFLIGHT FOUND IN ORDER")}
	for _, line := range z.preview.Checked {
		found = append(found, l.fit(l.pick("✓", "+")+" "+l.safe(line), w-48))
	}
	return append(append(beside(l, does, found, w), ""), z.preflight(l, w)...)
}

func (z *wizard) preflight(l Look, w int) []string {
	if z.fault != "" {
		return []string{l.paint(bad, " PREFLIGHT: the plan cannot be made, for the reason below")}
	}
	all := len(z.preview.Checked) + len(z.preview.Problems)
	if len(z.preview.Problems) == 0 {
		return []string{l.paint(good, fmt.Sprintf(" PREFLIGHT %s all is well, %d of %d", l.pick("✓", "+"), all, all))}
	}
	lines := []string{l.paint(bad, fmt.Sprintf(" PREFLIGHT: %s, %d of %d are well", plural(len(z.preview.Problems), "problem"), len(z.preview.Checked), all))}
	for _, p := range z.preview.Problems {
		lines = append(lines, l.fit("   "+l.pick("✗", "X")+" "+l.safe(p), w))
	}
	return lines
}

func (z *wizard) reviewPage(m *Model, w int) []string {
	l := m.look
	lines := []string{
		l.fit(fmt.Sprintf(" %s   plan %s", l.safe(z.preview.Candidate), l.safe(short(z.preview.Digest))), w),
		field(l, "Type the version", z.typed, true) + "  want: " + l.safe(z.version) + "    enter: GO TO BUILD",
		"",
	}
	lines = append(lines, z.preflight(l, w)...)
	lines = append(lines, "", l.paint(quiet, strings.Repeat("-", w)), l.paint(head, " THE GO-TO-BUILD MAIL  (PgUp, PgDn)"))
	mail := strings.Split(z.preview.Mail, "\n")
	z.scroll = min(z.scroll, max(0, len(mail)-1))
	for _, line := range mail[z.scroll:] {
		lines = append(lines, l.fit(" "+l.safe(line), w))
	}
	return lines
}
