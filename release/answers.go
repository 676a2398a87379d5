package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
	"slipway/signing"
	"slipway/updates/aus"
)

func (e Env) snippets(ctx context.Context, c pipeline.Call, args snippetArgs) (pipeline.Result[int], error) {
	var none pipeline.Result[int]
	r := args.Release
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
	}
	for _, id := range sortedKeys(builds) {
		r.Newest.Builds = append(r.Newest.Builds, *builds[id])
	}
	known := served(r)
	for _, gone := range r.Retired {
		fmt.Fprintf(c.Log, "no more updates for %s %s: %s\n", gone.Platform, gone.Locale, gone.Why)
	}
	described, err := indent(r)
	if err != nil {
		return none, err
	}
	live, err := e.answers(ctx, r, known, args.Forms, aus.File{Name: "releases/" + r.Newest.Name + ".json", Data: described})
	if err != nil {
		return none, err
	}
	r.Channels = slices.DeleteFunc(slices.Clone(r.Channels), func(ch aus.Channel) bool { return !slices.Contains(args.Test, ch.Name) })
	for i := range r.Channels {
		r.Channels[i].TestOf = "" // was compared just now
	}
	// A blob says what all channels are told, so it has to wait.
	early := slices.DeleteFunc(slices.Clone(args.Forms), func(f aus.Form) bool { return f == aus.Blobs })
	test, err := e.answers(ctx, r, known, early)
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

// served notes where the channels will serve all MARs that are offered.
func served(r aus.Release) map[string]aus.Found {
	known := map[string]aus.Found{} // by URL
	ftp := map[string]string{}
	for _, p := range r.Platforms {
		ftp[p.Name] = p.FTP
	}
	for _, o := range append([]aus.Offer{r.Newest}, r.Watersheds...) {
		for _, b := range o.Builds {
			for _, l := range b.Locales {
				mars := []aus.MAR{l.Complete}
				for _, p := range l.Partials {
					mars = append(mars, p.MAR)
				}
				for _, m := range mars {
					fill := strings.NewReplacer("{ftp}", ftp[b.Platform], "{locale}", l.Name, "{file}", m.File,
						"{display}", o.DisplayVersion, "{build}", strconv.Itoa(o.BuildNumber))
					for _, c := range r.Channels {
						known[fill.Replace(c.Complete)] = aus.Found{Size: m.Size, Hash: m.Hash}
					}
				}
			}
		}
	}
	return known
}

// answers generates files, proves them, and keeps them as one archive, with
// what else goes along. Without a channel or a client there are none.
func (e Env) answers(ctx context.Context, r aus.Release, known map[string]aus.Found, forms []aus.Form, more ...aus.File) (cache.Blob, error) {
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
	for _, f := range append(files, more...) {
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
