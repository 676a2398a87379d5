package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"
)

// ErrMissing says that a store does not hold the bytes asked for: never put,
// trimmed, or found damaged and quarantined. The remedy is to make them again.
var ErrMissing = errors.New("not in the cache")

// Blob is a reference to bytes in a store.
type Blob struct {
	Digest Digest `json:"digest"`
	Size   int64  `json:"size"`
}

// Store keeps bytes and results in a [Backend], and trusts none of it.
type Store struct {
	b    Backend
	disk *disk // b, when it is one: Close and Stats know more of it
	seal []byte
	now  func() time.Time

	mu     sync.Mutex
	calls  map[string]*call   // keyed results being made in this process
	proven map[string]Digest  // records this process has made or proven
	hashed map[Digest]Stamp   // large blobs this process has hashed, and as what
	counts map[string]*Counts // by key space
	aside  int64              // entries quarantined since the store was opened
}

// Options are what [Open] leaves at their defaults.
type Options struct {
	// Secret seals the records of keyed results. A record with a good seal was
	// made, and proven, by a holder of the secret; without one each process
	// proves each result anew before it first trusts it. It must be kept
	// outside the cache directory: whoever can plant entries could read it.
	Secret []byte
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Open opens the cache in dir and makes it if it is not there. Any number of
// processes may have it open.
func Open(dir string) (*Store, error) { return OpenWith(dir, Options{}) }

// OpenWith is [Open] with options.
func OpenWith(dir string, o Options) (*Store, error) {
	d, err := openDisk(dir)
	if err != nil {
		return nil, err
	}
	s := New(d, o)
	s.disk = d
	return s, nil
}

// New makes a store upon any backend.
func New(b Backend, o Options) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{
		b: b, seal: o.Secret, now: o.Now,
		calls: map[string]*call{}, proven: map[string]Digest{}, hashed: map[Digest]Stamp{}, counts: map[string]*Counts{},
	}
}

// Close adds this process's counts to the directory's and gives up its hold on
// it. A process that dies without it leaves nothing that the next Open does not
// sweep.
func (s *Store) Close() error {
	if s.disk == nil {
		return nil
	}
	return errors.Join(s.disk.addTotals(s.Counts()), s.disk.Close())
}

// Put keeps what r gives until EOF. When it returns, the bytes are durable.
func (s *Store) Put(ctx context.Context, r io.Reader) (Blob, error) {
	b := s.Batch()
	defer b.Abort()
	blob, err := b.Put(ctx, r)
	if err != nil {
		return Blob{}, err
	}
	return blob, b.Commit(ctx)
}

// PutFrom keeps what write writes, which need not fit into memory. An error of
// write's keeps nothing.
func (s *Store) PutFrom(ctx context.Context, write func(io.Writer) error) (Blob, error) {
	b := s.Batch()
	defer b.Abort()
	blob, err := b.putFrom(ctx, write)
	if err != nil {
		return Blob{}, err
	}
	return blob, b.Commit(ctx)
}

// PutBytes keeps b.
func (s *Store) PutBytes(ctx context.Context, b []byte) (Blob, error) {
	batch := s.Batch()
	defer batch.Abort()
	blob, err := batch.PutBytes(ctx, b)
	if err != nil {
		return Blob{}, err
	}
	return blob, batch.Commit(ctx)
}

// sound says whether blob is here already, whole: presence alone would let a
// planted entry shadow the real one.
func (s *Store) sound(ctx context.Context, blob Blob) bool {
	r, err := s.Get(ctx, blob.Digest)
	if err != nil {
		return false
	}
	return r.Close() == nil
}

// Has says whether d is there. The bytes are not looked at; [Store.Get] may
// still find them damaged.
func (s *Store) Has(d Digest) bool {
	d, err := ParseDigest(string(d))
	return err == nil && s.b.Has(Blobs, d.Hex())
}

// Get returns the bytes of d, verified: hashed now, or, when they are many, left
// untouched since this process hashed them. The caller closes the reader. Bytes
// that do not hash to d are quarantined and reported as [ErrMissing].
func (s *Store) Get(ctx context.Context, d Digest) (*Reader, error) {
	f, err := s.openBlob(ctx, d)
	if err != nil {
		return nil, err
	}
	if s.unchanged(d, f) {
		return &Reader{io.NewSectionReader(f, 0, f.Size()), f}, nil
	}
	r, sum, err := newReader(ctx, f)
	if err == nil && sum != d {
		err = s.quarantine(Blobs, d.Hex(), f, wrongHash(f.Size(), sum))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	s.rememberHashed(d, f)
	return r, nil
}

// Bytes returns the whole of d, which may have at most limit bytes. What it
// returns is what it hashed.
func (s *Store) Bytes(ctx context.Context, d Digest, limit int64) ([]byte, error) {
	f, err := s.openBlob(ctx, d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > limit {
		return nil, fmt.Errorf("%s: %d bytes, at most %d wanted", d, f.Size(), limit)
	}
	b := make([]byte, f.Size())
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	if sum := Sum(b); sum != d {
		return nil, fmt.Errorf("%s: %w", d, s.quarantine(Blobs, d.Hex(), f, wrongHash(f.Size(), sum)))
	}
	return b, nil
}

func wrongHash(size int64, sum Digest) string {
	return fmt.Sprintf("holds %d bytes that hash to %s", size, sum)
}

func (s *Store) openBlob(ctx context.Context, d Digest) (File, error) {
	d, err := ParseDigest(string(d))
	if err != nil {
		return nil, err
	}
	f, err := s.open(ctx, Blobs, d.Hex())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	return f, nil
}

// open opens an entry and keeps its time of last use, to the hour.
func (s *Store) open(ctx context.Context, c Class, name string) (File, error) {
	f, err := s.b.Open(ctx, c, name)
	var damaged *DamagedError
	switch {
	case errors.As(err, &damaged):
		return nil, s.quarantine(c, name, nil, damaged.Why)
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrMissing
	case err != nil:
		return nil, err
	}
	s.touch(c, name, f)
	return f, nil
}

func (s *Store) quarantine(c Class, name string, seen File, why string) error {
	if err := s.b.Quarantine(c, name, seen); err != nil {
		return fmt.Errorf("%s, and cannot be put aside: %w", why, err)
	}
	s.mu.Lock()
	s.aside++
	s.mu.Unlock()
	return fmt.Errorf("%s; put aside in quarantine: %w", why, ErrMissing)
}
