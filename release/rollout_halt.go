package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"slipway/updates/aus"
)

// HaltRollout lets nobody be offered the release any more: not those in the
// share, and not who asks by hand. The earlier answers hold at once; of a release
// that is offered to everybody they are gone, and nobody is told of anything. It
// is refused with [ErrNoRollout], [ErrHalted] or [ErrSuperseded] when no channel
// is left to halt it on, and waits as long as ctx while the answers are put live.
func (e Env) HaltRollout(ctx context.Context, p *Plan, by, reason string) error {
	h := RolloutHalt{Release: p.releaseName(p.Version, p.Build), By: by, At: e.Now().UTC(), Reason: reason}
	text, err := indent(h)
	if err != nil {
		return err
	}
	return e.withSite(ctx, p, func(s *site) error {
		channels := s.eachRollout(p, func(dir string, now rollout, planted error) error {
			err := now.halt(h.Release)
			if errors.Is(err, ErrNoRollout) && planted != nil {
				return planted // it may be ours
			}
			if err != nil {
				return err
			}
			// What somebody put beside must not hold up an emergency.
			return s.replace(path.Join(dir, aus.HaltedFile), text)
		})
		// Everybody is offered it on a channel, or a last step that was killed has put
		// some of its answers live.
		return inAll(append(channels, s.withdraw(p, text)))
	})
}

// ResumeRollout lifts a halt: whoever was offered the release is again. It
// returns the halt.
func (e Env) ResumeRollout(ctx context.Context, p *Plan) (h RolloutHalt, err error) {
	err = e.withSite(ctx, p, func(s *site) error {
		channels := s.eachRollout(p, func(dir string, now rollout, planted error) error {
			if planted != nil {
				return planted
			}
			if err := now.resume(p.releaseName(p.Version, p.Build)); err != nil {
				return err
			}
			h = *now.Halt
			return s.remove(path.Join(dir, aus.HaltedFile))
		})
		was, err := s.reoffer(p)
		if err == nil {
			h = was
		}
		return inAll(append(channels, err))
	})
	return h, err
}

// eachRollout does a thing to the rollout on each channel, and tells what came of
// it. What ails one channel does not hold up the others.
func (s *site) eachRollout(p *Plan, do func(dir string, now rollout, planted error) error) []error {
	var all []error
	for _, channel := range p.throttled() {
		now, err := readRollout(s.root, p.blobProduct(), channel)
		if err = do(rolloutDir(p.blobProduct(), channel), now, err); err != nil {
			err = fmt.Errorf("channel %s: %w", channel, err)
		}
		all = append(all, err)
	}
	return all
}

// inAll is what a halt or a resumption comes to that was made in parts, one for
// each place where the release may be offered. A part that there was nothing to do
// for is no failure while another was done; when none was, the best reason is told.
func inAll(parts []error) error {
	// What says most is first.
	refusals := []error{ErrHalted, ErrSuperseded, ErrNotHalted, ErrNoRollout}
	var failed error
	done := false
	for _, err := range parts {
		if err == nil {
			done = true
		} else if !slices.ContainsFunc(refusals, func(r error) bool { return errors.Is(err, r) }) {
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil || done {
		return failed
	}
	for _, why := range refusals {
		if i := slices.IndexFunc(parts, func(err error) bool { return errors.Is(err, why) }); i >= 0 {
			return parts[i]
		}
	}
	return nil
}
