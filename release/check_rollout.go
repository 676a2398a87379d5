package release

import (
	"fmt"
	"strings"
)

// rollouts: how the release will go out, and whose place it takes.
func (c *checker) rollouts() {
	p := c.plan
	if len(p.shares()) == 0 {
		return
	}
	var shares []string
	for _, s := range p.shares() {
		shares = append(shares, fmt.Sprint(s))
	}
	soak := ""
	if p.soak() > 0 {
		soak = ", " + p.Config.Updates.Soak + " each"
	}
	c.ok("rollout", "%s %%%s; the web server includes update/nginx-rollout.conf or update/apache-rollout.conf", strings.Join(shares, ", "), soak)
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
