package tui

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/text"
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

func (*wizard) name() screenName { return screenWizard }
func (*wizard) keys() []act      { return []act{actOpen, actBack} }

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
	for i, v := range msg.s.Priors {
		z.chosen[v] = i < 2
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

// key takes what a form needs; false hands the key to the console.
func (z *wizard) key(m *Model, k tea.KeyPressMsg) (tea.Cmd, bool) {
	name := k.String()
	z.note = ""
	switch name {
	case "esc":
		if z.step == 0 {
			m.back()
		} else {
			z.step, z.field = z.step-1, 0
		}
		return nil, true
	case "enter":
		return z.next(m), true
	case "tab", "down":
		z.field++
	case "shift+tab", "up":
		z.field--
	case "pgdown":
		z.scroll += 10
	case "pgup":
		z.scroll = max(0, z.scroll-10)
	default:
		return nil, z.type_(m, k)
	}
	z.field = (z.field + z.fields()) % z.fields()
	return nil, true
}

// fields is how many places the cursor has on this step.
func (z *wizard) fields() int {
	switch z.step {
	case stepVersion:
		return 3
	case stepSource:
		return max(1, len(z.suggest.Repositories))
	case stepUpdates:
		return max(1, len(z.suggest.Priors))
	}
	return 1
}

// type_ is one key of text or a toggle.
func (z *wizard) type_(m *Model, k tea.KeyPressMsg) bool {
	name := k.String()
	switch {
	case name == "ctrl+l" || name == "ctrl+z":
		return false
	case z.step == stepProduct || z.step == stepScope:
		return name != "?" && name != "y" && name != "q" // those keep their meaning where nothing is typed
	case z.step == stepVersion && z.field == 0:
		z.version = edit(z.version, k)
	case z.step == stepVersion && z.field == 1:
		z.build = edit(z.build, k)
	case z.step == stepVersion:
		z.chemspill = z.chemspill != (name == "space")
	case z.step == stepSource && len(z.suggest.Repositories) > 0:
		z.revise(z.suggest.Repositories[z.field], k)
	case z.step == stepUpdates && len(z.suggest.Priors) > 0:
		if v := z.suggest.Priors[z.field]; name == "space" {
			z.chosen[v] = !z.chosen[v]
		}
	case z.step == stepReview:
		z.typed = edit(z.typed, k)
	}
	return true
}

// revise changes a revision: left and right walk the recent commits, typing
// edits it.
func (z *wizard) revise(name string, k tea.KeyPressMsg) {
	recent := z.suggest.Recent[name]
	at := -1
	for i, c := range recent {
		if c.Revision == z.revisions[name] {
			at = i
		}
	}
	switch k.String() {
	case "left":
		if at > 0 {
			z.revisions[name] = recent[at-1].Revision
		}
	case "right":
		if at+1 < len(recent) {
			z.revisions[name] = recent[at+1].Revision
		}
	default:
		z.revisions[name] = edit(z.revisions[name], k)
	}
}

// next goes one step on; the last one starts the release.
func (z *wizard) next(m *Model) tea.Cmd {
	if !z.ready || z.step == stepProduct && z.fault != "" {
		return nil
	}
	if name, ok := z.unpinned(); ok && z.step == stepSource {
		z.note = name + " has no revision yet"
		return nil
	}
	if z.step < stepReview {
		z.step, z.field, z.scroll = z.step+1, 0, 0
		if z.step >= stepScope {
			return z.plan(m)
		}
		return nil
	}
	switch {
	case z.previewOf != z.draftKey():
		z.note = "the plan is still being made"
	case len(z.preview.Problems) > 0 || z.fault != "":
		z.note = "the preflight found problems; mend them first"
	case z.typed != z.version:
		z.note = fmt.Sprintf("typed %q, want %q", z.typed, z.version)
	default:
		return z.begin(m)
	}
	return nil
}

// unpinned is a repository that no revision was chosen of.
func (z *wizard) unpinned() (string, bool) {
	for _, name := range z.suggest.Repositories {
		if z.revisions[name] == "" {
			return name, true
		}
	}
	return "", false
}

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

// paste fills a field, but never the version that releases the brake.
func (z *wizard) paste(s string) {
	s = text.Sanitize(strings.TrimSpace(s))
	switch {
	case z.step == stepReview:
		z.note = "this cannot be pasted: type it"
	case z.step == stepVersion && z.field == 0:
		z.version += s
	case z.step == stepSource && len(z.suggest.Repositories) > 0:
		z.revisions[z.suggest.Repositories[z.field]] = s
	}
}
