package pipeline

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What an approval can be refused for; callers turn them into exit codes.
var (
	ErrNotReached = errors.New("not reached yet")
	ErrOtherBytes = errors.New("guards other bytes now")
	ErrNotAllowed = errors.New("not allowed")
	ErrTookEffect = errors.New("already took effect")
	ErrNoSuchTask = errors.New("no such task")
)

// Signoff is one person's word on one gate.
type Signoff struct {
	Gate   string    `json:"gate"` // the gate task's ID
	Key    string    `json:"key"`  // the gate's key: the exact bytes that were approved
	Role   string    `json:"role"`
	By     string    `json:"by"`
	Reason string    `json:"reason,omitempty"`
	Reject bool      `json:"reject,omitempty"`
	At     time.Time `json:"at"`
}

// Missing is a role whose sign-offs are not complete.
type Missing struct {
	Role string `json:"role"`
	Have int    `json:"have"`
	Need int    `json:"need"`
}

func (g Gate) check() error {
	if len(g.Roles) == 0 {
		return errors.New("a gate without roles: nobody could open it")
	}
	for _, role := range slices.Sorted(maps.Keys(g.Roles)) {
		n := g.Roles[role]
		if role == "" || n < 1 {
			return fmt.Errorf("role %q needs %d people: want a name and at least 1", role, n)
		}
		if who, ok := g.People[role]; ok && len(who) < n {
			return fmt.Errorf("role %q needs %d people, but only %d may fill it", role, n, len(who))
		}
	}
	return nil
}

// Accept tells whether s would count beside the sign-offs in have.
func (g Gate) Accept(have []Signoff, s Signoff) error {
	if s.By == "" {
		return fmt.Errorf("%w: nobody is named", ErrNotAllowed)
	}
	need, ok := g.Roles[s.Role]
	if !ok {
		return fmt.Errorf("%w: gate %q asks for %s, not for %q", ErrNotAllowed, g.Name, g.roles(), s.Role)
	}
	if who, ok := g.People[s.Role]; ok && !slices.Contains(who, s.By) {
		return fmt.Errorf("%w: %s may not sign as %s; these may: %s", ErrNotAllowed, s.By, s.Role, strings.Join(who, ", "))
	}
	if s.Reject {
		if s.Reason == "" {
			return fmt.Errorf("%w: a rejection needs a reason", ErrNotAllowed)
		}
		return nil
	}
	n := 0
	for _, h := range have {
		if h.By == s.By {
			return fmt.Errorf("%w: %s already signed as %s, and one person signs once", ErrNotAllowed, h.By, h.Role)
		}
		if h.Role == s.Role {
			n++
		}
	}
	if n >= need {
		return fmt.Errorf("%w: %s is complete (%d of %d)", ErrNotAllowed, s.Role, n, need)
	}
	return nil
}

// Missing lists the roles still to sign, sorted; none means the gate is open.
func (g Gate) Missing(have []Signoff) []Missing {
	var missing []Missing
	for _, role := range slices.Sorted(maps.Keys(g.Roles)) {
		m := Missing{Role: role, Need: g.Roles[role]}
		for _, s := range have {
			if s.Role == role && !s.Reject {
				m.Have++
			}
		}
		if m.Have < m.Need {
			missing = append(missing, m)
		}
	}
	return missing
}

func (g Gate) roles() string { return strings.Join(slices.Sorted(maps.Keys(g.Roles)), ", ") }

// Current keeps the sign-offs of one gate that are bound to key.
func Current(all []Signoff, gate, key string) []Signoff {
	var cur []Signoff
	for _, s := range all {
		if s.Gate == gate && s.Key == key {
			cur = append(cur, s)
		}
	}
	return cur
}

// Rejected finds the rejection among sign-offs.
func Rejected(have []Signoff) (Signoff, bool) {
	for _, s := range have {
		if s.Reject {
			return s, true
		}
	}
	return Signoff{}, false
}
