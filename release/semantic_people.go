package release

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	mails "slipway/release/mail"
)

// checkGates: who opens each gate, and says of each chore that it is done.
func (c *Config) checkGates(bad complain) {
	asked := map[string]bool{}
	gates := map[string]map[string]int{
		"go-to-build": c.Gates.GoToBuild, "qa-builds": c.Gates.QABuilds, "qa-updates": c.Gates.QAUpdates,
		"push": c.Gates.Push, "ship": c.Gates.Ship,
	}
	if c.Gates.Rollout != nil {
		gates["rollout"] = c.Gates.Rollout
	}
	for _, name := range sortedKeys(c.Checklist) {
		chore, at := c.Checklist[name], "checklist."+name
		checkName(bad, at, name)
		checkText(bad, at+".question", chore.Question)
		if chore.Question == "" {
			bad(at+".question", "it is empty")
		}
		if chore.Link != "" && !isWeb(chore.Link) {
			bad(at+".link", "%q: want an http or https URL", chore.Link)
		}
		c.checkWho(bad, at+".roles", chore.Roles, asked)
	}
	for name, roles := range gates {
		c.checkWho(bad, "gates."+name, roles, asked)
	}
	c.checkRoles(bad, asked)
}

// checkWho: a gate that nobody must open, or nobody could.
func (c *Config) checkWho(bad complain, at string, roles map[string]int, asked map[string]bool) {
	if len(roles) == 0 {
		bad(at, "names no role, so nobody could open it; want one, such as {coordinator: 1}")
	}
	for _, role := range sortedKeys(roles) {
		checkName(bad, at, role)
		if n := roles[role]; n < 1 || n > 100 {
			bad(at+"."+role, "%d: want how many different people must agree, 1 to 100", n)
		} else if who, named := c.Roles[role]; named && len(who) < n {
			bad(at+"."+role, "%d people must agree, and roles.%s names %d", n, role, len(who))
		}
		asked[role] = true
	}
}

// checkRoles: one person is one name, and a role that no gate asks for is a slip.
func (c *Config) checkRoles(bad complain, asked map[string]bool) {
	for _, role := range sortedKeys(c.Roles) {
		at := "roles." + role
		if !asked[role] {
			bad(at, "no gate asks for it%s", suggest(role, sortedKeys(asked)))
		}
		for i, name := range c.Roles[role] {
			if name == "" || !oneLine(name) {
				bad(fmt.Sprintf("%s.%d", at, i), "%q: want a name, as slipway history shows it", name)
			}
			if slices.Contains(c.Roles[role][:i], name) {
				bad(fmt.Sprintf("%s.%d", at, i), "%q for the second time", name)
			}
		}
	}
}

// checkPools: a pool that nothing belongs to is a slip, and would limit nothing.
func (c *Config) checkPools(bad complain) {
	known := sortedKeys(ownPools)
	for _, p := range c.Platforms {
		known = append(known, p.Pool)
	}
	for _, name := range sortedKeys(c.Pools) {
		if !slices.Contains(known, name) {
			bad("pools."+name, "no task belongs to it%s; want git, build, cpu, signing, publish, mail, or a platform's pool", suggest(name, known))
		}
		if n := c.Pools[name]; n < 0 || n > 4096 {
			bad("pools."+name, "%d: want 0 (one per processor) to 4096", n)
		}
	}
}

func (c *Config) checkMail(bad complain) {
	m := c.Mail
	if m.From == "" && len(m.Lists) == 0 && m.Out == "" && m.SMTP == nil {
		return
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		bad("mail.from", "%q: want Name <address>", m.From)
	}
	audiences := []string{mails.All, mails.Drivers, mails.AV}
	for _, name := range sortedKeys(m.Lists) {
		if !slices.Contains(audiences, name) {
			bad("mail.lists."+name, "nothing is sent to it%s; want %s", suggest(name, audiences), strings.Join(audiences, ", "))
		}
		for i, a := range m.Lists[name] {
			if _, err := mail.ParseAddress(a); err != nil {
				bad(fmt.Sprintf("mail.lists.%s.%d", name, i), "%q is no address", a)
			}
		}
	}
	if len(m.Lists[mails.All]) == 0 {
		bad("mail.lists", "%s has no address, and most mails go to it", mails.All)
	}
	if (m.Out == "") == (m.SMTP == nil) {
		bad("mail", "want either out, a directory, or smtp")
	}
	if s := m.SMTP; s != nil {
		if s.Host == "" || strings.ContainsAny(s.Host, " /:@") {
			bad("mail.smtp.host", "%q: want a host's name or address; the port is a field of its own", s.Host)
		}
		if s.Port < 1 || s.Port > 65535 {
			bad("mail.smtp.port", "%d: want 1 to 65535", s.Port)
		}
	}
}
