package release

import (
	"context"
	"errors"
	"fmt"
	"path"

	"slipway/updates/aus"
)

// HaltRollout lets nobody be offered the release any more: not those in the
// share, and not who asks by hand. The earlier answers hold at once; of a release
// that is offered to everybody they are gone, and nobody is told of anything. It
// is refused with [ErrNoRollout], [ErrHalted] or [ErrSuperseded], and waits as
// long as ctx while the answers are put live.
func (e Env) HaltRollout(ctx context.Context, p *Plan, by, reason string) error {
	h := RolloutHalt{Release: p.releaseName(p.Version, p.Build), By: by, At: e.Now().UTC(), Reason: reason}
	text, err := indent(h)
	if err != nil {
		return err
	}
	err = e.eachRollout(ctx, p, func(s *site, dir string, now rollout, planted error) error {
		// What somebody put beside must not hold up an emergency.
		if err := now.halt(h.Release); err != nil {
			return errors.Join(err, planted)
		}
		return s.replace(path.Join(dir, aus.HaltedFile), text)
	})
	none := errors.Is(err, ErrNoRollout)
	if err != nil && !none && !errors.Is(err, ErrHalted) {
		return err
	}
	// Everybody is offered it, or a last step that was killed has put some of its
	// answers live.
	took := e.withdraw(ctx, p, h)
	if !none && (errors.Is(took, ErrNoRollout) || errors.Is(took, ErrHalted)) {
		return err // nothing of it was live
	}
	return took
}

// ResumeRollout lifts a halt: whoever was offered the release is again. It
// returns the halt.
func (e Env) ResumeRollout(ctx context.Context, p *Plan) (h RolloutHalt, err error) {
	err = e.eachRollout(ctx, p, func(s *site, dir string, now rollout, planted error) error {
		if planted != nil {
			return planted
		}
		if err := now.resume(p.releaseName(p.Version, p.Build)); err != nil {
			return err
		}
		h = *now.Halt
		return s.remove(path.Join(dir, aus.HaltedFile))
	})
	switch {
	case errors.Is(err, ErrNoRollout):
		return e.reoffer(ctx, p)
	case err == nil:
		if _, err = e.reoffer(ctx, p); errors.Is(err, ErrNotHalted) {
			err = nil
		}
	}
	return h, err
}

// eachRollout does a thing to the rollout on each channel. A channel that is as
// wanted already is no failure while another was not.
func (e Env) eachRollout(ctx context.Context, p *Plan, do func(s *site, dir string, now rollout, planted error) error) error {
	if len(p.shares()) == 0 {
		return ErrNoRollout // offered to all at once
	}
	return e.withSite(ctx, p, func(s *site) error {
		done := false
		var refused error
		for _, channel := range p.throttled() {
			now, err := readRollout(s.root, p.blobProduct(), channel)
			err = do(s, rolloutDir(p.blobProduct(), channel), now, err)
			switch {
			case err == nil:
				done = true
			case errors.Is(err, ErrHalted), errors.Is(err, ErrNotHalted):
				refused = err
			default:
				return fmt.Errorf("channel %s: %w", channel, err)
			}
		}
		if done {
			return nil
		}
		return refused
	})
}
