package pipeline

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Selection picks tasks. Its text is words that must all hold:
//
//	repack/win64        the task of that name, and all below it
//	repack/*/de         a pattern for whole parts of the name
//	platform:win64      also id:, stage:, locale:, lane:, kind:, pool:, state:, with * and ,
//	class:infra         of a failure
//	anything else       is looked for in name and title
//	name:build          a name or pattern, looked for nowhere else
//
// The filter of the console and the SEL of the command line are both this; a
// command that acts takes plain words as name:, so that "build" is never
// "go-to-build" too.
type Selection struct {
	tests []func(t Task, s State, c Class) bool
	names []string // that were given whole
}

// Select parses a selection; an empty one picks every task.
func Select(text string) (Selection, error) {
	var sel Selection
	for word := range strings.FieldsSeq(text) {
		test, err := selector(word)
		if err != nil {
			return Selection{}, err
		}
		sel.tests = append(sel.tests, test)
		switch field, values, named := strings.Cut(word, ":"); {
		case !named:
			sel.names = append(sel.names, word)
		case field == "name" || field == "id":
			sel.names = append(sel.names, strings.Split(values, ",")...)
		}
	}
	return sel, nil
}

// Spares tells whether a retry of what is picked leaves a task alone: what a person
// decided, the rejection of a gate, is undone only by the gate's own name.
func (s Selection) Spares(t Task) bool { return t.Kind == KindGate && !slices.Contains(s.names, t.ID) }

// Picks tells whether a task is picked, given where it stands.
func (s Selection) Picks(t Task, state State, class Class) bool {
	for _, test := range s.tests {
		if !test(t, state, class) {
			return false
		}
	}
	return true
}

func selector(word string) (func(Task, State, Class) bool, error) {
	field, values, named := strings.Cut(word, ":")
	switch {
	case !named:
		return byName(word, true)
	case field == "name":
		return byName(values, false)
	}
	of, ok := map[string]func(Task, State, Class) string{
		"id":       func(t Task, _ State, _ Class) string { return t.ID },
		"stage":    func(t Task, _ State, _ Class) string { return t.Stage },
		"platform": func(t Task, _ State, _ Class) string { return t.Platform },
		"locale":   func(t Task, _ State, _ Class) string { return t.Locale },
		"lane":     func(t Task, _ State, _ Class) string { return t.Lane },
		"kind":     func(t Task, _ State, _ Class) string { return t.Kind },
		"pool":     func(t Task, _ State, _ Class) string { return t.Pool },
		"state":    func(_ Task, s State, _ Class) string { return string(s) },
		"class":    func(_ Task, _ State, c Class) string { return string(c) },
	}[field]
	if !ok {
		return nil, fmt.Errorf("selection %q: unknown field %q; want name, id, stage, platform, locale, lane, kind, pool, state or class", word, field)
	}
	patterns := strings.Split(values, ",")
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("selection %q: pattern %q: %w", word, p, err)
		}
		if field == "state" && !strings.ContainsAny(p, `*?[\`) && !slices.Contains(States(), State(p)) {
			return nil, fmt.Errorf("selection %q: unknown state %q; want one of %v", word, p, States())
		}
	}
	return func(t Task, s State, c Class) bool {
		v := of(t, s, c)
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, _ := path.Match(p, v)
			return ok
		})
	}, nil
}

// byName picks by the task's name: a name or pattern takes along what lies
// below it, and plain text is looked for anywhere.
func byName(word string, anywhere bool) (func(Task, State, Class) bool, error) {
	if _, err := path.Match(word, ""); err != nil {
		return nil, fmt.Errorf("selection %q: %w", word, err)
	}
	depth := strings.Count(word, "/") + 1
	lower := strings.ToLower(word)
	plain := anywhere && !strings.ContainsAny(word, `*?[/\`)
	return func(t Task, _ State, _ Class) bool {
		head := t.ID
		if parts := strings.SplitN(t.ID, "/", depth+1); len(parts) > depth {
			head = strings.Join(parts[:depth], "/")
		}
		if ok, _ := path.Match(word, head); ok {
			return true
		}
		return plain && (strings.Contains(strings.ToLower(t.ID), lower) || strings.Contains(strings.ToLower(t.Title), lower))
	}, nil
}
