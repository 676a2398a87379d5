package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/pipeline"
)

func (t *Talk) stages() error {
	for _, s := range t.m.board.stages {
		t.say("Stage %s: %s, %d of %d passed, %d failed, work left %s", s.name, markOf(worst(s.total)).word, s.total.Passed, s.total.Total(), s.total.Failed, leftWord(s))
	}
	return nil
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
