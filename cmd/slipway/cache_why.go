package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/cache"
	"slipway/release/text"
)

func (a *app) cacheWhyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "why SPACE PART=VALUE… | DIGEST",
		Short: "why a result is made again: what its key and the nearest kept one differ in",
		Long: `Looks a key up, without using it, and when it is not kept names the kept result
of the same kind whose key differs in the fewest parts; a part that is not given
counts as different, and one with a space is quoted: "patch nice=273". Given a
digest, it says which results that blob belongs to.`,
		Example: `  slipway cache why patch old=sha256:5b4c… new=sha256:77a0… bsdiff=bsdiff-8
  slipway cache why sha256:5b4c…`,
		Args: cobra.MinimumNArgs(1),
	}
	return a.cacheVerb(cmd, func(ctx context.Context, s *cache.Store, args []string, json *lines) error {
		if d, err := cache.ParseDigest(args[0]); err == nil && len(args) == 1 {
			return a.cacheMakers(ctx, s, d, json)
		}
		if strings.HasPrefix(args[0], "sha256:") {
			return usage(fmt.Errorf("%q is no digest: want sha256: and 64 hex digits, as slipway task show prints them", args[0]), helpFor(cmd))
		}
		key := cache.Key{Space: args[0], Parts: map[string]string{}}
		for _, arg := range args[1:] {
			part, value, ok := strings.Cut(arg, "=")
			if !ok {
				return usage(fmt.Errorf("%q: want PART=VALUE", arg), helpFor(cmd))
			}
			key.Parts[part] = value
		}
		w, err := s.Why(ctx, key)
		if err != nil {
			return err
		}
		if json != nil {
			return json.put("summary", w)
		}
		switch {
		case w.Hit != nil:
			a.printKnown("kept", *w.Hit)
		case w.Nearest == nil:
			fmt.Fprintf(a.stdout, "not kept: no result of kind %q is\n", key.Space)
		default:
			fmt.Fprintf(a.stdout, "not kept; the nearest key differs in %d of its parts:\n", len(w.Differs))
			for _, d := range w.Differs {
				fmt.Fprintf(a.stdout, "  %-10s asked for %q, kept is %q\n", text.Sanitize(d.Part), d.Want, d.Have)
			}
			a.printKnown("nearest", *w.Nearest)
		}
		return nil
	})
}

func (a *app) cacheMakers(ctx context.Context, s *cache.Store, d cache.Digest, json *lines) error {
	makers, err := s.Makers(ctx, d)
	if err != nil {
		return err
	}
	for _, k := range makers {
		if json != nil {
			if err := json.put("result", k); err != nil {
				return err
			}
			continue
		}
		a.printKnown("result", k)
	}
	if json != nil {
		return json.put("summary", map[string]any{"digest": d, "kept": s.Has(d), "results": len(makers)})
	}
	if len(makers) == 0 {
		fmt.Fprintf(a.stdout, "%s belongs to no kept result (it is here: %t)\n", d, s.Has(d))
	}
	return nil
}

// notOurs is said of results that this state's secret does not seal: they are
// sound, and none is used.
const notOurs = "made under another --state, so made again here"

func (a *app) printKnown(what string, k cache.Known) {
	foreign := ""
	if !k.Sealed {
		foreign = "; " + notOurs
	}
	fmt.Fprintf(a.stdout, "%s: %s %s, made in %s, last used %s%s\n", what, text.Sanitize(k.Key.Space), k.Name.Short(),
		seconds(k.Seconds), k.Used.UTC().Format(time.DateTime), foreign)
	for _, part := range slices.Sorted(maps.Keys(k.Key.Parts)) {
		fmt.Fprintf(a.stdout, "  %-10s %s\n", text.Sanitize(part), text.Sanitize(k.Key.Parts[part]))
	}
	for _, b := range k.Value.Blobs {
		gone := ""
		if slices.Contains(k.Missing, b.Digest) {
			gone = ", trimmed since"
		}
		fmt.Fprintf(a.stdout, "  → %s, %d bytes%s\n", b.Digest, b.Size, gone)
	}
}
