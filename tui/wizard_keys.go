package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"slipway/release/text"
)

// key takes what a form needs; false hands the key to the console.
func (z *wizard) key(m *Model, k tea.KeyPressMsg) (tea.Cmd, bool) {
	name := k.String()
	z.note = ""
	switch name {
	case "esc":
		if z.step == 0 {
			z.leave()
			m.back()
		} else {
			z.step, z.field, z.scroll = z.step-1, 0, 0
		}
		return nil, true
	case "enter":
		cmd := z.next(m)
		if z.begun {
			z.note = "writing the plan and starting its engine"
		}
		return cmd, true
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
	switch a := m.keys.act(name, screenWizard); {
	case a == actRepaint || a == actSuspend:
		return false
	case z.step == stepProduct || z.step == stepScope: // nothing is typed there
		return a != actHelp && a != actCopy && a != actDetach
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
	switch {
	case z.step == stepScope && z.fault != "":
		return z.plan(m) // once more: the server may answer by now
	case z.step >= stepScope && !z.planned():
		z.note = "the plan is still being made"
		return nil
	case z.step < stepReview:
		z.step, z.field, z.scroll = z.step+1, 0, 0
		if z.step == stepScope {
			return z.plan(m)
		}
		return nil
	}
	switch {
	case len(z.preview.Problems) > 0 || z.fault != "":
		z.note = "the preflight found problems; mend them first"
	case z.typed != z.version:
		z.note = fmt.Sprintf("typed %q, want %q", z.typed, z.version)
	case !z.begun:
		z.begun = true
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
