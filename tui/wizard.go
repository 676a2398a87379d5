package tui

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"
)

// wizard is the new-release form: product, version, source, scope, updates,
// review. It plans as one types, writes nothing until the end, and the last
// step is go-to-build itself, with the mail in sight.
type wizard struct {
	step    int
	field   int
	suggest Suggestion
	ready   bool
	fault   string

	version, build string
	revisions      map[string]string
	chosen         map[string]bool // priors that get partials
	chemspill      bool
	preview        Preview
	previewOf      string // the draft that the preview shows
	asked          string // the draft whose preview is being made
	stop           context.CancelFunc
	scroll         int
	typed          string
	begun          bool // and not heard of since
	note           string
}

var steps = []string{"product", "version", "source", "updates", "scope", "review & go-to-build"}

const (
	stepProduct = iota
	stepVersion
	stepSource
	stepUpdates
	stepScope
	stepReview
)

// planTime bounds what the form asks for: a repository that was never fetched
// takes as long as it is large. Who does not want to wait leaves the form.
const planTime = 6 * time.Hour

// The answers name the form that asked: another may be open by now, or a screen
// on top of it.
type suggestMsg struct {
	form *wizard
	s    Suggestion
	err  error
}

type previewMsg struct {
	form *wizard
	of   string
	p    Preview
	err  error
}

func (m *Model) newRelease() tea.Cmd {
	if m.env.Product.Config == "" {
		m.say(warn, "there is no slipway.yaml here; slipway init writes one")
		return nil
	}
	if m.env.ReadOnly {
		m.say(warn, "read-only: no release can be started")
		return nil
	}
	z := &wizard{revisions: map[string]string{}, chosen: map[string]bool{}}
	m.screens = append(m.screens[:1], z)
	m.run, m.snap = "", nil
	src, ctx := m.src, z.asks("")
	return func() tea.Msg {
		s, err := src.Suggest(ctx)
		return suggestMsg{z, s, err}
	}
}

// asks begins a question, and ends the one before: nobody waits for it any more.
func (z *wizard) asks(of string) context.Context {
	z.leave()
	ctx, stop := context.WithTimeout(context.Background(), planTime)
	z.asked, z.stop = of, stop
	return ctx
}

func (z *wizard) leave() {
	if z.stop != nil {
		z.stop()
	}
	z.asked, z.stop = "", nil
}

func (*wizard) name() screenName  { return screenWizard }
func (*wizard) keys(*Model) []act { return []act{actOpen, actBack} }

// do has nothing to do: the form takes its keys before they become acts.
func (*wizard) do(*Model, act) tea.Cmd { return nil }

func (z *wizard) command(*Model) []string {
	if len(z.preview.Command) > 0 {
		return z.preview.Command
	}
	args := []string{"plan", z.version, "--build", z.build}
	for _, name := range z.suggest.Repositories {
		if rev := z.revisions[name]; rev != "" && name == "main" {
			args = append(args, "--rev", rev)
		} else if rev != "" {
			args = append(args, "--rev", name+"="+rev)
		}
	}
	return args
}

// start fills the form from the suggestion.
func (z *wizard) start(msg suggestMsg) {
	z.leave()
	z.ready = true
	if msg.err != nil {
		z.fault = msg.err.Error()
		return
	}
	z.suggest = msg.s
	z.version, z.build = msg.s.Version, strconv.Itoa(max(1, msg.s.Build))
	for _, name := range msg.s.Repositories {
		if recent := msg.s.Recent[name]; len(recent) > 0 {
			z.revisions[name] = recent[0].Revision
		}
	}
	for _, v := range msg.s.Usual {
		z.chosen[v] = true
	}
}

func (z *wizard) take(msg previewMsg) {
	if msg.of != z.asked || errors.Is(msg.err, context.Canceled) {
		return // another was asked for since, or none
	}
	z.leave()
	z.preview, z.previewOf, z.fault = msg.p, msg.of, ""
	if msg.err != nil {
		z.fault = msg.err.Error()
	}
}

func (z *wizard) draft() Draft {
	build, _ := strconv.Atoi(z.build) // an empty field is 0, which the plan refuses by name
	d := Draft{Version: z.version, Build: build, Revisions: z.revisions, From: []string{}, Urgency: "routine"}
	for _, v := range z.suggest.Priors {
		if z.chosen[v] {
			d.From = append(d.From, v)
		}
	}
	if z.chemspill {
		d.Urgency = "chemspill"
	}
	return d
}

func (z *wizard) draftKey() string { return fmt.Sprintf("%+v", z.draft()) }

// planned tells whether the preview is that of the draft as it is now.
func (z *wizard) planned() bool { return z.previewOf == z.draftKey() }

func (z *wizard) plan(m *Model) tea.Cmd {
	src, d, of := m.src, z.draft(), z.draftKey()
	if of == z.asked {
		return nil
	}
	z.fault, z.previewOf = "", ""
	ctx := z.asks(of)
	return func() tea.Msg {
		p, err := src.Preview(ctx, d)
		return previewMsg{z, of, p, err}
	}
}

func (z *wizard) begin(m *Model) tea.Cmd {
	src, d := m.src, z.draft()
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), planTime)
		defer cancel()
		run, err := src.Begin(ctx, d)
		return doneMsg{what: "go to build " + run, said: "the engine is on its way", err: err, open: run}
	}
}
