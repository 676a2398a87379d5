package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/cache"
	"slipway/release/text"
)

// openCache opens the cache with the secret that seals its results. The secret
// lies with the state: whoever can plant entries in the cache must not be able
// to seal them.
func (a *app) openCache() (*cache.Store, error) {
	place := a.cachePlace()
	if !isDirOrGone(place.path) {
		return nil, usage(fmt.Errorf("%s (%s) is a file, want the directory of a cache", place.path, place.origin), "")
	}
	secret, err := cacheSecret(a.statePlace().path)
	if err != nil {
		return nil, err
	}
	return cache.OpenWith(place.path, cache.Options{Secret: secret})
}

// cacheSecret reads the secret, or makes it. An empty one, which is what a loss of
// power leaves of a file, would seal nothing and be believed for ever.
func cacheSecret(state string) ([]byte, error) {
	path := filepath.Join(state, "cache.secret")
	b, err := os.ReadFile(path)
	if err == nil && len(b) == 0 {
		err = fmt.Errorf("%s is empty: remove it, and a new one is made", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(state, "cache.secret.*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(rand.Text())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	// Of two processes that get here at once, the first to link wins.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "what the cache holds and saved, why something is made again, is it sound",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.cacheStatsCommand(), a.cacheWhyCommand(), a.cacheVerifyCommand(), a.cacheTrimCommand())
	return cmd
}

// cacheVerb is a verb of the cache: it opens the store, answers, closes it.
func (a *app) cacheVerb(c *cobra.Command, answer func(ctx context.Context, s *cache.Store, args []string, json *lines) error) *cobra.Command {
	asJSON := jsonFlag(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.namedCache(); err != nil {
			return err
		}
		s, err := a.openCache()
		if err != nil {
			return err
		}
		defer s.Close()
		var json *lines
		if *asJSON {
			json = &lines{w: a.stdout}
		}
		return answer(cmd.Context(), s, args, json)
	}
	return c
}

// namedCache refuses a place that was named and holds no cache: to look at what
// was mistyped would make it, empty. The standard place may be empty still.
func (a *app) namedCache() error {
	place := a.cachePlace()
	if place.origin == "default" || !isDirOrGone(place.path) { // a file is told of by who opens it
		return nil
	}
	if _, err := os.Stat(filepath.Join(place.path, string(cache.Blobs))); errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Errorf("%s (%s) holds no cache", place.path, place.origin), "what makes packages or releases makes it; slipway cache stats without --cache looks at the standard place")
	}
	return nil
}

func (a *app) cacheStatsCommand() *cobra.Command {
	return a.cacheVerb(&cobra.Command{
		Use:   "stats",
		Short: "what the cache holds, by kind of result, and what it saved so far",
		Args:  cobra.NoArgs,
	}, func(ctx context.Context, s *cache.Store, _ []string, json *lines) error {
		st, err := s.Stats(ctx)
		if err != nil {
			return err
		}
		spaces := maps.Clone(st.Saved)
		for space := range st.Results {
			spaces[space] = st.Saved[space]
		}
		if json == nil {
			fmt.Fprintf(a.stdout, "%-20s %8s %9s %7s %8s %8s %11s\n", "", "results", "size", "hits", "misses", "hit rate", "time saved")
		}
		for _, space := range slices.Sorted(maps.Keys(spaces)) {
			held, saved := st.Results[space], spaces[space]
			if json != nil {
				if err := json.put("space", map[string]any{"space": space, "held": held, "saved": saved}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(a.stdout, "%-20s %8d %9s %7d %8d %8s %11s\n", text.Sanitize(space),
				held.Results, humanize.IBytes(uint64(held.Bytes)), saved.Hits, saved.Misses, hitRate(saved), seconds(saved.SecondsSaved))
		}
		if json != nil {
			return json.put("summary", map[string]any{"blobs": st.Blobs, "bytes": st.Bytes, "quarantined": st.Quarantined})
		}
		fmt.Fprintf(a.stdout, "%d blobs, %s in all; %d in quarantine\n", st.Blobs, humanize.IBytes(uint64(st.Bytes)), st.Quarantined)
		return nil
	})
}

func hitRate(c cache.Counts) string {
	if c.Hits+c.Misses == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(c.Hits)/float64(c.Hits+c.Misses))
}

func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Second / 10).String()
}

func (a *app) cacheVerifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "read everything and name every entry that is not what its name says",
		Args:  cobra.NoArgs,
	}
	putAside := cmd.Flags().Bool("quarantine", false, "put what is bad aside, so that it is made again")
	return a.cacheVerb(cmd, func(ctx context.Context, s *cache.Store, _ []string, json *lines) error {
		v, err := s.Verify(ctx, *putAside)
		if err != nil {
			return err
		}
		for _, d := range v.Bad {
			if json == nil {
				fmt.Fprintln(a.stdout, text.Sanitize(d.Error()))
			} else if err := json.put("bad", map[string]any{"class": d.Class, "name": d.Name, "why": d.Why}); err != nil {
				return err
			}
		}
		if json == nil {
			fmt.Fprintf(a.stdout, "%d blobs (%s) and %d results read, %d bad\n", v.Blobs, humanize.IBytes(uint64(v.Bytes)), v.Results, len(v.Bad))
			if v.Unsealed > 0 {
				fmt.Fprintf(a.stdout, "%d results %s\n", v.Unsealed, notOurs)
			}
		} else if err := json.put("summary", map[string]any{
			"blobs": v.Blobs, "bytes": v.Bytes, "results": v.Results, "unsealed": v.Unsealed, "bad": len(v.Bad),
		}); err != nil {
			return err
		}
		if len(v.Bad) == 0 {
			return nil
		}
		err = fmt.Errorf("%d bad entries in the cache", len(v.Bad))
		if *putAside {
			return fail(exitCheckFailed, err, "they are in quarantine; what needs them makes them again")
		}
		return fail(exitCheckFailed, err, "slipway cache verify --quarantine")
	})
}

func (a *app) cacheTrimCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "trim --max SIZE",
		Short:   "remove what was not used for longest, until the cache is within a size",
		Example: "  slipway cache trim --max 20GiB",
		Args:    cobra.NoArgs,
	}
	limit := cmd.Flags().String("max", "", "the `SIZE` to come down to: 500MB, 20GiB, 0")
	spare := cmd.Flags().Duration("keep", 2*time.Hour, "spare what was used this recently: a run may need it")
	require(cmd, "max")
	return a.cacheVerb(cmd, func(ctx context.Context, s *cache.Store, _ []string, json *lines) error {
		size, err := humanize.ParseBytes(*limit)
		if err != nil || size > 1<<62 {
			return usage(fmt.Errorf("--max %q: want a size such as 500MB or 20GiB", *limit), "slipway cache trim --max 20GiB")
		}
		t, err := s.Trim(ctx, cache.TrimOptions{Max: int64(size), Keep: *spare})
		if err != nil {
			return err
		}
		if json != nil {
			return json.put("summary", t)
		}
		fmt.Fprintf(a.stdout, "removed %d entries, %s; left %s\n", t.Removed, humanize.IBytes(uint64(t.Freed)), humanize.IBytes(uint64(t.Left)))
		if t.Left > int64(size) {
			fmt.Fprintf(a.stderr, "slipway: what is left was used within the last %s; while no release runs, --keep 0s removes that too\n", *spare)
		}
		return nil
	})
}
