package release

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
)

// partnerArgs add a partner's files to one package.
type partnerArgs struct {
	URL       string           `json:"url"`
	Name      string           `json:"repository"`
	Revision  string           `json:"revision"`
	Directory string           `json:"directory"`
	Config    repack.RepackCfg `json:"config"`
	Platform  string           `json:"platform"` // as repack.cfg names it
	Locale    string           `json:"locale"`
	Root      string           `json:"root"`
	Package   string           `json:"package"`
	When      time.Time        `json:"when"`
}

// partners makes every partner's builds from the vanilla packages. They get
// the vanilla MARs: an update never touches distribution/.
func (g *graph) partners() {
	p := g.plan
	repo, _ := p.repository(p.Config.Partners.Repository)
	for _, partner := range p.Partners {
		for _, id := range partner.Platforms {
			platform := p.Config.Platforms[id]
			// An OEM configuration is in the plan only if it was asked for.
			codes, _ := partner.Config.Builds(platform.PartnerID, true)
			for _, code := range codes {
				vanilla, ok := g.packages[cell{id, partner.Config.Base(code)}]
				if !ok {
					continue // the locale is not made for this platform
				}
				// v1: off-cycle respins of one partner count on.
				who, config, _ := strings.Cut(partner.Name, "/")
				name := path.Join("partner-repacks", partner.Name, "v1",
					partner.Config.Output(who, config, platform.Directory, code), path.Base(g.packageName(id, code)))
				made := g.add(pipeline.Task{
					ID:    "partner/" + id + "/" + code + "/" + partner.Name,
					Title: fmt.Sprintf("repack %s for %s in %s", partner.Name, platform.Title, code),
					Stage: stagePartner, Lane: partner.Name, Kind: "repack-partner", Needs: []string{vanilla}, Pool: "cpu",
					Outputs: []string{name}, Platform: id, Locale: code,
				}, partnerArgs{
					URL: repo.URL, Name: repo.Name, Revision: repo.Revision, Directory: partner.Directory,
					Config: partner.Config, Platform: platform.PartnerID, Locale: code,
					Root: platform.Root, Package: name, When: p.Date,
				})
				g.partnerOf[made] = partner
			}
		}
	}
}

func (e Env) repackPartner(ctx context.Context, c pipeline.Call, args partnerArgs) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	vanilla, files, err := e.repacked(ctx, c, args.Name, args.URL, args.Revision, args.Directory)
	if err != nil {
		return none, err
	}
	done, err := e.repacker().Partner(ctx, repack.PartnerJob{
		Archive: cache.Digest(vanilla.Files[0].Digest), Format: vanilla.Facts.Format, AppRoot: args.Root,
		Platform: args.Platform, Locale: args.Locale, Config: args.Config, Files: files, When: args.When,
	})
	if err != nil {
		return none, pipeline.Fail(pipeline.Input, "the partner build could not be made", err)
	}
	for _, name := range done.Ignored {
		fmt.Fprintf(c.Log, "not added: %s\n", name)
	}
	return packageResult(args.Package, done.Archive, packageFacts{Tree: done.Tree, Format: done.Format}), nil
}
