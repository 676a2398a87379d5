package cache

import (
	"context"
	"sort"
	"time"
)

// TrimOptions bound what [Store.Trim] leaves.
type TrimOptions struct {
	Max int64 // bytes
	// Keep spares what was used this recently, whatever the bound: a release
	// that runs must not lose what it has just put. The time of last use is
	// kept to the hour, so anything below an hour is a guess.
	Keep time.Duration
}

// Trimmed is what Trim did.
type Trimmed struct {
	Removed int64 `json:"removed"` // entries
	Freed   int64 `json:"freed"`   // bytes
	Left    int64 `json:"left"`    // bytes
}

// Trim removes what was put aside, and then what was not used for longest,
// until the store is within its bound.
func (s *Store) Trim(ctx context.Context, o TrimOptions) (Trimmed, error) {
	var t Trimmed
	bad, err := s.list(ctx, Bad)
	if err != nil {
		return t, err
	}
	for _, l := range bad {
		if err := s.b.Remove(Bad, l.Name); err != nil {
			return t, err
		}
		t.add(l)
	}
	all, err := s.byUse(ctx)
	if err != nil {
		return t, err
	}
	for _, l := range all {
		t.Left += l.Size
	}
	now := s.now()
	limit, future := now.Add(-o.Keep), now.Add(useStep)
	gone := map[string]bool{}
	for _, l := range all {
		if t.Left <= o.Max {
			break
		}
		// A time yet to come is no use: a clock was wrong, and would spare it for ever.
		if l.Used.After(limit) && !l.Used.After(future) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return t, err
		}
		if err := s.b.Remove(l.class, l.Name); err != nil {
			return t, err
		}
		t.add(l.Listed)
		t.Left -= l.Size
		if l.class == Blobs {
			gone[l.Name] = true
		}
	}
	if len(gone) == 0 {
		return t, nil
	}
	// A result that lost a blob is no result.
	return t, s.each(ctx, func(l Listed, r record, _ bool) error {
		for _, b := range r.Value.Blobs {
			if gone[b.Digest.Hex()] {
				t.add(l)
				t.Left -= l.Size
				return s.b.Remove(Results, l.Name)
			}
		}
		return nil
	})
}

func (t *Trimmed) add(l Listed) {
	t.Removed++
	t.Freed += l.Size
}

type listedIn struct {
	Listed
	class Class
}

// byUse lists blobs and records, the one longest unused first.
func (s *Store) byUse(ctx context.Context) ([]listedIn, error) {
	var all []listedIn
	for _, c := range []Class{Blobs, Results} {
		part, err := s.list(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, l := range part {
			all = append(all, listedIn{l, c})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Used.Before(all[j].Used) })
	return all, nil
}
