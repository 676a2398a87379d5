package release

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// snippetArgs say who is out there; what they are offered is in the needs.
type snippetArgs struct {
	// Release lacks the offer's builds.
	Release aus.Release `json:"release"`
	Cells   []offerCell `json:"cells"` // of the needs, in their order
	// Test are the channels that answer before the release is shipped.
	Test  []string   `json:"test,omitempty"`
	Forms []aus.Form `json:"forms"`
}

// offerCell is a platform and locale, with the names of its MARs below the
// candidate: file of a partial → name of the prior release.
type offerCell struct {
	Platform string            `json:"platform"`
	Locale   string            `json:"locale"`
	BuildID  string            `json:"build_id"`
	Complete string            `json:"complete"`
	Partials map[string]string `json:"partials,omitempty"`
}

type publishSnippetsArgs struct {
	Publish string `json:"publish"`
	Which   string `json:"which"` // testAnswers or liveAnswers
	// Whose answers these are: those that former releases gave to the same
	// clients on these channels, and are not among them, go.
	Product  string   `json:"product"`
	Versions []string `json:"versions"`
	Channels []string `json:"channels"`
	Planned  planned  `json:"planned"`
}

// The answers are archives in the cache: for the test channels, and for all.
const (
	testAnswers = "aus-test.tar"
	liveAnswers = "aus-live.tar"
	ausBase     = "aus" // below the publish directory
	ausHash     = "sha512"
)

// snippets writes what tells clients of the MARs, and publishes it for the
// test channels; "" when the product has no channels.
func (g *graph) snippets() (answers, test string) {
	p := g.plan
	if len(p.Config.Updates.Channels) == 0 {
		return "", ""
	}
	args := snippetArgs{Release: p.ausRelease()}
	for _, f := range p.Config.Updates.Answers {
		args.Forms = append(args.Forms, aus.Form(f))
	}
	t := pipeline.Task{
		ID: "snippets", Title: "write the answers to clients", Stage: stageSnippets, Kind: "snippets", Pool: "cpu",
		Outputs: []string{liveAnswers, testAnswers},
	}
	for _, name := range sortedKeys(p.Config.Updates.Channels) {
		if p.Config.Updates.Channels[name].Test {
			args.Test = append(args.Test, name)
		}
	}
	for _, id := range g.platforms() {
		for _, code := range p.codes(id) {
			t.Needs = append(t.Needs, "sign/"+id+"/"+code)
			args.Cells = append(args.Cells, p.offerCell(id, code))
		}
	}
	answers = g.add(t, args)
	if len(args.Test) == 0 {
		return answers, answers
	}
	return answers, g.publishSnippets("snippets/test", "answer on the test channels", stageSnippets, testAnswers, answers)
}

// liveSnippets lets all channels answer: this is what ships a release.
func (g *graph) liveSnippets(answers, released string) string {
	return g.publishSnippets("ship/snippets", "answer on the live channels", stageShip, liveAnswers, answers, stageShip, released)
}

func (g *graph) publishSnippets(id, title, stage, which string, needs ...string) string {
	return g.add(pipeline.Task{
		ID: id, Title: title, Stage: stage, Kind: "publish-snippets", Needs: needs,
		Pool: "publish", Effect: pipeline.Idempotent, Try: remote,
	}, g.answersArgs(which))
}

func (g *graph) answersArgs(which string) publishSnippetsArgs {
	args := publishSnippetsArgs{Publish: g.plan.Config.Publish.Directory, Which: which, Product: g.plan.blobProduct(), Planned: g.plan.planned()}
	for _, prior := range g.plan.ausRelease().Priors {
		if !slices.Contains(args.Versions, prior.AppVersion) {
			args.Versions = append(args.Versions, prior.AppVersion)
		}
	}
	for _, name := range sortedKeys(g.plan.Config.Updates.Channels) {
		if which == liveAnswers || g.plan.Config.Updates.Channels[name].Test {
			args.Channels = append(args.Channels, name)
		}
	}
	return args
}

func (p *Plan) offerCell(id, code string) offerCell {
	c, platform := p.Config, p.Config.Platforms[id]
	o := offerCell{Platform: id, Locale: code, BuildID: p.BuildID, Complete: marPath(platform, code, c.Product, p.Version)}
	for _, prior := range p.Priors {
		if _, ok := prior.MARs[id][code]; ok {
			if o.Partials == nil {
				o.Partials = map[string]string{}
			}
			o.Partials[partialPath(platform, code, c.Product, prior.Version, p.Version)] = p.releaseName(prior.Version, prior.Build)
		}
	}
	return o
}

// releaseName is the name of a release blob: Skiff-1.0-build1.
func (p *Plan) releaseName(version string, build int) string {
	return fmt.Sprintf("%s-%s-build%d", p.blobProduct(), version, build)
}

// blobProduct is the product as clients name it; a space has no place in a URL.
func (p *Plan) blobProduct() string { return strings.ReplaceAll(p.Config.DisplayName, " ", "") }

func (p *Plan) appVersion(text string) string {
	v, err := ParseVersion(p.Config.VersionScheme, text)
	if err != nil {
		return text
	}
	return v.App()
}

// ausRelease describes the clients that are out there: all published releases,
// those that get no partial among them.
func (p *Plan) ausRelease() aus.Release {
	c := p.Config
	r := aus.Release{
		Product: p.blobProduct(), HashFunction: ausHash, Platforms: p.ausPlatforms(), Shares: c.Updates.Rollout,
		Newest: aus.Offer{
			Name: p.releaseName(p.Version, p.Build), AppVersion: p.appVersion(p.Version), DisplayVersion: p.Version, BuildNumber: p.Build,
			Lines: c.Updates.lines(func(url string) string { return fillIn(url, c.Product, p.Version, p.Build, p.Date) }),
		},
	}
	for _, name := range sortedKeys(c.Updates.Channels) {
		channel := c.Updates.Channels[name]
		url := p.channelTemplate(channel)
		r.Channels = append(r.Channels, aus.Channel{Name: name, Complete: url, Partial: url, TestOf: channel.TestOf, Throttled: slices.Contains(p.throttled(), name)})
	}
	gone := map[[2]string]bool{}
	for _, client := range p.clients() {
		prior := aus.Prior{Name: p.releaseName(client.Version, client.Build), AppVersion: p.appVersion(client.Version)}
		for _, id := range sortedKeys(client.Locales) {
			prior.Builds = append(prior.Builds, aus.PriorBuild{Platform: id, BuildID: client.BuildID, Locales: client.Locales[id]})
			for _, code := range client.Locales[id] {
				if cell := [2]string{id, code}; !slices.Contains(p.codes(id), code) && !gone[cell] {
					gone[cell] = true
					r.Retired = append(r.Retired, aus.Retired{Platform: id, Locale: code, Why: "is not made any more since " + p.Version})
				}
			}
		}
		r.Priors = append(r.Priors, prior)
	}
	for _, o := range p.Watersheds {
		r.Watersheds = append(r.Watersheds, only(o, r.Priors))
	}
	return r
}

// only leaves out partials from releases that nobody runs any more.
func only(o aus.Offer, priors []aus.Prior) aus.Offer {
	o.Builds = slices.Clone(o.Builds)
	for i := range o.Builds {
		locales := slices.Clone(o.Builds[i].Locales)
		for j := range locales {
			locales[j].Partials = slices.DeleteFunc(slices.Clone(locales[j].Partials), func(part aus.Partial) bool {
				return !slices.ContainsFunc(priors, func(p aus.Prior) bool { return p.Name == part.From })
			})
		}
		o.Builds[i].Locales = locales
	}
	return o
}

func (p *Plan) ausPlatforms() []aus.Platform {
	var list []aus.Platform
	for _, id := range sortedKeys(p.Config.Platforms) {
		c := p.Config.Platforms[id]
		list = append(list, aus.Platform{Name: id, Targets: c.BuildTargets, Bouncer: c.Bouncer, FTP: c.Directory})
	}
	return list
}

// checkAnswers finds before the release what would stop it when clients are
// answered: lines, and watersheds that do not carry all who come to them.
func (p *Plan) checkAnswers() error {
	if len(p.Config.Updates.Channels) == 0 {
		return nil
	}
	r := p.ausRelease()
	errs := r.Check()
	errs = append(errs, r.Stranded()...)
	return errors.Join(errs...)
}

// clients are all prior releases, newest first: those with partials and older.
func (p *Plan) clients() []Client {
	var all []Client
	for _, prior := range p.Priors {
		c := Client{Version: prior.Version, Build: prior.Build, BuildID: prior.BuildID, Locales: map[string][]string{}}
		for id, mars := range prior.MARs {
			c.Locales[id] = sortedKeys(mars)
		}
		all = append(all, c)
	}
	return append(all, p.Older...)
}

// channelTemplate is a channel's URL in the words of aus. Version and build stay
// open: a watershed has its own.
func (p *Plan) channelTemplate(c Channel) string {
	return strings.NewReplacer("{path}", "update/{ftp}/{locale}/{file}", "{directory}", "{ftp}",
		"{product}", p.Config.Product, "{version}", "{display}").Replace(c.URL)
}
