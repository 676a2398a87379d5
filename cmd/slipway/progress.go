package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

// bars keeps a few lines at the bottom of a terminal up to date; failures and
// what people do scroll by above them.
type bars struct {
	w     io.Writer
	above plain
	drawn int // lines to go back over
	ascii bool
	width func() int
}

// maxRunning bounds the rows of running tasks: more than eight jump about
// faster than anyone reads.
const maxRunning = 8

func newBars(w io.Writer) *bars {
	b := &bars{w: w, ascii: !utf8Locale(os.Getenv)}
	b.width = func() int {
		if f, ok := w.(*os.File); ok {
			if cols, _, err := term.GetSize(int(f.Fd())); err == nil && cols > 0 {
				return cols
			}
		}
		return 80
	}
	return b
}

func (p *bars) show(s *engine.Snapshot, fresh []engine.Event) error {
	var out bytes.Buffer
	p.back(&out)
	p.above.w = &out
	var news []engine.Event
	for _, e := range fresh {
		switch {
		case e.Type != engine.TaskEvent, e.To == pipeline.Failed, e.To == pipeline.Held, e.To == pipeline.Retrying:
			news = append(news, e)
		}
	}
	p.above.began, p.above.last = true, s.At
	p.above.passed = s.Counts.Passed
	for _, e := range news {
		p.above.passed -= passedBy(e)
	}
	if err := p.above.show(s, news); err != nil {
		return err
	}
	lines := p.frame(s)
	for _, line := range lines {
		out.WriteString(cut(line, p.width()-1))
		out.WriteByte('\n')
	}
	p.drawn = len(lines)
	_, err := p.w.Write(out.Bytes())
	return err
}

func (p *bars) end(s *engine.Snapshot) error {
	var out bytes.Buffer
	p.back(&out)
	p.above.w = &out
	if err := p.above.end(s); err != nil {
		return err
	}
	_, err := p.w.Write(out.Bytes())
	return err
}

// back goes to the first of the lines drawn last time and clears from there.
func (p *bars) back(out *bytes.Buffer) {
	if p.drawn > 0 {
		fmt.Fprintf(out, "\x1b[%dA\x1b[J", p.drawn)
		p.drawn = 0
	}
}

func (p *bars) frame(s *engine.Snapshot) []string {
	var lines []string
	for _, st := range byStage(s) {
		c, n := st.counts, st.counts.Total()
		if n > 1 && c.Passed < n && c.Passed+c.Running+c.Failed+c.Retrying > 0 {
			lines = append(lines, fmt.Sprintf(" %-12s %s %4d/%d%s", st.name, p.bar(c.Passed, n, 20), c.Passed, n, extras(c)))
		}
	}
	running := longest(s, maxRunning)
	for _, t := range running {
		line := fmt.Sprintf("   %-40s %7s", t.ID, span(t.Took(s.At)))
		if t.Progress.Total > 0 {
			line += fmt.Sprintf("  %3d%%", 100*t.Progress.Done/t.Progress.Total)
		}
		if t.Usual > 0 {
			line += "  usual " + span(t.Usual)
		}
		if t.Quiet {
			line += "  ! no output"
		}
		lines = append(lines, line)
	}
	if more := s.Counts.Running - len(running); more > 0 {
		lines = append(lines, fmt.Sprintf("   +%d more", more))
	}
	total := s.Counts.Total()
	last := fmt.Sprintf(" %s %s %d of %d%s", s.Run.ID, p.bar(s.Counts.Passed, total, 30), s.Counts.Passed, total, extras(s.Counts))
	if s.ETA > 0 && s.Counts.Running > 0 {
		last += "  about " + span(s.ETA)
	}
	if s.Why != "" {
		last += "  " + text.Sanitize(s.Why)
	}
	return append(lines, last)
}

func extras(c pipeline.Counts) string {
	var b strings.Builder
	for _, s := range []pipeline.State{pipeline.Failed, pipeline.Held, pipeline.Retrying} {
		if n := c.Of(s); n > 0 {
			fmt.Fprintf(&b, "  %d %s", n, word(s))
		}
	}
	return b.String()
}

func (p *bars) bar(done, total, width int) string {
	full, empty := "█", "░"
	if p.ascii {
		full, empty = "#", "-"
	}
	n := 0
	if total > 0 {
		n = done * width / total
	}
	return strings.Repeat(full, n) + strings.Repeat(empty, width-n)
}

// cut keeps a line on one row. Every rune here is one cell wide: names of
// tasks are ASCII, and the rest is ours.
func cut(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return string(r[:max(0, width)])
}

// longest returns the running tasks that began first.
func longest(s *engine.Snapshot, n int) []engine.TaskView {
	if s.Counts.Running == 0 {
		return nil
	}
	var running []engine.TaskView
	for _, t := range s.Tasks {
		if t.State == pipeline.Running {
			running = append(running, t)
		}
	}
	slices.SortStableFunc(running, func(a, b engine.TaskView) int { return a.Started.Compare(b.Started) })
	return running[:min(n, len(running))]
}
