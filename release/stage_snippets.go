package release

import (
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
	Test []string `json:"test,omitempty"`
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
}

// The answers are archives in the cache: for the test channels, and for all.
const (
	testAnswers = "aus-test.tar"
	liveAnswers = "aus-live.tar"
	ausBase     = "aus" // below the publish directory
)

// snippets writes what tells clients of the MARs, and publishes it for the
// test channels; "" when the product has no channels.
func (g *graph) snippets() (answers, test string) {
	p := g.plan
	if len(p.Config.Updates.Channels) == 0 {
		return "", ""
	}
	args := snippetArgs{Release: p.ausRelease()}
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
	}, publishSnippetsArgs{Publish: g.plan.Config.Publish.Directory, Which: which})
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
		Product: p.blobProduct(), HashFunction: "sha512",
		Newest: aus.Offer{
			Name: p.releaseName(p.Version, p.Build), AppVersion: p.appVersion(p.Version), DisplayVersion: p.Version, BuildNumber: p.Build,
			Lines: []aus.Line{{Fields: aus.Fields{Type: c.Updates.Type, DetailsURL: fillIn(c.Updates.Details, c.Product, p.Version, p.Build, p.Date)}}},
		},
	}
	for _, id := range sortedKeys(c.Platforms) {
		platform := c.Platforms[id]
		r.Platforms = append(r.Platforms, aus.Platform{Name: id, Targets: platform.BuildTargets, Bouncer: platform.Bouncer, FTP: platform.Directory})
	}
	for _, name := range sortedKeys(c.Updates.Channels) {
		url := p.channelTemplate(c.Updates.Channels[name])
		r.Channels = append(r.Channels, aus.Channel{Name: name, Complete: url, Partial: url})
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
	return r
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

// channelTemplate is a channel's URL with what this release fixes filled in.
func (p *Plan) channelTemplate(c Channel) string {
	url := strings.NewReplacer("{path}", "update/{ftp}/{locale}/{file}", "{directory}", "{ftp}").Replace(c.URL)
	return fillIn(url, p.Config.Product, p.Version, p.Build, p.Date)
}
