package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
	"slipway/signing"
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

func (e Env) snippets(ctx context.Context, c pipeline.Call, args snippetArgs) (pipeline.Result[int], error) {
	var none pipeline.Result[int]
	r := args.Release
	known := map[string]aus.Found{} // by URL
	builds := map[string]*aus.OfferBuild{}
	for i, cell := range args.Cells {
		need, err := pipeline.Need[signFacts](c, i)
		if err != nil {
			return none, err
		}
		offer, err := cell.offer(need.Facts.Signed)
		if err != nil {
			return none, err
		}
		if builds[cell.Platform] == nil {
			builds[cell.Platform] = &aus.OfferBuild{Platform: cell.Platform, BuildID: cell.BuildID}
		}
		builds[cell.Platform].Locales = append(builds[cell.Platform].Locales, offer)
		cell.urls(known, r, offer)
	}
	for _, id := range sortedKeys(builds) {
		r.Newest.Builds = append(r.Newest.Builds, *builds[id])
	}
	for _, gone := range r.Retired {
		fmt.Fprintf(c.Log, "no more updates for %s %s: %s\n", gone.Platform, gone.Locale, gone.Why)
	}
	live, err := e.answers(ctx, r, known, aus.Snippets2, aus.XML, aus.Blobs)
	if err != nil {
		return none, err
	}
	r.Channels = slices.DeleteFunc(slices.Clone(r.Channels), func(ch aus.Channel) bool { return !slices.Contains(args.Test, ch.Name) })
	test, err := e.answers(ctx, r, known, aus.Snippets2, aus.XML)
	if err != nil {
		return none, err
	}
	return pipeline.Result[int]{Files: []pipeline.File{file(liveAnswers, live), file(testAnswers, test)}, Facts: len(known)}, nil
}

// offer finds the cell's MARs among what was signed.
func (o offerCell) offer(signed []signing.Signed) (aus.OfferLocale, error) {
	offer := aus.OfferLocale{Name: o.Locale}
	for _, s := range signed {
		mar := aus.MAR{File: path.Base(s.Path), Size: s.Size, Hash: s.SHA512}
		if s.Path == o.Complete {
			offer.Complete = mar
		}
		if from, ok := o.Partials[s.Path]; ok {
			offer.Partials = append(offer.Partials, aus.Partial{From: from, MAR: mar})
		}
	}
	if offer.Complete.File == "" || len(offer.Partials) != len(o.Partials) {
		return offer, fmt.Errorf("%s %s: got %d partials and complete %q, want %d and %q", o.Platform, o.Locale,
			len(offer.Partials), offer.Complete.File, len(o.Partials), o.Complete)
	}
	return offer, nil
}

// urls notes where the channels will serve the cell's MARs.
func (o offerCell) urls(known map[string]aus.Found, r aus.Release, offer aus.OfferLocale) {
	ftp := path.Base(path.Dir(path.Dir(o.Complete)))
	mars := []aus.MAR{offer.Complete}
	for _, p := range offer.Partials {
		mars = append(mars, p.MAR)
	}
	for _, c := range r.Channels {
		for _, m := range mars {
			url := strings.NewReplacer("{ftp}", ftp, "{locale}", o.Locale, "{file}", m.File).Replace(c.Complete)
			known[url] = aus.Found{Size: m.Size, Hash: m.Hash}
		}
	}
}

// answers generates files, proves them, and keeps them as one archive. Without a
// channel or a client there are none.
func (e Env) answers(ctx context.Context, r aus.Release, known map[string]aus.Found, forms ...aus.Form) (cache.Blob, error) {
	var tree cache.Tree
	var files []aus.File
	var err error
	if len(r.Channels) > 0 {
		if files, err = aus.Generate(&r, forms...); err != nil {
			return cache.Blob{}, pipeline.Fail(pipeline.Input, "the answers to clients cannot be written", err)
		}
		bad := aus.Check(&r, files, aus.Proof{Find: func(url, _ string) (aus.Found, error) {
			f, ok := known[url]
			if !ok {
				return f, fmt.Errorf("no MAR of this release is served at %s", url)
			}
			return f, nil
		}, URLs: aus.URLPolicy{AllowHTTP: true}})
		if err := errors.Join(bad...); err != nil {
			return cache.Blob{}, pipeline.Fail(pipeline.Input, "the answers to clients are wrong", err)
		}
	}
	blobs := e.Store.Batch()
	defer blobs.Abort()
	for _, f := range files {
		blob, err := blobs.PutBytes(ctx, f.Data)
		if err != nil {
			return cache.Blob{}, err
		}
		tree.Entries = append(tree.Entries, cache.Entry{Path: f.Name, Mode: 0o644, Size: blob.Size, Blob: blob.Digest})
	}
	if err := blobs.Commit(ctx); err != nil {
		return cache.Blob{}, err
	}
	tree.Sort()
	return repack.Pack(ctx, e.Store, tree, repack.Tar, time.Unix(0, 0)) // nobody sees the time
}

// publishSnippets writes answers where the update server reads them. They are
// meant to be replaced: the next release answers the same clients.
func (e Env) publishSnippets(ctx context.Context, c pipeline.Call, args publishSnippetsArgs) (pipeline.Result[int], error) {
	var res pipeline.Result[int]
	i := slices.IndexFunc(c.Needs[0].Files, func(f pipeline.File) bool { return f.Name == args.Which })
	if i < 0 {
		return res, fmt.Errorf("no %s among the answers", args.Which)
	}
	tree, err := repack.Unpack(ctx, e.Store, cache.Digest(c.Needs[0].Files[i].Digest), repack.Tar, repack.DefaultLimits())
	if err != nil {
		return res, err
	}
	s, err := openSite(Below(e.Root, args.Publish), short(c.Key))
	if err != nil {
		return res, pipeline.Fail(pipeline.Infra, "the publish directory cannot be written", err)
	}
	for _, entry := range tree.Entries {
		text, rerr := e.Store.Bytes(ctx, entry.Blob, maxList)
		if rerr == nil {
			rerr = s.replace(path.Join(ausBase, entry.Path), text)
		}
		if err = rerr; err != nil {
			break
		}
		res.Facts++
	}
	return res, errors.Join(err, s.close())
}
