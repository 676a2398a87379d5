package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"sync"
)

// Batch puts many blobs for the price of a few: those of an unpacked archive,
// say. They can be read when Commit has returned, or not at all. Any number of
// goroutines may put; Commit comes when they are done.
type Batch struct {
	s       *Store
	mu      sync.Mutex
	pending []Finished
	seen    map[Digest]bool // put into this batch
	err     error           // of a commit in between
}

// maxPending bounds the files a batch holds open; so many are committed at once.
const maxPending = 128

// Batch begins a batch. Commit or Abort ends it; Abort after Commit does
// nothing.
func (s *Store) Batch() *Batch { return &Batch{s: s, seen: map[Digest]bool{}} }

// Put takes what r gives until EOF.
func (b *Batch) Put(ctx context.Context, r io.Reader) (Blob, error) {
	return b.putFrom(ctx, func(w io.Writer) error {
		_, err := io.Copy(w, contextReader{ctx, r})
		return err
	})
}

// putFrom takes what write writes.
func (b *Batch) putFrom(ctx context.Context, write func(io.Writer) error) (Blob, error) {
	p, err := b.s.b.Create(ctx)
	if err != nil {
		return Blob{}, err
	}
	w := &hashing{ctx: ctx, to: p, h: sha256.New()}
	err = write(w)
	if err == nil {
		err = w.err // whoever wrote did not look
	}
	if err != nil {
		p.Abort()
		return Blob{}, err
	}
	blob := Blob{Digest: digestOf([sha256.Size]byte(w.h.Sum(nil))), Size: w.n}
	if !b.wants(ctx, blob) {
		p.Abort()
		return blob, nil
	}
	return blob, b.add(ctx, Finished{p, Blobs, blob.Digest.Hex()})
}

// PutBytes takes data.
func (b *Batch) PutBytes(ctx context.Context, data []byte) (Blob, error) {
	blob := Blob{Digest: Sum(data), Size: int64(len(data))}
	if !b.wants(ctx, blob) {
		return blob, nil
	}
	return b.Put(ctx, bytes.NewReader(data))
}

// wants says whether blob is neither in the batch nor, sound, in the store.
func (b *Batch) wants(ctx context.Context, blob Blob) bool {
	b.mu.Lock()
	seen := b.seen[blob.Digest]
	b.mu.Unlock()
	return !seen && !b.s.sound(ctx, blob)
}

// add takes an entry in, and commits when there are many.
func (b *Batch) add(ctx context.Context, f Finished) error {
	b.mu.Lock()
	b.pending = append(b.pending, f)
	b.seen[Digest(digestPrefix+f.Name)] = true
	full := len(b.pending) >= maxPending
	b.mu.Unlock()
	if full {
		return b.Commit(ctx)
	}
	return nil
}

// Commit makes all blobs put so far durable and readable.
func (b *Batch) Commit(ctx context.Context) error {
	b.mu.Lock()
	list := b.pending
	b.pending = nil
	b.mu.Unlock()
	var err error
	if len(list) > 0 {
		err = b.s.b.Commit(ctx, list)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil && b.err == nil {
		b.err = err
	}
	if b.err != nil {
		abort(list)
	}
	return b.err
}

// Abort drops what was not committed.
func (b *Batch) Abort() {
	b.mu.Lock()
	defer b.mu.Unlock()
	abort(b.pending)
	b.pending = nil
}

func abort(list []Finished) {
	for _, f := range list {
		f.Pending.Abort()
	}
}

// hashing hashes and counts what it passes on, until ctx ends.
type hashing struct {
	ctx context.Context
	to  io.Writer
	h   hash.Hash
	n   int64
	err error // the first
}

func (w *hashing) Write(b []byte) (int, error) {
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.to.Write(b)
	w.h.Write(b[:n])
	w.n += int64(n)
	w.err = err
	return n, err
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
