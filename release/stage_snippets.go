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
	// Those that former releases gave to the same clients on these channels, and
	// are not among them, go.
	Product  string   `json:"product"`
	Release  string   `json:"release"` // Skiff-1.2-build1: whose answers these are
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
		ID: SnippetsTask, Title: "write the answers to clients", Stage: stageSnippets, Kind: "snippets", Pool: "cpu",
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
	p := g.plan
	args := publishSnippetsArgs{
		Publish: p.Config.Publish.Directory, Which: which, Product: p.blobProduct(),
		Release: p.releaseName(p.Version, p.Build), Planned: p.planned(),
	}
	for _, prior := range p.ausRelease().Priors {
		if !slices.Contains(args.Versions, prior.AppVersion) {
			args.Versions = append(args.Versions, prior.AppVersion)
		}
	}
	for _, name := range sortedKeys(p.Config.Updates.Channels) {
		if which == liveAnswers || p.Config.Updates.Channels[name].Test {
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

// blobProduct is the product as clients name it.
func (p *Plan) blobProduct() string { return blobName(p.Config.DisplayName) }

// blobName: a space has no place in a URL.
func blobName(display string) string { return strings.ReplaceAll(display, " ", "") }
