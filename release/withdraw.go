package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"slipway/updates/aus"
)

// A release that is offered to everybody has no share to halt. Its answers are
// moved out of the clients' reach instead, who are told of nothing newer then,
// and back when it is resumed. It needs neither cache nor engine, and no web
// server is reloaded: an emergency must not wait for them.

// LiveChannels are those of users, test channels are not.
func (p *Plan) LiveChannels() []string {
	return slices.DeleteFunc(sortedKeys(p.Config.Updates.Channels), func(name string) bool { return p.Config.Updates.Channels[name].Test })
}

// withdraw takes the release's live answers away, and leaves the note of who did
// it. One that was killed half-way is ended by the next; without an answer that is
// left it is refused.
func (s *site) withdraw(p *Plan, note []byte) error {
	names, err := s.offering(p)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		was, err := readWithdrawn(s.root.FS(), p.withdrawnDir())
		if err == nil && was != nil {
			err = fmt.Errorf("%w already, %s", ErrHalted, *was)
		} else if err == nil {
			err = ErrNoRollout
		}
		return err
	}
	if err := s.replace(path.Join(p.withdrawnDir(), aus.HaltedFile), note); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.move(path.Join(ausBase, name), path.Join(p.withdrawnDir(), name)); err != nil {
			return err
		}
	}
	return nil
}

// reoffer puts the answers back. Those of a channel where a release that came
// after answers the same clients go instead; when there are no others it is refused.
func (s *site) reoffer(p *Plan) (RolloutHalt, error) {
	top := p.withdrawnDir()
	h, err := readWithdrawn(s.root.FS(), top)
	if err == nil && h == nil {
		err = ErrNotHalted
	}
	if err != nil {
		return RolloutHalt{}, err
	}
	names := map[string][]string{} // by channel
	err = s.walk(top, func(name string) error {
		if name = name[len(top)+1:]; name != aus.HaltedFile {
			channel := path.Base(path.Dir(name))
			names[channel] = append(names[channel], name)
		}
		return nil
	})
	if err != nil {
		return *h, err
	}
	var back, drop []string
	var taken error
	for _, channel := range sortedKeys(names) {
		err := s.taken(p, channel, names[channel])
		switch {
		case err == nil:
			back = append(back, names[channel]...)
		case errors.Is(err, ErrSuperseded):
			drop, taken = append(drop, names[channel]...), err
		default:
			return *h, err
		}
	}
	if len(back) == 0 && taken != nil {
		return *h, taken
	}
	// First, so that one that is killed is ended by the next.
	for _, name := range drop {
		if err := s.remove(path.Join(top, name)); err != nil {
			return *h, err
		}
	}
	for _, name := range back {
		if err := s.move(path.Join(top, name), path.Join(ausBase, name)); err != nil {
			return *h, err
		}
	}
	if err := s.flush(); err != nil {
		return *h, err
	}
	return *h, s.retire(top)
}

// taken tells with [ErrSuperseded] whether another release answers clients of the
// channel by now, or has begun to.
func (s *site) taken(p *Plan, channel string, names []string) error {
	for _, name := range names {
		if _, err := s.root.Lstat(path.Join(ausBase, name)); err == nil {
			return fmt.Errorf("%w: %s is answered anew", ErrSuperseded, name)
		}
	}
	now, err := readRollout(s.root, p.blobProduct(), channel)
	if err == nil && now.Owner != "" && now.Owner != p.releaseName(p.Version, p.Build) {
		err = fmt.Errorf("%w on channel %s: %s", ErrSuperseded, channel, now.Owner)
	}
	return err
}

// offering lists the live answers that lead to the plan's release, below aus.
func (s *site) offering(p *Plan) ([]string, error) {
	var names []string
	channels := p.LiveChannels()
	for _, form := range []string{"update", "snippets"} {
		err := s.walk(path.Join(ausBase, form, p.blobProduct()), func(name string) error {
			if !slices.Contains(channels, path.Base(path.Dir(name))) {
				return nil
			}
			text, err := readNote(s.root, name)
			if err == nil && p.isOffered(text) {
				names = append(names, name[len(ausBase)+1:])
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// isOffered reads an answer. One that cannot be read is not of ours.
func (p *Plan) isOffered(answer []byte) bool {
	u, err := aus.ParseSnippet(answer)
	if err != nil {
		x, err := aus.ParseXML(answer)
		if err != nil || x == nil {
			return false
		}
		u = *x
	}
	return u.BuildID == p.BuildID && u.AppVersion == p.appVersion(p.Version)
}

// withSite opens the publish directory while nobody else changes what clients
// of the product are told.
func (e Env) withSite(ctx context.Context, p *Plan, do func(*site) error) error {
	return e.withRolloutLock(ctx, p.blobProduct(), func() error {
		s, err := openSite(Below(e.Root, p.Config.Publish.Directory), "rollout-"+p.Candidate)
		if err != nil {
			return err
		}
		return errors.Join(do(s), s.close())
	})
}
