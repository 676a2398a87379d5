package tui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// ErrEnded is the end of the input in the middle of a question.
var ErrEnded = errors.New("the input ended before the question was answered")

// Talk is the console for ears: text that is only ever appended, numbered
// choices, labels before values. It asks for nothing that moves a cursor, and
// it acts through the same model as the screens.
type Talk struct {
	m     *Model
	in    *bufio.Reader
	out   io.Writer
	heard time.Time // of the last word on a release that is watched
}

// NewTalk makes a console that talks. Its text has no sign that a reader would
// spell out: ASCII, no colours.
func NewTalk(env Env, src Source, in io.Reader, out io.Writer) *Talk {
	env.Look = Look{ASCII: true}
	return &Talk{m: New(env, src, ""), in: bufio.NewReader(in), out: out}
}

// choice is one numbered line.
type choice struct {
	text string
	do   func() error
}

// errBack leaves a list of choices.
var errBack = errors.New("back")

// Run talks until the person leaves or the input ends.
func (t *Talk) Run() error {
	for {
		if err := t.look(); err != nil {
			return err
		}
		var list []choice
		for _, r := range t.m.runs {
			list = append(list, choice{
				fmt.Sprintf("%s: %s, %d of %d tasks passed, %d failed, %s waiting", r.ID, r.Shown(), r.Counts.Passed, r.Counts.Total(), r.Counts.Failed, plural(r.Counts.Held, "gate")),
				func() error { return t.release(r.ID) },
			})
		}
		if t.m.env.Product.Config != "" {
			list = append(list, choice{"start a new release of " + t.m.env.Product.Title, t.newRelease})
		} else {
			t.say("There is no slipway.yaml here. \"slipway demo\" ships a little product; \"slipway init NAME\" begins one of yours.")
		}
		switch err := t.choose("Releases", list, "leave"); {
		case errors.Is(err, errBack):
			return nil
		case err != nil:
			return err
		}
	}
}

// look asks the journal once.
func (t *Talk) look() error {
	t.run(t.m.poll())
	return t.m.fault
}

// run carries a command out and says how it ended.
func (t *Talk) run(cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		if done, ok := msg.(doneMsg); ok {
			if done.err != nil {
				t.say("Refused: %s: %v", done.what, done.err)
			} else {
				t.say("Done: %s: %s", done.what, done.said)
			}
		}
		if pollMsg, ok := msg.(pollMsg); ok {
			t.m.take(pollMsg)
			return
		}
		_, cmd = t.m.Update(msg)
	}
}

// act carries out one of the console's actions. What it refuses without
// asking anybody it says as a toast.
func (t *Talk) act(cmd tea.Cmd) error {
	if cmd == nil && t.m.toast.text != "" {
		t.say("Refused: %s", t.m.toast.text)
	}
	t.m.toast = toast{}
	t.run(cmd)
	return t.look()
}

// release tells where one release stands, and what can be done with it.
func (t *Talk) release(id string) error {
	t.m.enter(id)
	defer t.m.back()
	for {
		if err := t.look(); err != nil {
			return err
		}
		if t.m.snap == nil {
			return fmt.Errorf("%s: no such release", id)
		}
		t.standing()
		err := t.choose("What now", t.deeds(), "back to the releases")
		if errors.Is(err, errBack) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *Talk) standing() {
	s := t.m.snap
	t.say("Release: %s", s.Run.ID)
	t.say("State: %s, %d percent", s.Run.Shown(), t.m.board.percent())
	t.say("Tasks: %d of %d passed, %d running, %d failed", s.Counts.Passed, s.Counts.Total(), s.Counts.Running, s.Counts.Failed)
	if s.Why != "" {
		t.say("Not moving because: %s", s.Why)
	}
	if s.ETA > 0 && s.Run.Standing == pipeline.Moving {
		t.say("Work left, by former runs: %s", spell(s.ETA))
	}
}

// deeds are what this release offers now.
func (t *Talk) deeds() []choice {
	s := t.m.snap
	list := []choice{
		{"watch until it stops moving", t.watch},
		{"tell stage by stage", t.stages},
		{"list tasks by a filter", t.tasks},
		{"tell what happened last", t.news},
	}
	for _, g := range s.Gates {
		if g.State == pipeline.Held {
			list = append(list,
				choice{"approve " + g.Gate.Name + ": " + g.Gate.Question, func() error { return t.sign(g, false) }},
				choice{"reject " + g.Gate.Name, func() error { return t.sign(g, true) }})
		}
	}
	for _, c := range s.Causes {
		list = append(list, choice{
			fmt.Sprintf("retry %s that failed: %s: %s", plural(len(c.Tasks), "task"), c.Class, c.Cause),
			func() error { return t.act(t.m.send(retryOf("id:" + strings.Join(c.Tasks, ",")))) },
		})
	}
	switch {
	case s.Run.Halt != nil:
		list = append(list, choice{"resume", func() error { return t.act(t.m.send(engine.Command{Verb: "resume"})) }})
	case s.Run.Standing != pipeline.Done:
		list = append(list,
			choice{"pause: nothing new starts", func() error { return t.act(t.m.send(engine.Command{Verb: "pause"})) }},
			choice{"all stop: halt this candidate", func() error { return t.confirm(t.m.stopDialog()) }})
	}
	if steps := shares(s); len(steps) > 0 && steps[0].task.State == pipeline.Passed {
		list = append(list, choice{"halt its rollout, or resume it", func() error { return t.confirm(t.m.haltDialog(steps)) }})
	}
	return list
}
