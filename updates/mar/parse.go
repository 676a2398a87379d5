package mar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// Parse reads the archive of size bytes in r. It refuses whatever [Write] and
// [Sign] would not have written; the error is the first [Finding].
func Parse(r io.ReaderAt, size int64) (*Archive, error) {
	a, findings := scan(r, size)
	if len(findings) > 0 {
		return nil, findings[0]
	}
	return a, nil
}

// scanner reads one archive and notes what is wrong with it. It goes on after
// a finding as long as it knows where the next part begins.
type scanner struct {
	r        io.ReaderAt
	size     int64
	a        *Archive
	findings []Finding
}

// scan returns what is malformed, and the archive unless its index could not be
// read to the end.
func scan(r io.ReaderAt, size int64) (*Archive, []Finding) {
	s := &scanner{r: r, size: size, a: &Archive{Size: size, r: r}}
	if !s.file() {
		return nil, s.findings
	}
	return s.a, s.findings
}

func (s *scanner) bad(offset int64, code int, format string, args ...any) {
	s.findings = append(s.findings, Finding{
		Level: Malformed, Offset: offset, What: fmt.Sprintf(format, args...), Code: code,
	})
}

// read returns n bytes at offset, or nil and a finding.
func (s *scanner) read(offset, n int64, code int, what string) []byte {
	if offset+n > s.size {
		s.bad(offset, code, "%s: %d bytes run past the end of the file (%#x)", what, n, s.size)
		return nil
	}
	b := make([]byte, n)
	if got, err := s.r.ReadAt(b, offset); got < len(b) {
		s.bad(offset, ReadError, "%s: %v", what, err)
		return nil
	}
	return b
}

func (s *scanner) file() bool {
	if s.size > MaxSize {
		s.bad(0, ReadError, "file has %d bytes, at most %d allowed", s.size, int64(MaxSize))
		return false
	}
	head := s.read(0, headerSize, ReadError, "header")
	if head == nil {
		return false
	}
	if string(head[:4]) != magic {
		s.bad(0, ReadError, "starts with %q, want %q", head[:4], magic)
		return false
	}
	s.a.IndexOffset = int64(binary.BigEndian.Uint32(head[4:]))
	index := s.index()
	if index == nil {
		return false
	}
	if len(index) >= recordMin && binary.BigEndian.Uint32(index) == oldContentOffset {
		s.bad(8, NoProductInfo, "old format, from before 2011: contents follow the index offset, there are no signatures and no product information")
		return false
	}
	if got := binary.BigEndian.Uint64(head[8:]); got != uint64(s.size) {
		s.bad(8, Accepts, "header says the file has %d bytes, it has %d", got, s.size)
	}
	content, ok := s.signatures(int64(binary.BigEndian.Uint32(head[16:])))
	if !ok {
		return false
	}
	content, ok = s.blocks(content)
	if !ok {
		return false
	}
	return s.records(index, content)
}

// index returns the records' bytes.
func (s *scanner) index() []byte {
	start := s.a.IndexOffset
	// The updater reads the product information before it needs the index,
	// and looks at the first record for that.
	b := s.read(start, 4, NoProductInfo, "index length")
	if b == nil {
		return nil
	}
	n := int64(binary.BigEndian.Uint32(b))
	if n > maxIndex {
		s.bad(start, ReadError, "index has %d bytes, at most %d allowed", n, int64(maxIndex))
		return nil
	}
	if end := start + 4 + n; end < s.size {
		// Hashed by the updater's signature check, unseen otherwise.
		s.bad(end, SignatureError, "%d bytes behind the index", s.size-end)
	}
	return s.read(start+4, n, ReadError, "index")
}

// signatures reads count signatures and returns the offset behind them.
func (s *scanner) signatures(count int64) (int64, bool) {
	if count > MaxSignatures {
		s.bad(16, SignatureError, "%d signatures, at most %d allowed", count, MaxSignatures)
		return 0, false
	}
	at := int64(headerSize)
	for i := range count {
		what := fmt.Sprintf("signature %d", i+1)
		head := s.read(at, sigHeadSize, SignatureError, what)
		if head == nil {
			return 0, false
		}
		alg, n := Algorithm(binary.BigEndian.Uint32(head)), int64(binary.BigEndian.Uint32(head[4:]))
		if alg != SHA1 && alg != SHA384 {
			s.bad(at, SignatureError, "%s: %s", what, alg)
		}
		if n == 0 || n > MaxSignature {
			s.bad(at+4, SignatureError, "%s has %d bytes, want 1 to %d", what, n, MaxSignature)
			return 0, false
		}
		b := s.read(at+sigHeadSize, n, SignatureError, what)
		if b == nil {
			return 0, false
		}
		s.a.Signatures = append(s.a.Signatures, Signature{alg, at + sigHeadSize, b})
		at += sigHeadSize + n
	}
	return at, true
}

// blocks reads the product information and returns the offset behind it.
func (s *scanner) blocks(at int64) (int64, bool) {
	head := s.read(at, 4+8, NoProductInfo, "product information")
	if head == nil {
		return 0, false
	}
	if n := binary.BigEndian.Uint32(head); n != 1 {
		code := Accepts // the updater looks at the first block only
		if n == 0 {
			code = NoProductInfo
		}
		s.bad(at, code, "%d additional blocks, want 1", n)
		return 0, false
	}
	if id := binary.BigEndian.Uint32(head[8:]); id != blockID {
		s.bad(at+8, NoProductInfo, "additional block has id %d, want %d (product information)", id, blockID)
		return 0, false
	}
	if n := binary.BigEndian.Uint32(head[4:]); n != blockSize {
		code := NoProductInfo
		if 8 <= n && n < blockSize {
			code = Accepts
		}
		s.bad(at+4, code, "product information has %d bytes, want %d", n, blockSize)
		return 0, false
	}
	at += 4 + 8
	b := s.read(at, productSize, NoProductInfo, "product information")
	if b == nil {
		return 0, false
	}
	s.product(at, b)
	return at + productSize, true
}

func (s *scanner) product(at int64, b []byte) {
	channel, rest, ok := bytes.Cut(b, []byte{0})
	if !ok {
		s.bad(at, NoProductInfo, "channel id does not end")
		return
	}
	version, zeros, ok := bytes.Cut(rest, []byte{0})
	if !ok {
		s.bad(at, NoProductInfo, "product version does not end")
		return
	}
	s.a.Channel, s.a.Version = string(channel), string(version)
	if err := checkChannel(s.a.Channel); err != nil {
		s.bad(at, productCode(channel, MaxChannel), "%v", err)
	}
	if err := checkVersion(s.a.Version); err != nil {
		s.bad(at+int64(len(channel))+1, productCode(version, MaxVersion), "%v", err)
	}
	if i := bytes.IndexFunc(zeros, func(r rune) bool { return r != 0 }); i >= 0 {
		s.bad(at+int64(len(b)-len(zeros)+i), Accepts, "product information is filled up with %#x, want zeros", zeros[i])
	}
}

func productCode(field []byte, limit int) int {
	if len(field) > limit {
		return NoProductInfo
	}
	return ChannelMismatch // it is read, and matches no running Firefox
}

// records reads the index; the first entry's bytes begin at content.
func (s *scanner) records(index []byte, content int64) bool {
	base := s.a.IndexOffset + 4
	var seen names
	for pos := 0; pos < len(index); {
		if len(s.a.Entries) == MaxEntries {
			s.bad(base+int64(pos), Accepts, "more than %d entries", MaxEntries)
			return false
		}
		rec := index[pos:]
		nul := -1
		if len(rec) >= recordMin {
			nul = bytes.IndexByte(rec[recordHead:], 0)
		}
		if nul < 0 {
			s.bad(base+int64(pos), ReadError, "index record %d is cut off", len(s.a.Entries)+1)
			return false
		}
		e := Entry{
			Offset: int64(binary.BigEndian.Uint32(rec)),
			Size:   int64(binary.BigEndian.Uint32(rec[4:])),
			Mode:   binary.BigEndian.Uint32(rec[8:]),
			Name:   string(rec[recordHead : recordHead+nul]),
		}
		s.entry(base+int64(pos), e, content, &seen)
		s.a.Entries = append(s.a.Entries, e)
		content = e.Offset + e.Size
		pos += recordHead + nul + 1
	}
	if len(s.a.Entries) == 0 {
		s.bad(s.a.IndexOffset, Crashes, "no entries")
		return false
	}
	if content != s.a.IndexOffset {
		s.bad(content, Accepts, "entries end at %#x, the index begins at %#x", content, s.a.IndexOffset)
	}
	return true
}

// entry checks the record at offset at; its bytes must begin at content.
func (s *scanner) entry(at int64, e Entry, content int64, seen *names) {
	bad := func(code int, format string, args ...any) {
		s.bad(at, code, "entry %d %.200q: %s", len(s.a.Entries)+1, e.Name, fmt.Sprintf(format, args...))
	}
	if why := badName(e.Name); why != "" {
		bad(Accepts, "%s", why)
	} else if why := seen.add(e.Name); why != "" {
		bad(Accepts, "%s", why) // of two equal names the updater finds the first
	}
	if e.Mode > 0o777 {
		bad(Accepts, "mode %#o: want permission bits only", e.Mode)
	}
	switch end := e.Offset + e.Size; {
	case end > s.size:
		bad(ReadError, "%#x bytes at %#x run past the end of the file (%#x)", e.Size, e.Offset, s.size)
	case end > s.a.IndexOffset:
		bad(Accepts, "%#x bytes at %#x run into the index (%#x)", e.Size, e.Offset, s.a.IndexOffset)
	case e.Offset < content && len(s.a.Entries) == 0:
		bad(Accepts, "begins at %#x, inside the header (contents begin at %#x)", e.Offset, content)
	case e.Offset < content:
		bad(ReadError, "begins at %#x, before the end of the entry in front of it (%#x)", e.Offset, content)
	case e.Offset > content:
		bad(Accepts, "begins at %#x, %d bytes behind the end of what is in front of it", e.Offset, e.Offset-content)
	}
}
