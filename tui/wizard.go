package tui

import (
	"context"
	"fmt"
	"strconv"

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
	scroll         int
	typed          string
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

type suggestMsg struct {
	s   Suggestion
	err error
}

type previewMsg struct {
	of  string
	p   Preview
	err error
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
	m.screens = append(m.screens[:1], &wizard{revisions: map[string]string{}, chosen: map[string]bool{}})
	m.run, m.snap = "", nil
	src := m.src
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), actionTime)
		defer cancel()
		s, err := src.Suggest(ctx)
		return suggestMsg{s, err}
	}
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
	if msg.of != z.draftKey() {
		return // of a draft that has changed since
	}
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

func (z *wizard) plan(m *Model) tea.Cmd {
	src, d, of := m.src, z.draft(), z.draftKey()
	z.fault = ""
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), actionTime)
		defer cancel()
		p, err := src.Preview(ctx, d)
		return previewMsg{of, p, err}
	}
}

func (z *wizard) begin(m *Model) tea.Cmd {
	src, d := m.src, z.draft()
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), actionTime)
		defer cancel()
		run, err := src.Begin(ctx, d)
		return doneMsg{what: "go to build " + run, said: "the engine is on its way", err: err, open: run}
	}
}
