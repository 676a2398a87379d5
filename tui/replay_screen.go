package tui

import (
	"fmt"
	"sort"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// replayScreen is the board as it stood after an event of the history. Left
// and right go through the events that were news.
type replayScreen struct {
	boardScreen
	now    *engine.Snapshot // what the past is folded from
	events []engine.Event   // oldest first, at least one
	last   int              // the index of the last event taken in

	then  *engine.Snapshot
	board board
}

func newReplay(now *engine.Snapshot, events []engine.Event, seq int64) *replayScreen {
	r := &replayScreen{now: now, events: events}
	r.fold(sort.Search(len(events)-1, func(i int) bool { return events[i].Seq >= seq }))
	return r
}

// fold goes to the moment after an event.
func (r *replayScreen) fold(last int) {
	r.last = max(0, min(last, len(r.events)-1))
	r.then = r.now.Then(r.events, r.events[r.last].Seq)
	r.board = count(r.then)
}

// model is the console as it would have been: every part of a frame is drawn
// from the snapshot, so the past needs no drawing of its own.
func (r *replayScreen) model(m *Model) *Model {
	then := *m
	then.snap, then.board = r.then, r.board
	return &then
}

func (*replayScreen) name() screenName            { return screenReplay }
func (*replayScreen) keys(*Model) []act           { return nil }
func (r *replayScreen) command(m *Model) []string { return []string{"history", m.run} }

// hint is the key row.
func (r *replayScreen) hint(m *Model) string {
	key := func(acts ...act) string {
		var words []string
		for _, a := range acts {
			words = append(words, m.spellKey(m.keys.key(a)))
		}
		return strings.Join(words, " ")
	}
	return m.look.hints(key(actLeft, actRight), "event back, on", key(actPageUp, actPageDown), "a tenth",
		key(actTop, actEnd), "first, last", key(actBack), "to the present")
}

func (r *replayScreen) do(_ *Model, a act) tea.Cmd {
	tenth := max(1, len(r.events)/10)
	switch a {
	case actLeft:
		r.fold(r.news(-1))
	case actRight:
		r.fold(r.news(+1))
	case actPageUp:
		r.fold(r.last - tenth)
	case actPageDown:
		r.fold(r.last + tenth)
	case actTop:
		r.fold(0)
	case actEnd:
		r.fold(len(r.events) - 1)
	case actUp, actDown:
		r.moved = r.move(a, len(r.board.stages), 5)
	}
	return nil
}

// news is the nearest event, backward or forward, that was news.
func (r *replayScreen) news(step int) int {
	for i := r.last + step; i >= 0 && i < len(r.events); i += step {
		if isNews(r.events[i]) {
			return i
		}
	}
	return r.last
}

func (r *replayScreen) body(m *Model, w, h int) []string {
	l, e := m.look, r.events[r.last]
	title := fmt.Sprintf(" AS IT WAS  %s  after entry #%d of %d: %s", e.At.UTC().Format("2006-01-02 15:04:05Z"), e.Seq, r.events[len(r.events)-1].Seq, l.safe(eventLine(e)))
	return append([]string{l.paint(warn, l.fit(title, w))}, r.boardScreen.body(m, w, h-1)...)
}
