package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// pollEvery is how often the journal is asked. Four times a second reads as
// "live"; a snapshot costs a few milliseconds at 10,000 tasks.
const pollEvery = 250 * time.Millisecond

// pollTime bounds one look at the journal.
const pollTime = 10 * time.Second

type tickMsg struct{}

func tick() tea.Cmd {
	return tea.Tick(pollEvery, func(time.Time) tea.Msg { return tickMsg{} })
}

// asker is a screen that wants more than the snapshot.
type asker interface {
	// ask is called by the model; what it returns runs beside it.
	ask(m *Model) question
}

// question reads through the source and returns what puts the answer into the
// model; both may be nil.
type question func(ctx context.Context, src Source) (answer func(m *Model), err error)

// pollMsg is what one look at the journal gave.
type pollMsg struct {
	run    string
	runs   []engine.Run
	snap   *engine.Snapshot
	board  board
	answer func(m *Model)

	peeks   map[string]peek // where the list of releases is in sight
	product Product
	err     error
}

// poll looks at the journal once. What it needs is copied first: the model
// may have moved on when it answers.
func (m *Model) poll() tea.Cmd {
	src, run, before := m.src, m.run, m.peeks
	var ask question
	if a, ok := m.top().(asker); ok && run != "" {
		ask = a.ask(m)
	}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), pollTime)
		defer cancel()
		msg := pollMsg{run: run}
		if msg.runs, msg.err = src.Runs(ctx); msg.err != nil {
			return msg
		}
		if run == "" {
			msg.product = src.Product()
			msg.peeks, msg.err = peeks(ctx, src, msg.runs, before)
			return msg
		}
		if msg.snap, msg.err = src.Snapshot(ctx, run); msg.err != nil {
			return msg
		}
		msg.board = count(msg.snap)
		if ask != nil {
			msg.answer, msg.err = ask(ctx, src)
		}
		return msg
	}
}

// take puts a poll's answer into the model.
func (m *Model) take(msg pollMsg) tea.Cmd {
	m.loaded, m.fault = true, msg.err
	if msg.runs != nil {
		m.runs = msg.runs
	}
	if msg.run != m.run || msg.err != nil {
		return nil
	}
	if msg.peeks != nil {
		m.peeks, m.env.Product = msg.peeks, msg.product
	}
	if msg.snap != nil {
		m.snap, m.board = msg.snap, msg.board
	}
	if msg.answer != nil {
		msg.answer(m)
	}
	if d, ok := m.dialog.(*approval); ok {
		d.watch(m)
	}
	return m.notice()
}

// askFacts is the question of the screens beside the board.
func askFacts(m *Model) question {
	run := m.run
	return func(ctx context.Context, src Source) (func(*Model), error) {
		f, err := src.Facts(ctx, run)
		if err != nil {
			return nil, err
		}
		return func(m *Model) { m.facts = f }, nil
	}
}
