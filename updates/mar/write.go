package mar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// Contents is what a MAR is made from.
type Contents struct {
	Channel string
	Version string
	Entries []Content // in the order of the file
}

// Content is one entry to be written.
type Content struct {
	Name string
	Mode uint32
	Size int64
	Open func() (io.ReadCloser, error) // must give exactly Size bytes
}

// Bytes is an entry whose bytes are at hand.
func Bytes(name string, mode uint32, b []byte) Content {
	return Content{
		Name: name, Mode: mode, Size: int64(len(b)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

// Write writes an unsigned MAR.
func Write(w io.Writer, c Contents) error {
	a, err := plan(c)
	if err != nil {
		return err
	}
	if _, err := w.Write(a.head(nil)); err != nil {
		return err
	}
	for i := range c.Entries {
		if err := c.Entries[i].copyTo(w); err != nil {
			return fmt.Errorf("entry %q: %w", c.Entries[i].Name, err)
		}
	}
	_, err = w.Write(a.index())
	return err
}

// plan lays out the archive, and refuses what Parse would.
func plan(c Contents) (*Archive, error) {
	if err := CheckChannel(c.Channel); err != nil {
		return nil, err
	}
	if err := CheckVersion(c.Version); err != nil {
		return nil, err
	}
	if n := len(c.Entries); n == 0 || n > MaxEntries {
		return nil, fmt.Errorf("%d entries, want 1 to %d", n, MaxEntries)
	}
	a := &Archive{Channel: c.Channel, Version: c.Version, Entries: make([]Entry, len(c.Entries))}
	at := headSize(nil)
	names := make([]string, len(c.Entries))
	for i, e := range c.Entries {
		if e.Mode > 0o777 {
			return nil, fmt.Errorf("entry %q: mode %#o: want permission bits only", e.Name, e.Mode)
		}
		if e.Size < 0 || e.Size > MaxSize {
			return nil, fmt.Errorf("entry %q has %d bytes, at most %d fit", e.Name, e.Size, int64(MaxSize))
		}
		a.Entries[i] = Entry{Name: e.Name, Offset: at, Size: e.Size, Mode: e.Mode}
		names[i] = e.Name
		at += e.Size
	}
	if err := CheckNames(names); err != nil {
		return nil, err
	}
	a.IndexOffset = at
	return a, a.setSize()
}

func (c Content) copyTo(w io.Writer) error {
	r, err := c.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.Copy(w, io.LimitReader(r, c.Size+1))
	if err != nil {
		return err
	}
	if n > c.Size {
		return fmt.Errorf("more bytes than the %d announced", c.Size)
	}
	if n < c.Size {
		return fmt.Errorf("%d bytes, %d were announced", n, c.Size)
	}
	return nil
}

// shifted returns the archive as it is laid out with these signatures.
func (a *Archive) shifted(sigs []Signature) (*Archive, error) {
	shift := headSize(sigs) - headSize(a.Signatures)
	b := &Archive{Channel: a.Channel, Version: a.Version, IndexOffset: a.IndexOffset + shift, Signatures: sigs}
	b.Entries = make([]Entry, len(a.Entries))
	for i, e := range a.Entries {
		e.Offset += shift
		b.Entries[i] = e
	}
	return b, b.setSize()
}

func (a *Archive) setSize() error {
	a.Size = a.IndexOffset + 4 + indexSize(a.Entries)
	if n := indexSize(a.Entries); n > maxIndex {
		return fmt.Errorf("index has %d bytes, at most %d allowed", n, int64(maxIndex))
	}
	if a.Size > MaxSize {
		return fmt.Errorf("archive has %d bytes, at most %d allowed", a.Size, int64(MaxSize))
	}
	return nil
}

func headSize(sigs []Signature) int64 {
	n := int64(headerSize + 4 + blockSize)
	for _, s := range sigs {
		n += sigHeadSize + int64(len(s.Bytes))
	}
	return n
}

func indexSize(entries []Entry) int64 {
	var n int64
	for _, e := range entries {
		n += recordHead + int64(len(e.Name)) + 1
	}
	return n
}

// head returns all bytes before the first entry. visit, when not nil, is given
// each stretch of them in order, and whether a signature covers it.
func (a *Archive) head(visit func(b []byte, signed bool)) []byte {
	b := make([]byte, 0, headSize(a.Signatures))
	b = append(b, Magic...)
	b = binary.BigEndian.AppendUint32(b, uint32(a.IndexOffset))
	b = binary.BigEndian.AppendUint64(b, uint64(a.Size))
	b = binary.BigEndian.AppendUint32(b, uint32(len(a.Signatures)))
	done := 0
	stretch := func(signed bool) {
		if visit != nil {
			visit(b[done:], signed)
		}
		done = len(b)
	}
	for _, s := range a.Signatures {
		b = binary.BigEndian.AppendUint32(b, uint32(s.Algorithm))
		b = binary.BigEndian.AppendUint32(b, uint32(len(s.Bytes)))
		stretch(true)
		b = append(b, s.Bytes...)
		stretch(false)
	}
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(b, blockSize)
	b = binary.BigEndian.AppendUint32(b, blockID)
	var product [productSize]byte
	copy(product[copy(product[:], a.Channel)+1:], a.Version)
	b = append(b, product[:]...)
	stretch(true)
	return b
}

// index returns all bytes behind the last entry.
func (a *Archive) index() []byte {
	n := indexSize(a.Entries)
	b := make([]byte, 0, 4+n)
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	for _, e := range a.Entries {
		b = binary.BigEndian.AppendUint32(b, uint32(e.Offset))
		b = binary.BigEndian.AppendUint32(b, uint32(e.Size))
		b = binary.BigEndian.AppendUint32(b, e.Mode)
		b = append(b, e.Name...)
		b = append(b, 0)
	}
	return b
}
