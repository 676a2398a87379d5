package cache

import "context"

// Stats is what a store holds.
type Stats struct {
	Blobs       int64                 `json:"blobs"`
	Bytes       int64                 `json:"bytes"` // of blobs and records
	Results     map[string]SpaceStats `json:"results"`
	Quarantined int64                 `json:"quarantined"`
	// Saved is what all processes that closed their store reported, by key space.
	Saved map[string]Counts `json:"saved"`
}

// SpaceStats is what a store holds in one key space.
type SpaceStats struct {
	Results int64   `json:"results"`
	Bytes   int64   `json:"bytes"`   // of the blobs, shared ones counted each time
	Seconds float64 `json:"seconds"` // what making them took
}

// Stats counts what the store holds. It reads every record, and no blob.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	st := Stats{Results: map[string]SpaceStats{}, Saved: map[string]Counts{}}
	blobs, err := s.list(ctx, Blobs)
	if err != nil {
		return st, err
	}
	st.Blobs = int64(len(blobs))
	for _, l := range blobs {
		st.Bytes += l.Size
	}
	bad, err := s.list(ctx, Bad)
	if err != nil {
		return st, err
	}
	st.Quarantined = int64(len(bad))
	err = s.each(ctx, func(l Listed, r record, _ bool) error {
		st.Bytes += l.Size
		space := st.Results[r.Key.Space]
		space.Results++
		space.Seconds += r.Seconds
		for _, b := range r.Value.Blobs {
			space.Bytes += b.Size
		}
		st.Results[r.Key.Space] = space
		return nil
	})
	if err == nil && s.disk != nil {
		st.Saved = s.disk.totals()
	}
	return st, err
}
