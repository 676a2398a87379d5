package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
)

// publishSnippets writes answers where the update server reads them. They are
// meant to be replaced: the next release answers the same clients.
func (e Env) publishSnippets(ctx context.Context, c pipeline.Call, args publishSnippetsArgs) (pipeline.Result[int], error) {
	var res pipeline.Result[int]
	tree, _, err := e.answerTree(ctx, c, args.Which)
	if err != nil {
		return res, err
	}
	s, err := e.offerSite(c, args.Publish, args.Planned)
	if err != nil {
		return res, err
	}
	if args.Which == liveAnswers {
		// Nobody withdraws what is half written; what a release before left on its
		// way, halted or not, goes: this one is offered to everybody at once.
		err = e.withRolloutLock(ctx, args.Product, func() error {
			res.Facts, err = e.replaceAnswers(ctx, s, args, tree)
			if err == nil {
				err = s.retireAll(args.Product, args.Channels)
			}
			return err
		})
	} else {
		res.Facts, err = e.replaceAnswers(ctx, s, args, tree)
	}
	return res, errors.Join(err, s.close())
}

// replaceAnswers writes answers in the place of those that former releases gave
// to the same clients, durably, and counts them.
func (e Env) replaceAnswers(ctx context.Context, s *site, args publishSnippetsArgs, tree cache.Tree) (int, error) {
	keep := map[string]bool{}
	live := args.Which == liveAnswers
	if live {
		if err := s.notWithdrawn(args); err != nil {
			return 0, err
		}
	}
	err := e.writeAnswers(ctx, s, tree, keep, func(name string) string { return name })
	if err == nil {
		err = s.removeAnswers(args, keep)
	}
	if err == nil && live {
		err = s.supersede(args)
	}
	if err == nil {
		err = s.flush()
	}
	return len(keep), err
}

// answerTree unpacks the answers that the first need left, and names them.
func (e Env) answerTree(ctx context.Context, c pipeline.Call, which string) (cache.Tree, cache.Digest, error) {
	i := slices.IndexFunc(c.Needs[0].Files, func(f pipeline.File) bool { return f.Name == which })
	if i < 0 {
		return cache.Tree{}, "", fmt.Errorf("no %s among the answers", which)
	}
	digest := cache.Digest(c.Needs[0].Files[i].Digest)
	tree, err := repack.Unpack(ctx, e.Store, digest, repack.Tar, repack.DefaultLimits())
	return tree, digest, err
}

// writeAnswers publishes answers under the names that they are given, and notes
// them in keep; those without one stay out.
func (e Env) writeAnswers(ctx context.Context, s *site, tree cache.Tree, keep map[string]bool, name func(string) string) error {
	for _, entry := range tree.Entries {
		to := name(entry.Path)
		if to == "" {
			continue
		}
		keep[path.Join(ausBase, to)] = true
		text, err := e.Store.Bytes(ctx, entry.Blob, maxList)
		if err == nil {
			err = s.replace(path.Join(ausBase, to), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeAnswers removes what former releases told the same clients and this one
// does not: a partial to the release before would stand beside the complete of
// this one.
func (s *site) removeAnswers(args publishSnippetsArgs, keep map[string]bool) error {
	told := func(name string) bool { return slices.Contains(args.Channels, path.Base(path.Dir(name))) }
	for _, form := range []string{"snippets", "update"} {
		for _, version := range args.Versions {
			if err := s.strays(path.Join(ausBase, form, args.Product, version), keep, told); err != nil {
				return err
			}
		}
	}
	return nil
}
