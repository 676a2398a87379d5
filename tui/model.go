package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// toastFor is how long a short message stays.
const toastFor = 5 * time.Second

// Model is the console. It is the only Bubble Tea model; screens are parts of
// it with methods of their own.
type Model struct {
	env  Env
	src  Source
	look Look
	keys Keymap
	w, h int

	runs  []engine.Run
	run   string           // the release looked at
	snap  *engine.Snapshot // of that release; nil until it arrived
	board board            // counted from the snapshot
	facts Facts
	peeks map[string]peek // of the releases in the list
	fault error           // what the last poll said, when it failed

	screens []screen // the last one is shown
	dialog  dialog   // asked on top of it; nil when nothing is asked
	line    *line    // a filter or the palette being typed; nil when not
	help    bool
	toast   toast
	pending *pending // a retry that can still be taken back

	pressed string // the key of the act under way, for acts that have several
	loaded  bool   // the first poll has answered
	mouse   bool
	focus   focus
	noticed map[string]bool // what a bell has been rung for
}

// screen is one page of the console.
type screen interface {
	name() screenName
	// body draws the part between the header and the alert row.
	body(m *Model, w, h int) []string
	// do reacts to an act that is not the console's own.
	do(m *Model, a act) tea.Cmd
	// keys are the acts shown in the key row.
	keys(m *Model) []act
	// command is the verb that shows or does the same, without "slipway".
	command(m *Model) []string
}

// focus is whether somebody looks, as far as the terminal tells.
type focus int

const (
	focusUnknown focus = iota // tmux tells nothing unless focus-events is on
	focusIn
	focusOut
)

type toast struct {
	text  string
	tone  tone
	until time.Time
}

// New makes a console; run names the release to open, empty for the list.
func New(env Env, src Source, run string) *Model {
	m := &Model{env: env, src: src, look: env.Look, keys: env.Keys, noticed: map[string]bool{}}
	if m.keys == nil {
		m.keys = standardKeys
	}
	m.screens = []screen{&home{}}
	if run != "" {
		m.enter(run)
	}
	return m
}

// Init starts the polling, and asks the terminal for its background.
func (m *Model) Init() tea.Cmd {
	start := tea.Batch(m.poll(), tick())
	if m.look.Color {
		return tea.Batch(start, tea.RequestBackgroundColor)
	}
	return start
}

func (m *Model) top() screen { return m.screens[len(m.screens)-1] }

// push opens a screen on top of the present one.
func (m *Model) push(s screen) tea.Cmd {
	m.screens = append(m.screens, s)
	return m.poll()
}

// enter opens a release's board on top of the list.
func (m *Model) enter(run string) {
	if run != m.run {
		m.run, m.snap, m.board, m.facts = run, nil, board{}, Facts{}
	}
	m.screens = append(m.screens[:1], &boardScreen{})
}

// back leaves a screen, never the console.
func (m *Model) back() {
	if len(m.screens) > 1 {
		m.screens = m.screens[:len(m.screens)-1]
	}
	if len(m.screens) == 1 {
		m.run, m.snap = "", nil
	}
}

// say shows a short message.
func (m *Model) say(t tone, text string) {
	m.toast = toast{text: text, tone: t, until: m.env.Now().Add(toastFor)}
}
