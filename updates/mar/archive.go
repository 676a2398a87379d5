package mar

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
)

// Archive is a parsed MAR. The bytes of its entries stay in the file.
type Archive struct {
	Channel    string // MAR channel id, "firefox-mozilla-release"
	Version    string // product version
	Entries    []Entry
	Signatures []Signature

	Size        int64 // of the file
	IndexOffset int64

	r    io.ReaderAt
	sums [][sha256.Size]byte // of the entries, once Verify has read them
}

// Entry is one line of the index.
type Entry struct {
	Name   string
	Offset int64
	Size   int64
	Mode   uint32 // permission bits
}

// Signature is a signature as the file has it.
type Signature struct {
	Algorithm Algorithm
	Offset    int64 // of Bytes
	Bytes     []byte
}

// Lookup returns the position of the entry called name.
func (a *Archive) Lookup(name string) (int, bool) {
	for i, e := range a.Entries {
		if e.Name == name {
			return i, true
		}
	}
	return 0, false
}

// Open returns the stored (compressed) bytes of entry i. After a successful
// [Verify] the reader ends with an error instead of io.EOF should the bytes
// have changed since.
func (a *Archive) Open(i int) io.Reader {
	e := a.Entries[i]
	r := io.NewSectionReader(a.r, e.Offset, e.Size)
	if a.sums == nil {
		return r
	}
	return &checkedReader{r: r, h: sha256.New(), want: a.sums[i], name: e.Name}
}

// Bytes returns the stored bytes of entry i, which may be at most limit.
func (a *Archive) Bytes(i int, limit int64) ([]byte, error) {
	e := a.Entries[i]
	if e.Size > limit {
		return nil, fmt.Errorf("entry %q has %d bytes, at most %d wanted", e.Name, e.Size, limit)
	}
	b := make([]byte, e.Size)
	r := a.Open(i)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("entry %q: %w", e.Name, err)
	}
	if _, err := r.Read(make([]byte, 1)); err != io.EOF {
		return nil, fmt.Errorf("entry %q: %w", e.Name, err)
	}
	return b, nil
}

// Contents returns what [Write] needs to write the archive again, unsigned.
func (a *Archive) Contents() Contents {
	c := Contents{Channel: a.Channel, Version: a.Version, Entries: make([]Content, len(a.Entries))}
	for i, e := range a.Entries {
		c.Entries[i] = Content{
			Name: e.Name, Mode: e.Mode, Size: e.Size,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(a.Open(i)), nil },
		}
	}
	return c
}

// checkedReader hands out the bytes that were verified, or an error before the
// end of them.
type checkedReader struct {
	r    io.Reader
	h    hash.Hash
	want [sha256.Size]byte
	name string
}

func (c *checkedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.h.Write(b[:n])
	if err == io.EOF && [sha256.Size]byte(c.h.Sum(nil)) != c.want {
		return n, fmt.Errorf("entry %q changed after it was verified", c.name)
	}
	return n, err
}
