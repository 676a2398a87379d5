package cache

// Counts is what a store did for one key space since it was opened.
type Counts struct {
	Hits         int64   `json:"hits"`
	Misses       int64   `json:"misses"`
	BytesSaved   int64   `json:"bytes_saved"`   // size of what hits gave back
	SecondsSaved float64 `json:"seconds_saved"` // what making it had taken
	SecondsSpent float64 `json:"seconds_spent"` // what making the misses took
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Hits += o.Hits
	c.Misses += o.Misses
	c.BytesSaved += o.BytesSaved
	c.SecondsSaved += o.SecondsSaved
	c.SecondsSpent += o.SecondsSpent
}

func hit(v Value, seconds float64) Counts {
	var bytes int64
	for _, b := range v.Blobs {
		bytes += b.Size
	}
	return Counts{Hits: 1, BytesSaved: bytes, SecondsSaved: seconds}
}

func miss(seconds float64) Counts { return Counts{Misses: 1, SecondsSpent: seconds} }

func (s *Store) count(space string, c Counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.counts[space]
	if have == nil {
		have = &Counts{}
		s.counts[space] = have
	}
	have.Add(c)
}

// PutAside is how many entries were found bad, or not sealed here, since the
// store was opened: each is in quarantine, and what needs it makes it again.
func (s *Store) PutAside() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aside
}

// Counts returns what this store did since it was opened, by key space.
func (s *Store) Counts() map[string]Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]Counts, len(s.counts))
	for space, c := range s.counts {
		out[space] = *c
	}
	return out
}
