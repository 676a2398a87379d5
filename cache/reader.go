package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"time"
)

// inMemory is the size up to which the bytes that were hashed are the bytes
// handed out. A larger entry is read again through the file that was hashed.
const inMemory = 1 << 20

// Reader is an open blob whose bytes have been verified.
type Reader struct {
	*io.SectionReader
	f File
}

// Close closes the blob.
func (r *Reader) Close() error { return r.f.Close() }

// newReader hashes f and returns a reader over the bytes it hashed.
func newReader(ctx context.Context, f File) (*Reader, Digest, error) {
	h := sha256.New()
	all := io.NewSectionReader(f, 0, f.Size())
	if f.Size() <= inMemory {
		b := make([]byte, f.Size())
		if _, err := io.ReadFull(all, b); err != nil {
			return nil, "", err
		}
		return &Reader{io.NewSectionReader(bytes.NewReader(b), 0, f.Size()), f}, Sum(b), nil
	}
	if _, err := io.CopyBuffer(h, contextReader{ctx, all}, make([]byte, 256<<10)); err != nil {
		return nil, "", err
	}
	if _, err := all.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	return &Reader{all, f}, digestOf([sha256.Size]byte(h.Sum(nil))), nil
}

// useStep is how exactly the time of last use is kept: writing it at each read
// would turn reads into writes.
const useStep = time.Hour

func (s *Store) touch(c Class, name string, f File) {
	// One in the future is from when a clock was wrong; trimming would take it.
	if now := s.now(); now.Sub(f.Used()).Abs() > useStep {
		// Only trimming reads it; failing to write it costs nothing now.
		_ = s.b.Touch(c, name, now)
	}
}
