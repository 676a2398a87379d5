package release

import (
	"fmt"
	"net/mail"
	"path"
	"strings"

	mails "slipway/release/mail"
	"slipway/release/pipeline"
)

// mailArgs are a mail's facts. Their date is the plan's, and stays so in a
// file, which whoever sends it dates anew; a mail that slipway sends bears the
// time of sending.
type mailArgs struct {
	Kind  mails.Kind  `json:"kind"`
	Facts mails.Facts `json:"facts"`
	Out   string      `json:"out,omitempty"`
	SMTP  *SMTP       `json:"smtp,omitempty"`
}

type mailFacts struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
}

// turns of a release that people are told of, by task.
var turns = map[string]mails.Kind{
	"go-to-build":      mails.GoToBuild,
	"build-submitted":  mails.BuildSubmitted,
	"candidates-ready": mails.CandidatesReady,
	"push":             mails.Pushed,
	"ship":             mails.Shipped,
}

// requests ask those who decide for the next word, where they have a list of
// their own.
var requests = map[string]mails.Kind{
	"signoff-needed": mails.SignoffNeeded,
	"push-request":   mails.PushRequest,
	"ship-request":   mails.ShipRequest,
}

// mail tells people of a turn that the needs brought about. Nothing waits for
// a mail: a mail server that is down stops no release.
func (g *graph) mail(turn string, needs ...string) {
	m := g.plan.Config.Mail
	if m.From == "" {
		return
	}
	g.addMail("mail/"+turn, "tell people: "+strings.ReplaceAll(turn, "-", " "), turns[turn], g.plan.mailFacts(turns[turn]), needs...)
}

func (g *graph) request(turn string, needs ...string) {
	if !g.plan.asksDrivers() {
		return
	}
	g.addMail("mail/"+turn, "ask those who decide: "+strings.ReplaceAll(turn, "-", " "), requests[turn], g.plan.mailFacts(requests[turn]), needs...)
}

func (p *Plan) asksDrivers() bool {
	m := p.Config.Mail
	return m.From != "" && len(m.Lists[mails.Drivers]) > 0
}

// mailShare tells that a share of users is offered the updates.
func (g *graph) mailShare(share int, needs ...string) {
	p := g.plan
	if p.Config.Mail.From == "" || share == everybody {
		g.mail("ship", needs...)
		return
	}
	f := p.mailFacts(mails.Shipped)
	f.Rate, f.Duration = &share, p.Config.Updates.Soak
	g.addMail(fmt.Sprintf("mail/rollout-%d", share), fmt.Sprintf("tell people: offered to %d %%", share), mails.Shipped, f, needs...)
}

func (g *graph) addMail(id, title string, k mails.Kind, f mails.Facts, needs ...string) {
	m := g.plan.Config.Mail
	g.add(pipeline.Task{
		ID: id, Title: title, Stage: stageMail, Kind: "mail",
		Needs: needs, Pool: "mail", Effect: pipeline.Once, Try: remote,
	}, mailArgs{Kind: k, Facts: f, Out: m.Out, SMTP: m.SMTP})
}

func (p *Plan) mailFacts(k mails.Kind) mails.Facts {
	c := p.Config
	f := mails.Facts{
		From: c.Mail.From, Lists: c.Mail.Lists, Date: p.Date,
		Product: c.DisplayName, Version: p.Version, Build: p.Build, Urgency: mails.Urgency(p.Urgency),
		Project: c.Repositories[mainRepository].Branch, Who: "the release coordinator", Channel: c.Channel,
	}
	if a, err := mail.ParseAddress(c.Tags.Tagger); err == nil {
		f.Who = a.Name
	}
	if f.Project == "" {
		f.Project = mainRepository
	}
	for _, r := range p.Repositories {
		f.Revisions = append(f.Revisions, mails.Revision{Repository: r.Name, Revision: r.Revision})
	}
	for _, l := range p.Locales {
		f.Locales = append(f.Locales, l.Code)
	}
	for _, prior := range p.Priors {
		f.Partials = append(f.Partials, prior.Version)
	}
	for _, partner := range p.Partners {
		f.Partners = append(f.Partners, partner.Name)
	}
	switch k {
	case mails.CandidatesReady, mails.AVVendors:
		f.Link, f.Directory = p.candidateURL(), p.candidateBase()
	case mails.UpdatesAvailable, mails.PushRequest:
		f.Channel = p.testChannel()
	case mails.Pushed:
		f.Channel = "the mirrors"
	case mails.ShipRequest:
		share := everybody
		if shares := p.shares(); len(shares) > 0 {
			share, f.Duration = shares[0], p.Config.Updates.Soak
		}
		f.Rate = &share
	case mails.Shipped:
		all := everybody
		f.Rate = &all
	}
	return f
}

// testChannel is where a candidate is tried: the first test channel by name, or
// the release's own when there is none.
func (p *Plan) testChannel() string {
	for _, name := range sortedKeys(p.Config.Updates.Channels) {
		if p.Config.Updates.Channels[name].Test {
			return name
		}
	}
	return p.Config.Channel
}

// candidateURL is where people see the candidate: on the server of a test
// channel, or in the publish directory itself.
func (p *Plan) candidateURL() string {
	for _, name := range sortedKeys(p.Config.Updates.Channels) {
		if c := p.Config.Updates.Channels[name]; c.Test {
			// A redirector's query leads nowhere without its words.
			url, _, _ := strings.Cut(fillIn(c.URL, p.Config.Product, p.Version, p.Build, p.Date), "{")
			url, _, _ = strings.Cut(url, "?")
			return url[:strings.LastIndexByte(url, '/')+1]
		}
	}
	return "file:" + path.Join(p.Config.Publish.Directory, p.candidateBase()) + "/"
}
