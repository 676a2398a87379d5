package release

import (
	"fmt"
	"strings"
)

// RolloutLine tells the shares and their soak in a few words; empty when the
// release is offered to everybody at once.
func (p *Plan) RolloutLine() string {
	var shares []string
	for _, s := range p.shares() {
		shares = append(shares, fmt.Sprint(s))
	}
	if shares == nil {
		return ""
	}
	line := strings.Join(shares, ", ") + " % of users"
	if p.soak() > 0 {
		line += ", soaking " + p.Config.Updates.Soak + " each"
	}
	return line
}

// rollouts: how the release will go out, and whose place it takes.
func (c *checker) rollouts() {
	p := c.plan
	if len(p.shares()) == 0 {
		return
	}
	c.ok("rollout", "%s; the web server includes update/nginx-rollout.conf or update/apache-rollout.conf", p.RolloutLine())
	states, err := c.env.Rollouts(p)
	if err != nil {
		c.bad("rollout", err)
		return
	}
	for _, s := range states {
		switch {
		case s.Halt != nil && s.Halt.Release == "":
			c.bad("rollout", fmt.Errorf("channel %s is halted %s; no step goes on until it is removed", s.Channel, *s.Halt))
		case s.Release != "" && s.Release != p.releaseName(p.Version, p.Build):
			c.ok("rollout", "takes the place of %s on %s, which is offered to %d %%", s.Release, s.Channel, s.Share)
		}
	}
}
