package release

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
)

// repackArgs make one locale's package out of the en-US one.
type repackArgs struct {
	Locale    string              `json:"locale"`
	URL       string              `json:"url"`        // of the translations
	Name      string              `json:"repository"` // as the plan calls them
	Revision  string              `json:"revision"`
	Directory string              `json:"directory"` // of the locale
	Rules     []repack.LocaleRule `json:"rules"`
	AppRoot   string              `json:"app_root"`
	Package   string              `json:"package"`
	When      time.Time           `json:"when"`
}

// appRoot is the directory that rules and partner files start from.
func (p Platform) appRoot() string { return path.Join(p.Root, p.Resources) }

func (g *graph) rules() []repack.LocaleRule {
	var rules []repack.LocaleRule
	for _, r := range g.plan.Config.Locales.Rules {
		rules = append(rules, repack.LocaleRule(r))
	}
	return rules
}

// repacks makes one task of each locale, so that one that fails holds up
// nothing else.
func (g *graph) repacks(id string) {
	p, platform := g.plan, g.plan.Config.Platforms[id]
	l10n, _ := p.repository(p.Config.Locales.Repository)
	for _, l := range p.Locales {
		if !slices.Contains(l.Platforms, id) {
			continue
		}
		name := g.packageName(id, l.Code)
		g.packages[cell{id, l.Code}] = g.add(pipeline.Task{
			ID: "repack/" + id + "/" + l.Code, Title: fmt.Sprintf("repack %s for %s", l.Code, platform.Title),
			Stage: stageRepack, Kind: "repack-locale", Needs: []string{g.packages[cell{id, sourceLocale}]}, Pool: "cpu",
			Outputs: []string{name}, Platform: id, Locale: l.Code,
		}, repackArgs{
			Locale: l.Code, URL: l10n.URL, Name: l10n.Name, Revision: l.Revision,
			Directory: strings.ReplaceAll(p.Config.Locales.Directory, "{locale}", l.Code),
			Rules:     g.rules(), AppRoot: platform.appRoot(), Package: name, When: p.Date,
		})
	}
}

func (e Env) repackLocale(ctx context.Context, c pipeline.Call, args repackArgs) (pipeline.Result[packageFacts], error) {
	var none pipeline.Result[packageFacts]
	built, files, err := e.repacked(ctx, c, args.Name, args.URL, args.Revision, args.Directory)
	if err != nil {
		return none, err
	}
	done, err := e.repacker().Locale(ctx, repack.LocaleJob{
		Archive: cache.Digest(built.Files[0].Digest), Format: built.Facts.Format, AppRoot: args.AppRoot,
		Locale: args.Locale, L10n: files, Rules: args.Rules, When: args.When,
	})
	if err != nil {
		return none, pipeline.Fail(pipeline.Input, "the locale could not be repacked", err)
	}
	facts := packageFacts{Tree: done.Tree, Format: done.Format}
	for _, k := range done.Fallbacks {
		facts.Notes = append(facts.Notes, note("English stands in for", k))
	}
	for _, k := range done.Obsolete {
		facts.Notes = append(facts.Notes, note("nothing asks for", k))
	}
	for _, n := range facts.Notes {
		fmt.Fprintln(c.Log, n)
	}
	return packageResult(args.Package, done.Archive, facts), nil
}

func note(what string, k repack.Keys) string {
	if len(k.Keys) == 0 {
		return what + " " + k.Path
	}
	return fmt.Sprintf("%s %s: %s", what, k.Path, strings.Join(k.Keys, ", "))
}

// repacked is what a repack works with: the package of its first need, and what
// is laid over it, a directory of a repository.
func (e Env) repacked(ctx context.Context, c pipeline.Call, name, url, rev, dir string) (pipeline.Result[packageFacts], cache.Digest, error) {
	pkg, err := pipeline.Need[packageFacts](c, 0)
	if err != nil {
		return pkg, "", err
	}
	if _, err := e.tree(ctx, c, 0); err != nil { // brings back what was trimmed
		return pkg, "", err
	}
	files, err := e.directory(ctx, name, url, rev, dir)
	return pkg, files, err
}

// directory puts a directory of a repository into the cache as a tree.
func (e Env) directory(ctx context.Context, name, url, rev, dir string) (cache.Digest, error) {
	m, err := openMirror(ctx, e.Git, e.Root, name, url)
	if err != nil {
		return "", pipeline.Fail(pipeline.Infra, "a repository could not be read", err)
	}
	tree, err := m.Tree(ctx, e.Store, rev, dir)
	if err != nil {
		return "", pipeline.Fail(pipeline.Infra, "a repository could not be read", err)
	}
	blob, err := e.Store.PutTree(ctx, tree)
	return blob.Digest, err
}
