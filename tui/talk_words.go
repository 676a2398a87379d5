package tui

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/pipeline"
	"slipway/release/text"
)

// heartbeat is how often a release that does nothing is spoken of.
const heartbeat = 30 * time.Second

// say appends one line. Nothing else is ever written.
func (t *Talk) say(format string, args ...any) {
	fmt.Fprintln(t.out, text.Sanitize(fmt.Sprintf(format, args...)))
}

// ask prints a prompt and reads one line.
func (t *Talk) ask(prompt string) (string, error) {
	t.say("%s:", prompt)
	line, err := t.in.ReadString('\n')
	if err == io.EOF && line == "" {
		return "", ErrEnded
	}
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// choose numbers a list from 1; 0 leaves it.
func (t *Talk) choose(title string, list []choice, leave string) error {
	t.say("")
	t.say("%s:", title)
	for i, c := range list {
		t.say("%d: %s", i+1, c.text)
	}
	t.say("0: %s", leave)
	for {
		answer, err := t.ask("Number")
		if errors.Is(err, ErrEnded) {
			return errBack // nothing was half answered
		}
		if err != nil {
			return err
		}
		switch n, err := strconv.Atoi(answer); {
		case err == nil && n == 0:
			return errBack
		case err == nil && n > 0 && n <= len(list):
			return list[n-1].do()
		}
		t.say("Not understood: %q. Type a number from 0 to %d.", answer, len(list))
	}
}

func (t *Talk) stages() error {
	for _, s := range t.m.board.stages {
		t.say("Stage %s: %s, %d of %d passed, %d failed, work left %s", s.name, markOf(worst(s.total)).word, s.total.Passed, s.total.Total(), s.total.Failed, leftWord(s))
	}
	return nil
}

// tasks lists what a filter picks, and shows one of them with its log.
func (t *Talk) tasks() error {
	query, err := t.ask("Filter, for example state:failed platform:win64")
	if err != nil {
		return err
	}
	sel, err := pipeline.Select(query)
	if err != nil {
		t.say("Not understood: %v", err)
		return nil
	}
	const most = 20 // as much as one listens to
	var list []choice
	picked := 0
	for i := range t.m.snap.Tasks {
		v := &t.m.snap.Tasks[i]
		if !sel.Picks(*v.Task, v.State, v.Trouble.Class) {
			continue
		}
		if picked++; picked <= most {
			list = append(list, choice{v.ID + ": " + markOf(v.State).word + " " + v.Trouble.Cause, func() error { return t.task(v.ID) }})
		}
	}
	t.say("Picked: %s", plural(picked, "task"))
	if picked > most {
		t.say("Only the first %d are told; a longer filter picks fewer.", most)
	}
	if err := t.choose("Tasks", list, "back"); !errors.Is(err, errBack) {
		return err
	}
	return nil
}

func (t *Talk) task(id string) error {
	s := &taskScreen{id: id}
	t.m.screens = append(t.m.screens, s)
	defer func() { t.m.screens = t.m.screens[:len(t.m.screens)-1] }()
	if err := t.look(); err != nil {
		return err
	}
	v := s.view(t.m)
	t.say("Task: %s. %s", v.ID, v.Title)
	t.say("State: %s, attempt %d, took %s", markOf(v.State).word, v.Attempt, spell(v.Took(t.m.snap.At)))
	if v.Trouble.Cause != "" {
		t.say("Cause: %s: %s", v.Trouble.Class, v.Trouble.Cause)
		t.say("Remedy: %s", remedy(v.Trouble.Class, "a retry"))
	}
	const tail = 20
	t.say("Log: %s, the last %d", plural(s.log.Total, "line"), min(tail, len(s.log.Lines)))
	for _, line := range s.log.Lines[max(0, len(s.log.Lines)-tail):] {
		t.say("Log line: %s", line)
	}
	if v.State != pipeline.Failed {
		return nil
	}
	err := t.choose("What now", []choice{{"retry this task", func() error { return t.act(t.m.send(retryOf("id:" + id))) }}}, "back")
	if errors.Is(err, errBack) {
		return nil
	}
	return err
}

func (t *Talk) news() error {
	for _, e := range newest(t.m.snap.Events, 10) {
		t.say("%s by %s: %s", e.At.UTC().Format("15:04:05"), actor(e), eventLine(e))
	}
	return nil
}

// watch tells what turns out, and in silence a word each half minute, until
// the release waits for somebody or is over.
func (t *Talk) watch() error {
	seen := t.m.snap.Run.Seq
	t.heard = t.m.env.Now()
	for {
		for _, e := range t.m.snap.Events {
			if e.Seq > seen && isNews(e) {
				t.say("%s", eventLine(e))
				t.heard = t.m.env.Now()
			}
		}
		seen = t.m.snap.Run.Seq
		if t.m.snap.Run.Standing != pipeline.Moving || t.m.snap.Why != "" {
			return nil
		}
		if t.m.env.Now().Sub(t.heard) >= heartbeat {
			t.say("Still running: %d of %d passed", t.m.snap.Counts.Passed, t.m.snap.Counts.Total())
			t.heard = t.m.env.Now()
		}
		tea.Tick(pollEvery, func(time.Time) tea.Msg { return nil })()
		if err := t.look(); err != nil {
			return err
		}
	}
}

// newRelease asks what the form asks, field by field, and plans as it does.
func (t *Talk) newRelease() error {
	if t.m.env.ReadOnly {
		t.say("Refused: read-only: no release can be started")
		return nil
	}
	t.run(t.m.newRelease())
	z, ok := t.m.top().(*wizard)
	if !ok {
		return nil
	}
	defer t.m.back()
	if z.fault != "" {
		t.say("Refused: %s", z.fault)
		return nil
	}
	if err := t.fill(z); err != nil {
		return err
	}
	t.run(z.plan(t.m))
	if z.fault != "" {
		t.say("Refused: %s", z.fault)
		return nil
	}
	for _, line := range z.preview.Lines {
		t.say("Plan: %s", line)
	}
	for _, s := range z.preview.Stages {
		t.say("Stage %s: %s", s.Name, plural(s.Tasks, "task"))
	}
	t.say("Total: %s", z.total())
	for _, d := range z.preview.Differences {
		t.say("Other than %s: %s", z.preview.Since, d)
	}
	for _, p := range z.preview.Problems {
		t.say("Problem: %s", p)
	}
	for _, line := range strings.Split(z.preview.Mail, "\n") {
		t.say("Mail: %s", line)
	}
	typed, err := t.ask("Type the version, " + z.version + ", to go to build; anything else does nothing")
	if err != nil {
		return err
	}
	z.step, z.typed = stepReview, typed
	cmd := z.next(t.m)
	if z.note != "" {
		t.say("Not started: %s", z.note)
		return nil
	}
	t.run(cmd)
	return nil
}

// fill asks for the draft; an empty answer keeps what is proposed.
func (t *Talk) fill(z *wizard) error {
	keep := func(label string, value *string) error {
		answer, err := t.ask(label + ", empty for " + *value)
		if answer != "" {
			*value = answer
		}
		return err
	}
	if err := keep("Version", &z.version); err != nil {
		return err
	}
	if err := keep("Build number", &z.build); err != nil {
		return err
	}
	for _, name := range z.suggest.Repositories {
		for _, c := range z.suggest.Recent[name] {
			t.say("Commit of %s: %s by %s, %s: %s", name, c.Revision, c.Author, c.When, c.Subject)
		}
		rev := z.revisions[name]
		if err := keep("Revision of "+name, &rev); err != nil {
			return err
		}
		z.revisions[name] = rev
	}
	urgency := "routine"
	if err := keep("Urgency, routine or chemspill", &urgency); err != nil {
		return err
	}
	z.chemspill = urgency == "chemspill"
	for _, v := range z.suggest.Priors {
		yes := map[bool]string{true: "yes", false: "no"}[z.chosen[v]]
		if err := keep("Partials from "+v+", yes or no", &yes); err != nil {
			return err
		}
		z.chosen[v] = yes == "yes"
	}
	return nil
}
