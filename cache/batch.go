package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
)

// Batch puts many blobs for the price of a few: those of an unpacked archive,
// say. They can be read when Commit has returned, or not at all. A batch is for
// one goroutine.
type Batch struct {
	s       *Store
	pending []Finished
	seen    map[Digest]bool // in pending
}

// maxPending bounds the files a batch holds open; more are committed at once.
const maxPending = 128

// Batch begins a batch. Commit or Abort ends it; Abort after Commit does
// nothing.
func (s *Store) Batch() *Batch { return &Batch{s: s, seen: map[Digest]bool{}} }

// Put takes what r gives until EOF.
func (b *Batch) Put(ctx context.Context, r io.Reader) (Blob, error) {
	p, err := b.s.b.Create(ctx)
	if err != nil {
		return Blob{}, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(p, h), contextReader{ctx, r})
	if err != nil {
		p.Abort()
		return Blob{}, err
	}
	blob := Blob{Digest: digestOf([sha256.Size]byte(h.Sum(nil))), Size: n}
	if b.seen[blob.Digest] || b.s.sound(ctx, blob) {
		p.Abort()
		return blob, nil
	}
	b.pending = append(b.pending, Finished{p, Blobs, blob.Digest.Hex()})
	b.seen[blob.Digest] = true
	if len(b.pending) >= maxPending {
		return blob, b.Commit(ctx)
	}
	return blob, nil
}

// PutBytes takes data.
func (b *Batch) PutBytes(ctx context.Context, data []byte) (Blob, error) {
	blob := Blob{Digest: Sum(data), Size: int64(len(data))}
	if b.seen[blob.Digest] || b.s.sound(ctx, blob) {
		return blob, nil
	}
	return b.Put(ctx, bytes.NewReader(data))
}

// Commit makes all blobs put so far durable and readable.
func (b *Batch) Commit(ctx context.Context) error {
	if len(b.pending) == 0 {
		return nil
	}
	if err := b.s.b.Commit(ctx, b.pending); err != nil {
		return err
	}
	b.pending = nil
	clear(b.seen)
	return nil
}

// Abort drops what was not committed.
func (b *Batch) Abort() {
	for _, f := range b.pending {
		f.Pending.Abort()
	}
	b.pending = nil
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
