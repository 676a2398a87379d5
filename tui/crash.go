package tui

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// Crash is a panic of the console, told after the terminal is itself again.
type Crash struct {
	Value any
	Stack []byte // where it happened
}

func (c *Crash) Error() string {
	return fmt.Sprintf("the console ended by a defect of its own: %v\n%s", c.Value, c.Stack)
}

// Run shows the console on a terminal until it is left. What it shows goes on
// without it. The error is a [*Crash] when the console itself is at fault.
func Run(ctx context.Context, m *Model, in io.Reader, out io.Writer) error {
	g := &guard{m: m}
	p := tea.NewProgram(g, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out))
	g.quit = p.Quit
	_, err := p.Run()
	if g.crash != nil {
		return g.crash
	}
	return err
}

// guard catches what panics in the model, keeps it, and leaves the console in
// order. Bubble Tea alone would print a command's panic on the screen that it
// clears next.
type guard struct {
	m     *Model
	quit  func()
	crash *Crash // the first
}

func (g *guard) keep(c *Crash) {
	if g.crash == nil {
		g.crash = c
	}
}

func (g *guard) Init() tea.Cmd { return guarded(g.m.Init()) }

func (g *guard) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.keep(&Crash{v, debug.Stack()})
			next, cmd = g, tea.Quit
		}
	}()
	if c, ok := msg.(*Crash); ok {
		g.keep(c)
		return g, tea.Quit
	}
	_, cmd = g.m.Update(msg)
	return g, guarded(cmd)
}

func (g *guard) View() (v tea.View) {
	defer func() {
		if r := recover(); r != nil {
			g.keep(&Crash{r, debug.Stack()})
			go g.quit() // it waits for the loop that we are in
		}
	}()
	return g.m.View()
}

// guarded is a command whose panic becomes a message.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				msg = &Crash{v, debug.Stack()}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guarded(batch[i])
			}
		}
		return msg
	}
}
