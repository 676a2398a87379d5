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
	if string(head[:4]) != Magic {
		s.bad(0, ReadError, "starts with %q, want %q", head[:4], Magic)
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
	if err := CheckChannel(s.a.Channel); err != nil {
		s.bad(at, productCode(channel, MaxChannel), "%v", err)
	}
	if err := CheckVersion(s.a.Version); err != nil {
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
