package tui

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// maxLogLines is how much of a log's end the screen holds; $PAGER has it all.
const maxLogLines = 2000

// taskLog is the lower part of the task screen.
type taskLog struct {
	Log
	alarms int // lines that tell of an error
	top    int // first line shown, when not following
	stay   bool
	wrap   bool
	query  string
}

// alarming are lines that a person looks for first. It only leads the eye: a
// task fails by its exit code, whatever it printed.
var alarming = regexp.MustCompile(`(?i)\b(error|fatal|panic|failed|failure|exit status [1-9])\b`)

// shown are the lines that the filter lets through.
func (t *taskLog) shown() []string {
	if t.query == "" {
		return t.Lines
	}
	var lines []string
	for _, line := range t.Lines {
		if strings.Contains(strings.ToLower(line), strings.ToLower(t.query)) {
			lines = append(lines, line)
		}
	}
	return lines
}

// move scrolls, or goes to the next line that tells of an error.
func (t *taskLog) move(a act, page int) {
	lines := t.shown()
	if !t.stay { // begin where the eye is: at the end
		t.top = max(0, len(lines)-page)
	}
	switch a {
	case actError:
		for i := t.top + 1; i < len(lines); i++ {
			if alarming.MatchString(lines[i]) {
				t.top, t.stay = i, true
				return
			}
		}
	case actErrorUp:
		for i := min(t.top, len(lines)) - 1; i >= 0; i-- {
			if alarming.MatchString(lines[i]) {
				t.top, t.stay = i, true
				return
			}
		}
	default:
		c := list{at: t.top}
		c.move(a, len(lines), page)
		t.top, t.stay = c.at, a != actEnd
	}
}

// draw is the log in h lines.
func (t *taskLog) draw(l Look, title string, w, h int) []string {
	lines, follow := t.shown(), "follow:on"
	if t.stay {
		follow = "follow:off"
	}
	if t.alarms > 0 {
		title += "   " + plural(t.alarms, "error")
	}
	if t.query != "" {
		title += fmt.Sprintf("   / %s: %d", l.safe(t.query), len(lines))
	}
	out := []string{l.ends(l.paint(head, title), follow, w), l.paint(quiet, strings.Repeat("-", w))}
	room := h - len(out) - 1
	if room < 1 {
		return out
	}
	from := max(0, len(lines)-room)
	if t.stay {
		from = max(0, min(t.top, len(lines)-1))
	}
	body := make([]string, 0, room)
	for _, line := range lines[from:min(len(lines), from+room)] {
		body = append(body, t.fold(l, line, w)...)
	}
	if !t.stay && len(body) > room {
		body = body[len(body)-room:]
	}
	out = append(out, body[:min(room, len(body))]...)
	if t.Path != "" {
		out = append(out, l.paint(quiet, l.fit(" file: "+l.safe(t.Path), w)))
	}
	return out
}

// fold breaks a line over several, or cuts it.
func (t *taskLog) fold(l Look, line string, w int) []string {
	tone := plain
	if alarming.MatchString(line) {
		tone = bad
	}
	rows := []string{l.fit(" "+l.safe(line), w)}
	if t.wrap {
		rows = strings.Split(ansi.Hardwrap(" "+l.safe(line), w, true), "\n")
	}
	for i := range rows {
		rows[i] = l.paint(tone, rows[i])
	}
	return rows
}

func errorsIn(lines []string) int {
	n := 0
	for _, line := range lines {
		if alarming.MatchString(line) {
			n++
		}
	}
	return n
}
