package release

import (
	"fmt"
	"time"

	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// rolloutArgs offer the release to a share of the throttled channels' clients.
// At 100 its answers go live.
type rolloutArgs struct {
	publishSnippetsArgs
	Throttled []string `json:"throttled"` // channels
	Version   string   `json:"version"`   // decides who is first
	Share     int      `json:"share"`     // percent of clients
	// First is the step that takes the place of another release's rollout.
	First bool `json:"first,omitempty"`
	// Health is a program that may hold the step back.
	Health []string `json:"health,omitempty"`
}

// everybody is the share that ends each rollout.
const everybody = 100

// rolloutFacts bind the gate behind a step to what the step offered.
type rolloutFacts struct {
	Share   int    `json:"share"`
	Answers string `json:"answers"` // digest of all answers
}

// shares are the steps of the plan's rollout; none when all clients are offered
// the release at once.
func (p *Plan) shares() []int {
	if len(p.Config.Updates.Rollout) == 0 || len(p.throttled()) == 0 {
		return nil
	}
	return append(append([]int(nil), p.Config.Updates.Rollout...), everybody)
}

// throttled are the live channels of a product that is rolled out.
func (p *Plan) throttled() []string {
	if len(p.Config.Updates.Rollout) == 0 {
		return nil
	}
	return p.LiveChannels()
}

// soak is how long each share is meant to stand; 0 says nothing of it.
func (p *Plan) soak() time.Duration {
	d, err := time.ParseDuration(p.Config.Updates.Soak)
	if err != nil {
		return 0 // not given; Load refuses what is no duration
	}
	return d
}

// rollout offers the updates to one share of users after the other, with a gate
// before each but the first, which the gate ship is for. Each step tells people.
func (g *graph) rollout(answers, released string) {
	p := g.plan
	last := ""
	for i, share := range p.shares() {
		opened := rolloutGate(i, share)
		if i > 0 {
			g.addGate(opened, stageRollout, question(share), p.Config.Gates.Rollout, p.soak(), last)
		}
		t := pipeline.Task{
			ID: rolloutTask(share), Title: fmt.Sprintf("offer the updates to %d %% of users", share),
			Stage: stageRollout, Kind: "rollout", Needs: []string{answers, opened, released},
			Pool: "publish", Effect: pipeline.Idempotent, Try: remote,
		}
		if share == everybody {
			t.Title = "answer on the live channels"
		}
		if last != "" {
			t.Needs = append(t.Needs, last)
		}
		args := rolloutArgs{
			publishSnippetsArgs: g.answersArgs(liveAnswers), Throttled: p.throttled(),
			Version: p.Version, Share: share, First: i == 0,
		}
		if i > 0 {
			args.Health = p.Config.Updates.Health
		}
		last = g.add(t, args)
		told := last
		if i == 0 {
			told = g.productDetails(stageShip, released, last)
		}
		g.mailShare(share, g.uploadAnswers(fmt.Sprintf("%s-%d", stageRollout, share), stageRollout, told))
	}
}

func rolloutTask(share int) string { return fmt.Sprintf("%s/%d", stageRollout, share) }

func rolloutGate(step, share int) string {
	if step == 0 {
		return stageShip
	}
	return fmt.Sprintf("%s-%d", stageRollout, share)
}

func question(share int) string {
	if share == everybody {
		return "offer the updates to all users?"
	}
	return fmt.Sprintf("offer the updates to %d %% of users?", share)
}

func (p *Plan) shipQuestion() string {
	if shares := p.shares(); len(shares) > 0 {
		return question(shares[0])
	}
	return "offer the updates to users?"
}

// checkRollout: shares that rise, a channel and a form that can be throttled, a
// soak that is a duration.
func (c *Config) checkRollout(bad complain) {
	u := c.Updates
	if err := aus.CheckShares(u.Rollout); err != nil {
		bad("updates.rollout", "%v", err)
	}
	if len(u.Rollout) > 0 {
		p := Plan{Config: *c}
		if len(p.throttled()) == 0 {
			bad("updates.rollout", "there is no live channel: want one in updates.channels without test")
		}
		if !c.answersIn(aus.XML) {
			bad("updates.answers", "xml is missing: it is what a rollout is made with")
		}
	}
	if len(u.Health) > 0 && u.Health[0] == "" {
		bad("updates.health", "names no program")
	}
	if len(u.Health) > 0 && len(u.Rollout) == 0 {
		bad("updates.health", "there is no rollout whose steps it could hold back")
	}
	if u.Soak == "" {
		return
	}
	if d, err := time.ParseDuration(u.Soak); err != nil || d < time.Minute {
		bad("updates.soak", "%q: want a duration of a minute or more, such as 24h", u.Soak)
	}
	if len(u.Rollout) == 0 {
		bad("updates.soak", "there is no rollout whose steps could soak")
	}
}
