package main

import (
	"cmp"
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/release"
	"slipway/release/engine"
	mails "slipway/release/mail"
	"slipway/release/pipeline"
	"slipway/tui"
)

// factsFor is how long gathered facts are shown before they are gathered
// again: they read every record of the cache, and change slowly.
const factsFor = 3 * time.Second

// factsMemo remembers what the side screens show of one run.
type factsMemo struct {
	mu    sync.Mutex // not the views': gathering may take longer than a screen waits
	run   string
	when  time.Time
	facts tui.Facts
}

func (s *consoleSource) Facts(ctx context.Context, run string) (tui.Facts, error) {
	snap, err := s.Snapshot(ctx, run)
	if err != nil {
		return tui.Facts{}, err
	}
	m := &s.memo
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != run || time.Since(m.when) >= factsFor {
		facts, err := s.gather(ctx, snap)
		if err != nil {
			return tui.Facts{}, err
		}
		m.run, m.when, m.facts = run, time.Now(), facts
	}
	f := m.facts
	f.Keys, f.KeysLoaded = s.keys.told()
	return f, nil
}

// gather reads all that is shown beside the board, and begins to ask the keys.
func (s *consoleSource) gather(ctx context.Context, snap *engine.Snapshot) (facts tui.Facts, err error) {
	text, err := s.j.Plan(ctx, snap.Run.ID)
	if err != nil {
		return facts, err
	}
	plan, err := release.ParsePlan(text)
	if err != nil {
		return facts, err
	}
	env, err := s.app.releaseEnv(productDir(snap.Run.Origin, plan))
	if err != nil {
		return facts, err
	}
	defer env.Store.Close()
	s.keys.ask(snap.Run.ID, func(ctx context.Context) (keys []tui.KeyFacts) {
		for _, k := range release.Keys(ctx, plan, env) { // they lie outside the store
			keys = append(keys, tui.KeyFacts(k))
		}
		return keys
	})
	channels, rerr := env.Rollouts(plan)
	rollout := tui.RolloutFacts{Channels: channels}
	if rerr != nil {
		rollout.Problem = rerr.Error()
	}
	facts = tui.Facts{Rollout: rollout, Signed: signedFacts(snap), Mails: mailFacts(snap)}
	if facts.Updates, err = s.updateFacts(ctx, snap); err != nil {
		return facts, err
	}
	stats, err := env.Store.Stats(ctx)
	if err != nil {
		return facts, err
	}
	c := &facts.Cache
	c.Size = stats.Bytes
	for name, n := range stats.Saved {
		saved := time.Duration(n.SecondsSaved * float64(time.Second))
		c.Spaces = append(c.Spaces, tui.SpaceFacts{Name: name, Lookups: n.Hits + n.Misses, Hits: n.Hits, TimeSaved: saved})
		c.Lookups += n.Hits + n.Misses
		c.Hits += n.Hits
		c.BytesSaved += n.BytesSaved
		c.TimeSaved += saved
	}
	slices.SortFunc(c.Spaces, func(a, b tui.SpaceFacts) int {
		return cmp.Or(cmp.Compare(b.Lookups, a.Lookups), strings.Compare(a.Name, b.Name))
	})
	return facts, nil
}

// updateFacts adds up, for each prior release, the partials made so far and
// the completes they spare.
func (s *consoleSource) updateFacts(ctx context.Context, snap *engine.Snapshot) ([]tui.UpdateFacts, error) {
	at := map[string]int{}
	var all []tui.UpdateFacts
	complete := map[string]int64{} // task → bytes
	for _, t := range snap.Tasks {
		if t.Kind != "complete" && t.Kind != "partial" {
			continue
		}
		var bytes int64
		if t.State == pipeline.Passed {
			result, _, err := s.j.Result(ctx, t.Key)
			if err != nil {
				return nil, err
			}
			for _, f := range result.Files {
				bytes += f.Size
			}
		}
		if t.Kind == "complete" {
			complete[t.ID] = bytes
			continue
		}
		from := strings.TrimPrefix(path.Base(t.ID), "from-") // updates/linux64/de/from-1.0.0-rc.1
		i, ok := at[from]
		if !ok {
			i = len(all)
			at[from] = i
			all = append(all, tui.UpdateFacts{From: from})
		}
		u := &all[i]
		u.Total++
		if t.State == pipeline.Passed {
			u.Done++
			u.Partial += bytes
			u.Complete += complete[t.Needs[0]]
			u.Took += t.Took(snap.At)
		}
		if t.Cached {
			u.Cached++
		}
	}
	return all, nil
}

// signedFacts counts what carries which kind of signature.
func signedFacts(snap *engine.Snapshot) []tui.SignFacts {
	formats := []tui.SignFacts{{Format: "OpenPGP"}, {Format: "MAR"}, {Format: "Authenticode"}}
	for _, t := range snap.Tasks {
		f := &formats[0]
		switch {
		case t.Kind == "sign-programs":
			f = &formats[2]
		case t.Kind == "sign-mar":
			f = &formats[1]
		case t.Stage != "sign":
			continue
		}
		f.Total++
		switch t.State {
		case pipeline.Passed:
			f.Done++
		case pipeline.Running:
			f.Running++
		case pipeline.Failed:
			f.Failed++
		}
	}
	return formats
}

// mailFacts shows the mails of the graph: what was told, and what will be.
func mailFacts(snap *engine.Snapshot) []tui.MailFacts {
	var all []tui.MailFacts
	for _, t := range snap.Tasks {
		if t.Kind != "mail" {
			continue
		}
		var args struct {
			Kind  mails.Kind  `json:"kind"`
			Facts mails.Facts `json:"facts"`
		}
		if err := json.Unmarshal(t.Args, &args); err != nil {
			continue // of another version of slipway: the task itself will say so
		}
		m, err := mails.Compose(args.Kind, args.Facts)
		if err != nil {
			all = append(all, tui.MailFacts{Subject: t.Title, State: "refused", Text: err.Error()})
			continue
		}
		f := tui.MailFacts{Subject: m.Subject, To: strings.Join(m.To, ", "), State: "planned", Text: m.Body}
		if t.State == pipeline.Passed {
			f.State, f.When = "sent", t.Ended
		} else if t.State != pipeline.Waiting {
			f.State = string(t.State)
		}
		all = append(all, f)
	}
	return all
}
