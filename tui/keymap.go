package tui

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"slipway/release/text"
)

// Keymap is which key does what. Where two lines fit, the first one counts.
type Keymap []binding

// on tells whether a binding works on a screen.
func (b binding) on(s screenName) bool { return len(b.screens) == 0 || slices.Contains(b.screens, s) }

// act is what a key means on a screen; empty when nothing.
func (k Keymap) act(key string, s screenName) act {
	for _, b := range k {
		if slices.Contains(b.keys, key) && b.on(s) {
			return b.act
		}
	}
	return ""
}

// works tells whether an act has a key on a screen.
func (k Keymap) works(a act, s screenName) bool {
	return slices.ContainsFunc(k, func(b binding) bool { return b.act == a && b.on(s) })
}

// key is the first key of an act, for hints.
func (k Keymap) key(a act) string {
	for _, b := range k {
		if b.act == a {
			return b.keys[0]
		}
	}
	return ""
}

// nth is which of an act's keys was pressed, from 0.
func (k Keymap) nth(a act, key string) int {
	for _, b := range k {
		if i := slices.Index(b.keys, key); b.act == a && i >= 0 {
			return i
		}
	}
	return 0
}

// named are the keys that are not one character.
var named = []string{
	"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "enter", "esc", "space", "tab", "backspace", "insert", "delete",
	"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
}

// Keys lays a person's own keys, by act, over the standard ones: an act's keys
// are replaced, the others stay. It refuses what would leave a key with two
// meanings on one screen, and what changes the world on a control key.
func Keys(own map[string][]string) (Keymap, error) {
	all := slices.Clone(standardKeys)
	for _, name := range slices.Sorted(maps.Keys(own)) {
		found := false
		for i := range all {
			if string(all[i].act) != name {
				continue
			}
			found = true
			if err := fitKeys(all[i], own[name]); err != nil {
				return nil, fmt.Errorf("keys: %s: %w", name, err)
			}
			all[i].keys = own[name]
		}
		if !found {
			return nil, fmt.Errorf("keys: no act is called %q; %s", name, meant(name))
		}
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if !meet(a, b) {
				continue
			}
			for _, key := range a.keys {
				if slices.Contains(b.keys, key) {
					return nil, fmt.Errorf("keys: %q is both %q and %q", key, a.act, b.act)
				}
			}
		}
	}
	return all, nil
}

// meet tells whether two bindings work on the same screen.
func meet(a, b binding) bool {
	return len(a.screens) == 0 || len(b.screens) == 0 || slices.ContainsFunc(a.screens, b.on)
}

func fitKeys(b binding, keys []string) error {
	if len(keys) == 0 {
		return errors.New("no key")
	}
	for _, key := range keys {
		plain := strings.TrimPrefix(key, "ctrl+")
		if !slices.Contains(named, plain) && utf8.RuneCountInString(plain) != 1 {
			return fmt.Errorf("%q is no key; want one character, ctrl+ and one, or one of %s", key, strings.Join(named, ", "))
		}
		if plain != key && b.group == groupAct {
			return fmt.Errorf("%q: what changes something has no control key", key)
		}
		if key == "ctrl+c" && b.act != actDetach {
			return fmt.Errorf("%q always detaches", key)
		}
	}
	return nil
}

// meant guesses which act a name was meant to be, or lists them all.
func meant(name string) string {
	var acts []string
	for _, b := range standardKeys {
		acts = append(acts, string(b.act))
	}
	if near := text.Nearest(name, acts); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	slices.Sort(acts)
	return "want one of " + strings.Join(acts, ", ")
}

// Markdown is the key map as a table, for the manual.
func (k Keymap) Markdown() string {
	var b strings.Builder
	b.WriteString("| Keys | Does | Where | Name in `keys:` |\n|---|---|---|---|\n")
	for _, row := range k.rows(func(binding) bool { return true }) {
		var keys, names []string
		for _, b := range row {
			keys, names = append(keys, b.keys...), append(names, string(b.act))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", strings.Join(keys, "` `"), row[0].help, where(row[0]), strings.Join(names, ", "))
	}
	return b.String()
}

// rows are the bindings as they are told: some two at a time.
func (k Keymap) rows(wanted func(binding) bool) [][]binding {
	var rows [][]binding
	for _, b := range k {
		switch {
		case !wanted(b):
		case b.help == "" && len(rows) > 0:
			rows[len(rows)-1] = append(rows[len(rows)-1], b)
		default:
			rows = append(rows, []binding{b})
		}
	}
	return rows
}

func where(b binding) string {
	switch len(b.screens) {
	case 0:
		return "everywhere"
	case len(onRun):
		return "on a release"
	case len(live):
		return "everywhere but in a replay"
	case len(opening):
		return "where there are rows to open"
	}
	names := make([]string, len(b.screens))
	for i, s := range b.screens {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
