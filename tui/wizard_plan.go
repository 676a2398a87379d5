package tui

import (
	"fmt"
	"strings"
)

// scopePage is what the plan would do: first whether it can, then what, then
// what differs from the release before.
func (z *wizard) scopePage(l Look, w int) []string {
	switch {
	case z.fault != "":
		return []string{l.paint(bad, " PREFLIGHT: the plan cannot be made, for the reason below")}
	case !z.planned():
		return []string{" making the plan, and what its preflight says"}
	}
	p := z.preview
	lines := append(z.preflight(l, w), "")
	does := []string{l.paint(head, "WHAT THIS PLAN WILL DO")}
	for _, line := range p.Lines {
		does = append(does, "  "+l.safe(line))
	}
	found := []string{l.paint(head, "THE PREFLIGHT FOUND IN ORDER")}
	if w >= besideFrom {
		for _, s := range p.Stages {
			does = append(does, fmt.Sprintf("  %-12s %5d", l.safe(s.Name), s.Tasks))
		}
		does = append(does, "  "+z.total())
		lines = append(lines, beside(l, does, append(found, z.checked(l, w-besideGap-2)...), w)...)
	} else {
		var stages []string
		for _, s := range p.Stages {
			stages = append(stages, fmt.Sprintf("%s %d", l.safe(s.Name), s.Tasks))
		}
		does = append(append(does, hang("  ", stages, w-2)...), "  "+z.total(), "")
		for _, line := range append(append(does, found...), z.checked(l, w-2)...) {
			lines = append(lines, l.fit(" "+line, w))
		}
	}
	return append(lines, z.differences(l, w)...)
}

// total is the size of the plan, in tasks and time.
func (z *wizard) total() string {
	p, tasks := z.preview, 0
	for _, s := range p.Stages {
		tasks += s.Tasks
	}
	text := fmt.Sprintf("%s in all", plural(tasks, "task"))
	if p.Estimate > 0 {
		text += fmt.Sprintf(", about %s", spell(p.Estimate))
	}
	return text
}

// checked are the preflight's good findings, whole: the end of one says as
// much as its beginning.
func (z *wizard) checked(l Look, w int) []string {
	var lines []string
	for _, found := range z.preview.Checked {
		for i, part := range l.wrapped(found, w-4) {
			sign := l.paint(good, l.pick("✓", "+"))
			if i > 0 {
				sign = " "
			}
			lines = append(lines, sign+" "+part)
		}
	}
	return lines
}

// differences are what this plan has otherwise than the release before it.
func (z *wizard) differences(l Look, w int) []string {
	if z.preview.Since == "" {
		return nil
	}
	title := fmt.Sprintf(" DIFFERENCES FROM %s: %d", l.safe(z.preview.Since), len(z.preview.Differences))
	if len(z.preview.Differences) == 0 {
		title = fmt.Sprintf(" NO DIFFERENCE FROM %s but the version and what follows from it", l.safe(z.preview.Since))
	}
	lines := []string{"", l.paint(head, l.fit(title, w))}
	for _, d := range z.preview.Differences {
		lines = append(lines, l.fit("   "+l.safe(d), w))
	}
	return lines
}

func (z *wizard) preflight(l Look, w int) []string {
	all := len(z.preview.Checked) + len(z.preview.Problems)
	if len(z.preview.Problems) == 0 {
		return []string{l.paint(good, fmt.Sprintf(" PREFLIGHT %s all is well, %d of %d", l.pick("✓", "+"), all, all))}
	}
	lines := []string{l.paint(bad, fmt.Sprintf(" PREFLIGHT: %s, %d of %d are well", plural(len(z.preview.Problems), "problem"), len(z.preview.Checked), all))}
	for _, p := range z.preview.Problems {
		for i, part := range l.wrapped(p, w-6) {
			sign := l.paint(bad, l.pick("✗", "X"))
			if i > 0 {
				sign = " "
			}
			lines = append(lines, l.fit("   "+sign+" "+part, w))
		}
	}
	return lines
}

// reviewPage is the last question; the mail below it scrolls.
func (z *wizard) reviewPage(m *Model, w int) (fixed, rest []string) {
	l := m.look
	fixed = []string{
		l.fit(fmt.Sprintf(" %s   plan %s   %s", l.safe(z.preview.Candidate), l.safe(short(z.preview.Digest)), z.total()), w),
		l.fit(field(l, "Type the version", z.typed, true)+"  want: "+l.safe(z.version)+"    enter: GO TO BUILD", w),
		"",
	}
	fixed = append(fixed, z.preflight(l, w)...)
	fixed = append(fixed, "", l.paint(head, " THE GO-TO-BUILD MAIL"), l.paint(quiet, strings.Repeat("-", w)))
	for _, line := range strings.Split(z.preview.Mail, "\n") {
		rest = append(rest, l.fit(" "+l.safe(line), w))
	}
	return fixed, rest
}
