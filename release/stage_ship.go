package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"time"

	"slipway/release/pipeline"
)

// detailsArgs add a release to the lists that websites and tools read.
type detailsArgs struct {
	Publish string  `json:"publish"`
	Product string  `json:"product"`
	Prefix  string  `json:"prefix"` // of the key LATEST_PREFIX_VERSION
	Scheme  string  `json:"scheme"`
	Shipped shipped `json:"shipped"` // lacks its date
}

// shipped is one release in PRODUCT.json.
type shipped struct {
	Version string   `json:"version"`
	Build   int      `json:"build_number"`
	Date    string   `json:"date"`     // 2012-01-31, when users were first offered it
	Kind    string   `json:"category"` // major, stability, dev or esr
	Locales []string `json:"locales"`
}

// ship offers the updates and lists the release.
func (g *graph) ship(released, answers string) {
	if len(g.plan.shares()) > 0 {
		g.rollout(answers, released)
		return
	}
	needs := []string{stageShip, released}
	if answers != "" {
		needs = append(needs, g.liveSnippets(answers, released))
	}
	g.mailShare(everybody, g.uploadAnswers(stageShip, stageShip, g.productDetails(needs...)))
}

// productDetails lists the release where websites and tools look.
func (g *graph) productDetails(needs ...string) string {
	p := g.plan
	s := shipped{Version: p.Version, Build: p.Build, Kind: p.category(), Locales: []string{sourceLocale}}
	for _, l := range p.Locales {
		s.Locales = append(s.Locales, l.Code)
	}
	return g.add(pipeline.Task{
		ID: "ship/product-details", Title: "list the release in product-details", Stage: stageShip, Kind: "product-details",
		Needs: needs, Pool: "publish", Effect: pipeline.Idempotent, Try: remote,
	}, detailsArgs{
		Publish: p.Config.Publish.Directory, Product: p.Config.Product, Prefix: p.Config.Tags.Prefix,
		Scheme: p.Config.VersionScheme, Shipped: s,
	})
}

// category is product-details' word for a version.
func (p *Plan) category() string {
	v, err := ParseVersion(p.Config.VersionScheme, p.Version)
	switch {
	case err != nil, v.kind < Release:
		return "dev"
	case v.kind == ESR:
		return "esr"
	case v.semver != nil && v.semver.Patch() == 0, v.semver == nil && v.numbers[2] == 0 && v.numbers[3] == 0:
		return "major"
	}
	return "stability"
}

// productDetails: releases on other channels may end at the same time, and write
// the same lists.
func (e Env) productDetails(ctx context.Context, c pipeline.Call, args detailsArgs) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	return res, e.withRolloutLock(ctx, args.Product, func() error {
		s, err := e.publishSite(c, args.Publish)
		if err != nil {
			return err
		}
		args.Shipped.Date = e.Now().UTC().Format(time.DateOnly)
		return errors.Join(s.details(args), s.close())
	})
}

// details rewrites the lists: what was shipped before, and this release.
func (s *site) details(args detailsArgs) error {
	dir := detailsBase
	all := map[string]shipped{}
	name := path.Join(dir, args.Product+".json")
	text, err := s.root.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	unreadable := func(err error) error {
		return pipeline.Fail(pipeline.Input, "the lists of product-details cannot be read", fmt.Errorf("%s: %w; mend it, or move it away to begin anew", name, err))
	}
	if err := notThere(err); err != nil {
		return unreadable(err)
	}
	id := args.Product + "-" + args.Shipped.Version
	if was, ok := all[id]; ok && was.Build == args.Shipped.Build {
		args.Shipped.Date = was.Date // made again, on a later day perhaps
	}
	all[id] = args.Shipped
	lists := map[string]map[string]string{"major": {}, "stability": {}, "development": {}}
	latest := map[string]Version{}
	for _, id := range sortedKeys(all) {
		r := all[id]
		v, err := ParseVersion(args.Scheme, r.Version)
		if err != nil {
			return unreadable(fmt.Errorf("%s: %w", id, err))
		}
		list, key := r.Kind, "LATEST_"+args.Prefix+"_VERSION"
		switch r.Kind {
		case "dev":
			list, key = "development", "LATEST_"+args.Prefix+"_DEVEL_VERSION"
		case "esr":
			list, key = "stability", args.Prefix+"_ESR"
		}
		if lists[list] == nil {
			return unreadable(fmt.Errorf("%s: category %q: want major, stability, dev or esr", id, r.Kind))
		}
		lists[list][r.Version] = r.Date
		if old, ok := latest[key]; !ok || v.Compare(old) > 0 {
			latest[key] = v
		}
	}
	files := map[string]any{args.Product + ".json": all, args.Product + "_versions.json": texts(latest)}
	for name, list := range lists {
		files[args.Product+"_history_"+name+"_releases.json"] = list
	}
	for _, name := range sortedKeys(files) {
		text, err := indent(files[name])
		if err != nil {
			return err
		}
		if err := s.replace(path.Join(dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

func texts(m map[string]Version) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v.text
	}
	return out
}
