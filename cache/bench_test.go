package cache

import (
	"context"
	"encoding/binary"
	"testing"
)

func BenchmarkPutBytes(b *testing.B) {
	s, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	text := make([]byte, 16<<10)
	n := uint64(0)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(text, n)
		if _, err := s.PutBytes(b.Context(), text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBatch puts the same in batches of a thousand.
func BenchmarkBatch(b *testing.B) {
	s, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	text := make([]byte, 16<<10)
	n := uint64(0)
	batch := s.Batch()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(text, n)
		if _, err := batch.PutBytes(b.Context(), text); err != nil {
			b.Fatal(err)
		}
		if n%1000 == 0 {
			if err := batch.Commit(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := batch.Commit(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkHit is one lookup that finds a result of 16 kB.
func BenchmarkHit(b *testing.B) {
	s, err := OpenWith(b.TempDir(), Options{Secret: []byte("secret")})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	make := func(ctx context.Context) (Value, error) {
		blob, err := s.PutBytes(ctx, make([]byte, 16<<10))
		return Value{Blobs: []Blob{blob}}, err
	}
	for b.Loop() {
		if _, err := s.Do(b.Context(), patchKey, make); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGet reads a large blob: it is hashed once.
func BenchmarkGet(b *testing.B) {
	s, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	blob, err := s.PutBytes(b.Context(), make([]byte, 64<<20))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(blob.Size)
	for b.Loop() {
		r, err := s.Get(b.Context(), blob.Digest)
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}
