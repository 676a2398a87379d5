package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// rollout makes one step. The order is what makes it safe to be killed at any
// instant: answers before the buckets that are offered them, live answers
// before the rollout goes.
func (e Env) rollout(ctx context.Context, c pipeline.Call, args rolloutArgs) (pipeline.Result[rolloutFacts], error) {
	res := pipeline.Result[rolloutFacts]{Facts: rolloutFacts{Share: args.Share}}
	if err := e.healthy(ctx, c, args); err != nil {
		return res, err
	}
	tree, digest, err := e.answerTree(ctx, c, args.Which)
	if err != nil {
		return res, err
	}
	res.Facts.Answers = string(digest)
	s, err := e.offerSite(c, args.Publish, args.Planned)
	if err != nil {
		return res, err
	}
	step := rolloutStep{e: e, s: s, args: args, tree: tree}
	if args.Share == everybody {
		err = step.live(ctx)
	} else {
		err = step.share(ctx)
	}
	return res, errors.Join(err, s.close())
}

// healthy asks the product's own program whether more users may be offered the
// release. Its no, or that it cannot tell, is for people to look at.
func (e Env) healthy(ctx context.Context, c pipeline.Call, args rolloutArgs) error {
	if len(args.Health) == 0 {
		return nil
	}
	env := append(os.Environ(), "SLIPWAY_RELEASE="+args.Release, fmt.Sprintf("SLIPWAY_SHARE=%d", args.Share))
	err := runStep(ctx, e.Root, env, args.Health, c.Log)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return pipeline.Fail(pipeline.Policy, "the health check holds the share back",
		fmt.Errorf("%s: %w; slipway retry asks it again, slipway rollout halt ends the rollout", args.Health[0], err))
}

type rolloutStep struct {
	e    Env
	s    *site
	args rolloutArgs
	tree cache.Tree
}

// share publishes the answers beside the live ones and opens buckets to them.
// A halt need not wait for the answers: the lock is not held meanwhile.
func (r rolloutStep) share(ctx context.Context) error {
	locked := func(do func(dir string, now rollout) error) error {
		return r.e.withRolloutLock(ctx, r.args.Product, func() error { return r.eachChannel(do) })
	}
	if err := locked(r.begin); err != nil {
		return err
	}
	keep := map[string]bool{}
	err := r.e.writeAnswers(ctx, r.s, r.tree, keep, func(name string) string {
		for _, channel := range r.args.Throttled {
			if beside, ok := aus.RolloutName(r.args.Product, channel, name); ok {
				return beside
			}
		}
		if r.args.throttles(name) {
			return "" // at the end
		}
		return name
	})
	for _, channel := range r.args.Throttled {
		if err == nil {
			// What another release's rollout told, and this one does not.
			top := path.Join(rolloutDir(r.args.Product, channel), aus.AnswersDir)
			err = r.s.strays(top, keep, func(string) bool { return true })
		}
	}
	if err == nil {
		err = r.s.flush()
	}
	if err != nil {
		return err
	}
	return locked(r.raise)
}

// eachChannel does a thing to each channel's rollout as it is now.
func (r rolloutStep) eachChannel(do func(dir string, now rollout) error) error {
	for _, channel := range r.args.Throttled {
		now, err := readRollout(r.s.root, r.args.Product, channel)
		if err == nil {
			err = do(rolloutDir(r.args.Product, channel), now)
		}
		if err != nil {
			return fmt.Errorf("channel %s: %w", channel, err)
		}
	}
	return nil
}

func (r rolloutStep) begin(dir string, now rollout) error {
	takesOver, err := now.begin(r.args)
	if err == nil && takesOver {
		err = r.s.closeBuckets(dir, now.Open)
		if err == nil {
			err = r.s.flush()
		}
	}
	if err != nil {
		return err
	}
	return r.s.replace(path.Join(dir, aus.OwnerFile), []byte(r.args.Release+"\n"))
}

func (r rolloutStep) raise(dir string, now rollout) error {
	add, lift, err := now.raise(r.args)
	if err == nil && lift {
		err = r.s.remove(path.Join(dir, aus.HaltedFile))
	}
	for _, b := range add {
		if err == nil {
			err = r.s.openBucket(path.Join(dir, b))
		}
	}
	return err
}

// live ends the rollout: everybody reads the live answers, which are the new
// ones now. A halt waits, or is refused: half of a halt would be none.
func (r rolloutStep) live(ctx context.Context) error {
	return r.e.withRolloutLock(ctx, r.args.Product, func() error {
		err := r.eachChannel(func(_ string, now rollout) error {
			_, err := now.begin(r.args)
			return err
		})
		if err == nil {
			_, err = r.e.replaceAnswers(ctx, r.s, r.args.publishSnippetsArgs, r.tree)
		}
		if err == nil {
			err = r.s.retireAll(r.args.Product, r.args.Throttled)
		}
		return err
	})
}
