package cache

import "time"

// settled is how long a file must have been left alone before its stamp proves
// anything: a write within one tick of the file system's clock (4 ms, more on
// some) leaves the times as they were.
const settled = time.Second

// stamp returns the stamp of a large blob if it proves anything. Small blobs
// are hashed each time, so that the bytes hashed are the bytes used.
func (s *Store) stamp(f File) (Stamp, bool) {
	stamp, ok := f.Stamp()
	return stamp, ok && f.Size() > inMemory && s.now().Sub(time.Unix(0, stamp.Changed)) > settled
}

// unchanged says whether f is what this process hashed to d.
func (s *Store) unchanged(d Digest, f File) bool {
	stamp, ok := s.stamp(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok && s.hashed[d] == stamp
}

// rememberHashed notes that f was hashed to d. Its stamp is from before it was
// read: a write meanwhile shows.
func (s *Store) rememberHashed(d Digest, f File) {
	if stamp, ok := s.stamp(f); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hashed[d] = stamp
	}
}
