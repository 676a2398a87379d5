package updates

import (
	"errors"
	"fmt"

	"slipway/updates/mar"
)

// Refusal is a fault of a package or of what should become one. The
// generators never make it, the appliers stop at it, [Check] names it. Code is
// what becomes of the update on a user's machine, in mar's numbers.
type Refusal struct {
	Code int
	Err  error
}

func (r *Refusal) Error() string { return fmt.Sprintf("%v (%s)", r.Err, mar.Outcome(r.Code)) }
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(code int, format string, args ...any) error {
	return &Refusal{Code: code, Err: fmt.Errorf(format, args...)}
}

// CodeOf returns what the updater makes of err, if err says so.
func CodeOf(err error) (code int, ok bool) {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code, true
	}
	var f mar.Finding
	if errors.As(err, &f) {
		return f.Code, true
	}
	return 0, false
}
