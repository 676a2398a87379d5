package tui

import (
	"context"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"slipway/release/engine"
)

// pollEvery is how often the journal is asked. Four times a second reads as
// "live"; a snapshot costs a few milliseconds at 10,000 tasks.
const pollEvery = 250 * time.Millisecond

// toastFor is how long a short message stays.
const toastFor = 5 * time.Second

// Model is the console. It is the only Bubble Tea model; screens are parts of
// it with methods of their own.
type Model struct {
	env  Env
	src  Source
	look Look
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

	loaded  bool // the first poll has answered
	mouse   bool
	focused bool
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
	keys() []act
	// command is the verb that shows or does the same, without "slipway".
	command(m *Model) []string
}

type toast struct {
	text  string
	tone  tone
	until time.Time
}

// New makes a console; run names the release to open, empty for the list.
func New(env Env, src Source, run string) *Model {
	m := &Model{env: env, src: src, look: env.Look, focused: true, noticed: map[string]bool{}}
	m.screens = []screen{&home{}}
	if run != "" {
		m.enter(run)
	}
	return m
}

// Run shows the console on a terminal until it is left. What it shows goes on
// without it.
func Run(ctx context.Context, m *Model, in io.Reader, out io.Writer) error {
	_, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out)).Run()
	return err
}

// Init starts the polling, and asks the terminal for its background.
func (m *Model) Init() tea.Cmd {
	start := tea.Batch(m.poll(), tick())
	if m.look.Color {
		return tea.Batch(start, tea.RequestBackgroundColor)
	}
	return start
}

type tickMsg struct{}

func tick() tea.Cmd {
	return tea.Tick(pollEvery, func(time.Time) tea.Msg { return tickMsg{} })
}

// pollMsg is what one look at the journal gave.
type pollMsg struct {
	run   string
	runs  []engine.Run
	snap  *engine.Snapshot
	board board
	facts *Facts
	peeks map[string]peek

	product Product // where the list of releases is in sight
	log     *Log
	task    *TaskFacts
	about   taskKey // what log and task are about
	event   []engine.Event
	err     error
}

// poll looks at the journal once. What it needs is copied first: the model
// may have moved on when it answers.
func (m *Model) poll() tea.Cmd {
	src, run, top, before := m.src, m.run, m.top(), m.peeks
	var task taskKey
	var view engine.TaskView
	wantsTask := false
	if t, ok := top.(*taskScreen); ok {
		if v := t.view(m); v != nil {
			task, view = keyOfTask(*v), *v
			wantsTask = task != t.known
		}
	}
	_, wantsFacts := top.(factScreen)
	_, wantsHistory := top.(*historyScreen)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
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
		if wantsFacts {
			f, err := src.Facts(ctx, run)
			msg.facts, msg.err = &f, err
		}
		if wantsHistory {
			msg.event, msg.err = src.History(ctx, run, 0)
		}
		if task.id != "" {
			msg.about = task
			if l, err := src.Log(ctx, run, task.id, task.attempt, maxLogLines); err == nil {
				msg.log = &l
			}
		}
		if wantsTask {
			if f, err := src.Task(ctx, run, view); err == nil {
				msg.task = &f
			}
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
	if msg.facts != nil {
		m.facts = *msg.facts
	}
	switch top := m.top().(type) {
	case *taskScreen:
		if msg.about.id != top.id {
			break
		}
		if msg.log != nil {
			top.log = *msg.log
		}
		if msg.task != nil {
			top.facts, top.known = *msg.task, msg.about
		}
	case *historyScreen:
		if msg.event != nil {
			top.events = msg.event
		}
	}
	if d, ok := m.dialog.(*approval); ok {
		d.watch(m)
	}
	return m.notice()
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
