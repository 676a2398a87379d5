package release

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"slipway/updates/aus"
)

// RolloutState is how far a rollout is on one channel, as the web server sees
// it.
type RolloutState struct {
	Channel string
	Release string // whose answers are offered; empty: no rollout is under way
	Share   int    // percent of clients
	Halt    *RolloutHalt
	Told    []RolloutTold
}

// RolloutTold is what clients of one version are told: inside the share, and
// outside. Empty is that there is nothing newer.
type RolloutTold struct{ From, Inside, Outside string }

// Rollouts reads how a plan's release is offered from the publish directory.
func (e Env) Rollouts(p *Plan) ([]RolloutState, error) {
	root, err := os.OpenRoot(Below(e.Root, p.Config.Publish.Directory))
	if err != nil {
		return nil, notThere(err)
	}
	defer root.Close()
	var all []RolloutState
	gone, err := readWithdrawn(root.FS(), p.withdrawnDir())
	if err != nil {
		return nil, err
	}
	for _, channel := range p.LiveChannels() {
		now, err := readRollout(root, p.blobProduct(), channel)
		if err != nil {
			return nil, fmt.Errorf("channel %s: %w", channel, err)
		}
		if gone != nil {
			now.Halt = gone
		}
		state := RolloutState{Channel: channel, Release: now.Owner, Share: len(now.Open), Halt: now.Halt}
		if state.Told, err = p.told(root, channel, now); err != nil {
			return nil, err
		}
		all = append(all, state)
	}
	return all, nil
}

// told asks for one kind of client of each version, as the server's rules do.
func (p *Plan) told(root *os.Root, channel string, now rollout) ([]RolloutTold, error) {
	var all []RolloutTold
	for _, client := range p.clients() {
		ids := sortedKeys(client.Locales)
		if len(ids) == 0 || len(client.Locales[ids[0]]) == 0 {
			continue
		}
		id := ids[0]
		targets := p.Config.Platforms[id].BuildTargets
		if len(targets) == 0 {
			continue // of a platform that is made no more
		}
		live := path.Join("update", p.blobProduct(), p.appVersion(client.Version), client.BuildID, targets[0], client.Locales[id][0], channel, "update.xml")
		outside, err := offered(root, live)
		if err != nil {
			return nil, err
		}
		inside := outside
		if beside, ok := aus.RolloutName(p.blobProduct(), channel, live); ok && now.Owner != "" && now.Halt == nil {
			if _, serr := root.Stat(path.Join(ausBase, beside)); serr == nil {
				inside, err = offered(root, beside)
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, RolloutTold{client.Version, inside, outside})
	}
	return all, nil
}

// offered reads the version that an answer offers; no answer offers none.
func offered(root *os.Root, name string) (string, error) {
	text, err := readNote(root, path.Join(ausBase, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	u, err := aus.ParseXML(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if u == nil {
		return "", nil
	}
	return u.DisplayVersion, nil
}

// RolloutStep is one share of a plan's rollout.
type RolloutStep struct {
	Share      int
	Task, Gate string // IDs
}

// RolloutSteps lists the shares of the plan's rollout, the last of them all; none
// when the release is offered to everybody at once.
func (p *Plan) RolloutSteps() []RolloutStep {
	var steps []RolloutStep
	for i, share := range p.shares() {
		steps = append(steps, RolloutStep{share, rolloutTask(share), rolloutGate(i, share)})
	}
	return steps
}
