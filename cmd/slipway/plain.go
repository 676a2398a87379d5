package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
	"slipway/release/text"
)

// plain prints one line per change and shortens nothing: it is what a log file
// keeps. Failed tasks' logs are printed once, at the end.
type plain struct {
	w      io.Writer
	passed int
	began  bool
	last   time.Time // when something was last printed
}

// heartbeat is the longest silence: CI systems kill what says nothing.
const heartbeat = 30 * time.Second

func (p *plain) show(s *engine.Snapshot, fresh []engine.Event) error {
	if !p.began {
		p.began, p.last = true, s.At
		// What had passed before these events.
		p.passed = s.Counts.Passed
		for _, e := range fresh {
			p.passed -= passedBy(e)
		}
	}
	var b bytes.Buffer
	for _, e := range fresh {
		p.passed += passedBy(e)
		p.line(&b, s, e)
	}
	if b.Len() == 0 && s.At.Sub(p.last) >= heartbeat {
		p.beat(&b, s)
	}
	if b.Len() == 0 {
		return nil
	}
	p.last = s.At
	_, err := p.w.Write(b.Bytes())
	return err
}

func passedBy(e engine.Event) (n int) {
	if e.To == pipeline.Passed {
		n++
	}
	if e.From == pipeline.Passed {
		n--
	}
	return n
}

func (p *plain) line(b *bytes.Buffer, s *engine.Snapshot, e engine.Event) {
	fmt.Fprintf(b, "%s [%d/%d] ", e.At.UTC().Format("15:04:05Z"), p.passed, s.Counts.Total())
	switch e.Type {
	case engine.TaskEvent:
		taskLine(b, s, e)
	case engine.ApprovalEvent:
		fmt.Fprintf(b, "%s %s by %s", e.What, e.Task, text.Sanitize(e.By))
		if e.Role != "" {
			fmt.Fprintf(b, " as %s", text.Sanitize(e.Role))
		}
		fmt.Fprintf(b, ", %d of %d%s", e.Have, e.Need, quoted(e.Text))
	case engine.CommandEvent:
		fmt.Fprintf(b, "%s by %s%s", e.What, text.Sanitize(e.By), quoted(e.Text))
	case engine.RunEvent:
		fmt.Fprintf(b, "%s %s", s.Run.ID, e.What)
		if e.Standing != "" && e.Standing != pipeline.Moving && e.What != "interrupted" {
			fmt.Fprintf(b, ": %s", e.Standing)
		}
		if e.By != "" {
			fmt.Fprintf(b, " by %s", text.Sanitize(e.By))
		}
		b.WriteString(quoted(e.Text))
	}
	b.WriteByte('\n')
}

func taskLine(b *bytes.Buffer, s *engine.Snapshot, e engine.Event) {
	fmt.Fprintf(b, "%s %s", word(e.To), e.Task)
	switch {
	case e.Cached:
		b.WriteString(" (found)")
	case e.Took > 0:
		fmt.Fprintf(b, " %s", span(time.Duration(e.Took)*time.Millisecond))
	}
	if e.Attempt > 1 || e.To == pipeline.Retrying || e.To == pipeline.Failed {
		fmt.Fprintf(b, " attempt %d", e.Attempt)
	}
	switch e.To {
	case pipeline.Failed, pipeline.Retrying, pipeline.Cancelled:
		fmt.Fprintf(b, ": %s", firstLine(e.Text))
		if e.Class != "" && e.Class != pipeline.Unknown {
			fmt.Fprintf(b, " (%s)", e.Class)
		}
	case pipeline.Held:
		fmt.Fprintf(b, ": %d of %d sign-offs", e.Have, e.Need)
		for _, g := range s.Gates {
			if g.Task == e.Task && len(g.Missing) > 0 {
				fmt.Fprintf(b, "; slipway approve %s %s --as %s --reason \"…\"", s.Run.ID, g.Task, g.Missing[0].Role)
			}
		}
	default:
		if e.Text != "" {
			fmt.Fprintf(b, ": %s", firstLine(e.Text))
		}
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return ": " + text.Sanitize(s)
}

// beat says that the run lives, and what it is at.
func (p *plain) beat(b *bytes.Buffer, s *engine.Snapshot) {
	fmt.Fprintf(b, "%s [%d/%d] ", s.At.UTC().Format("15:04:05Z"), p.passed, s.Counts.Total())
	if s.Why != "" {
		fmt.Fprintf(b, "%s\n", text.Sanitize(s.Why))
		return
	}
	fmt.Fprintf(b, "running %d", s.Counts.Running)
	for i, t := range longest(s, 3) {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(b, "%s%s %s", sep, t.ID, span(t.Took(s.At)))
	}
	b.WriteByte('\n')
}

func (p *plain) end(s *engine.Snapshot) error {
	var b bytes.Buffer
	for _, t := range s.Tasks {
		if t.State != pipeline.Failed {
			continue
		}
		fmt.Fprintf(&b, "\nFAIL %s (attempt %d, %s)\n  %s\n", t.ID, t.Attempt, t.Trouble.Class,
			strings.ReplaceAll(text.SanitizeLines(t.Trouble.Text), "\n", "\n  "))
	}
	if len(s.Causes) > 0 {
		fmt.Fprintf(&b, "\nFAILED %d, causes: %d\n", s.Counts.Failed, len(s.Causes))
		for _, c := range s.Causes {
			fmt.Fprintf(&b, "  [%d] %s: %s\n", len(c.Tasks), c.Class, text.Sanitize(c.Cause))
		}
	}
	fmt.Fprintf(&b, "%s\n", summary(s))
	_, err := p.w.Write(b.Bytes())
	return err
}

// summary is the last line of a run.
func summary(s *engine.Snapshot) string {
	line := fmt.Sprintf("%s %s: %d of %d tasks passed", s.Run.ID, s.Run.Shown(), s.Counts.Passed, s.Counts.Total())
	for _, st := range pipeline.States() {
		if n := s.Counts.Of(st); n > 0 && st != pipeline.Passed {
			line += fmt.Sprintf(", %d %s", n, st)
		}
	}
	return line
}
