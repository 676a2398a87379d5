package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"slipway/release/pipeline"
)

// locales draws one mark for each task of the stage, by platform: a failure
// stands out among hundreds without colour. "ok" is a dot here, waiting a low
// line. Where room is short, platforms with few tasks share a line;
// those that find none are counted.
func (b *boardScreen) locales(m *Model, w, room int) []string {
	if b.at >= len(m.board.stages) {
		return nil
	}
	l, st := m.look, m.board.stages[b.at]
	var names []string
	var shown [][]pipeline.State
	longest := 0
	for i, states := range b.states(m) {
		if len(states) > 0 {
			names, shown = append(names, m.board.platforms[i]), append(shown, states)
			longest = max(longest, len(states))
		}
	}
	const name, gap = 11, 2
	var rows []string
	each := name + longest + gap
	if 2*each > w || b.wide || len(shown)+2 <= room/2 {
		for i, states := range shown {
			rows = append(rows, b.strip(l, names[i], states, name, w)...)
		}
	} else {
		for i := 0; i < len(shown); i += w / each {
			row := " "
			for k := i; k < min(len(shown), i+w/each); k++ {
				row += l.fit(l.safe(names[k]), name) + l.fit(paintMarks(l, shown[k]), longest+gap)
			}
			rows = append(rows, row)
		}
	}
	room -= 2 // the blank line and the title
	if len(rows) == 0 || room < 1 {
		return nil
	}
	if len(rows) > room {
		rows = append(rows[:room-1], l.fit(fmt.Sprintf("   +%d more (%s)", len(rows)-room+1, m.keys.key(actLocales)), w))
	}
	c := st.total
	title := fmt.Sprintf(" %s  %s: %s", strings.ToUpper(l.safe(st.name)), plural(c.Total(), "task"), countWords(c))
	legend := l.pick("· ok  ▶ run  ✗ fail  ▪ block  _ wait", ". ok  > run  X fail  # block  _ wait")
	if ansi.StringWidth(title)+1+ansi.StringWidth(legend) > w {
		legend = ""
	}
	return append([]string{"", l.ends(l.paint(head, title), legend, w)}, rows...)
}

// countWords says a count in the words of the legend, failures first, what
// there is none of left out.
func countWords(c pipeline.Counts) string {
	var parts []string
	for _, m := range marks {
		if n := c.Of(m.state); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, m.word))
		}
	}
	return strings.Join(parts, "  ")
}

// states are the tasks of the stage, by platform.
func (b *boardScreen) states(m *Model) [][]pipeline.State {
	at := map[string]int{}
	for i, p := range m.board.platforms {
		at[p] = i
	}
	states := make([][]pipeline.State, len(m.board.platforms))
	st := m.board.stages[b.at]
	for i := st.first; i < len(m.snap.Tasks); i++ {
		t := &m.snap.Tasks[i]
		if p, ok := at[t.Platform]; ok && t.Stage == st.name {
			states[p] = append(states[p], t.State)
		}
	}
	return states
}

// strip is one platform on a line, cut with a count; in the view of its own,
// on as many lines as it needs.
func (b *boardScreen) strip(l Look, platform string, states []pipeline.State, name, w int) []string {
	width := w - name - 1
	if len(states) <= width {
		return []string{" " + l.fit(l.safe(platform), name) + paintMarks(l, states)}
	}
	if !b.wide {
		more := fmt.Sprintf("+%d", len(states)-width+5)
		return []string{" " + l.fit(l.safe(platform), name) + paintMarks(l, states[:width-5]) + more}
	}
	var rows []string
	for len(states) > 0 {
		n := min(width, len(states))
		rows = append(rows, " "+l.fit(l.safe(platform), name)+paintMarks(l, states[:n]))
		states, platform = states[n:], ""
	}
	return rows
}

// paintMarks paints runs of the same state at once: thousands of single marks
// would cost more than the rest of the frame.
func paintMarks(l Look, states []pipeline.State) string {
	var out strings.Builder
	for i := 0; i < len(states); {
		n := 1
		for i+n < len(states) && states[i+n] == states[i] {
			n++
		}
		m := markOf(states[i])
		sign, tone := l.sign(m), m.tone
		switch states[i] {
		case pipeline.Passed:
			sign = l.pick("·", ".")
		case pipeline.Waiting:
			sign = "_"
		}
		out.WriteString(l.paint(tone, strings.Repeat(sign, n)))
		i += n
	}
	return out.String()
}
