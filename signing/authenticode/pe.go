package authenticode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
)

// MaxSize is that of the largest file that is signed, in bytes: it is held in
// memory. Firefox's xul.dll has 150 MB, Chromium's chrome.dll 250.
const MaxSize = 1 << 30

// image is a PE file that has been looked at: its offsets lie inside it.
type image struct {
	bytes     []byte
	checksum  int64  // where the header's CheckSum is, 4 bytes
	directory int64  // where the header tells of the certificate table, 8 bytes
	end       int64  // of what is signed: the table begins here, or the file ends
	table     []byte // the attribute certificate table; nil without signature
}

// Sizes and places from Microsoft's "PE Format".
const (
	dosSize      = 64
	coffSize     = 24 // with the signature "PE\0\0" before it
	sectionSize  = 40
	maxSections  = 96 // the loader's limit
	minDirs      = 5  // the certificate table's is the fifth
	maxDirs      = 16
	magic32      = 0x10b
	magic64      = 0x20b
	certHeader   = 8 // of WIN_CERTIFICATE
	certRevision = 0x0200
	certPKCS7    = 0x0002
	alignment    = 8 // of the certificate table, and of its entries
)

// parse looks at all that the signature's place and the signed bytes depend on.
func parse(b []byte) (*image, error) {
	size := int64(len(b))
	if size > MaxSize {
		return nil, fmt.Errorf("%d bytes, limit %d", size, MaxSize)
	}
	if size < dosSize || !bytes.HasPrefix(b, []byte("MZ")) {
		return nil, errors.New(`is no PE file: it does not begin with "MZ"`)
	}
	at := u32(b, 0x3c)
	if at < dosSize || at%4 != 0 || at+coffSize > size || !bytes.Equal(b[at:at+4], []byte("PE\x00\x00")) {
		return nil, fmt.Errorf("is no PE file: there is no PE header at %#x of %#x bytes", at, size)
	}
	sections, optSize := u16(b, at+6), u16(b, at+20)
	opt := at + coffSize
	table := opt + optSize
	if sections > maxSections {
		return nil, fmt.Errorf("%d sections, limit %d", sections, maxSections)
	}
	if table+sections*sectionSize > size {
		return nil, fmt.Errorf("headers of %#x bytes at %#x run past the end (%#x)", optSize+sections*sectionSize, opt, size)
	}
	dirs, err := directories(b[opt:table])
	if err != nil {
		return nil, err
	}
	m := &image{bytes: b, checksum: opt + 64, directory: opt + dirs + 4*8, end: size}
	headers := u32(b, opt+60)
	if headers < table+sections*sectionSize || headers > size {
		return nil, fmt.Errorf("SizeOfHeaders is %#x; want at least %#x and at most %#x", headers, table+sections*sectionSize, size)
	}
	content, err := contiguous(b, table, sections, headers)
	if err != nil {
		return nil, err
	}
	return m, m.findTable(content)
}

// directories is where the data directories begin in an optional header.
func directories(opt []byte) (int64, error) {
	if len(opt) < 2 {
		return 0, errors.New("is an object file: it has no optional header")
	}
	fixed := int64(96)
	switch magic := u16(opt, 0); magic {
	case magic32:
	case magic64:
		fixed = 112
	default:
		return 0, fmt.Errorf("optional header of kind %#x, want %#x or %#x", magic, magic32, magic64)
	}
	if int64(len(opt)) < fixed {
		return 0, fmt.Errorf("optional header of %d bytes, want %d at least", len(opt), fixed)
	}
	n := u32(opt, fixed-4)
	if n < minDirs || n > maxDirs || fixed+n*8 > int64(len(opt)) {
		return 0, fmt.Errorf("%d data directories in an optional header of %d bytes; want %d to %d, with room for them", n, len(opt), minDirs, maxDirs)
	}
	return fixed, nil
}

// contiguous walks the sections' bytes, which must follow each other from the
// end of the headers: Microsoft's digest goes by sections, others' by the file,
// and only then are the two one. It gives the offset behind them.
func contiguous(b []byte, table, n, at int64) (int64, error) {
	for i := range n {
		h := table + i*sectionSize
		size, from := u32(b, h+16), u32(b, h+20)
		switch {
		case size == 0:
		case from != at:
			return 0, fmt.Errorf("section %d begins at %#x, want %#x: a gap or an overlap", i+1, from, at)
		case size > int64(len(b))-at:
			return 0, fmt.Errorf("section %d: %#x bytes at %#x run past the end (%#x)", i+1, size, from, len(b))
		default:
			at += size
		}
	}
	return at, nil
}

// findTable takes the certificate table's place from the header. Unlike all
// other directories it counts from the start of the file.
func (m *image) findTable(content int64) error {
	at, n, size := u32(m.bytes, m.directory), u32(m.bytes, m.directory+4), int64(len(m.bytes))
	switch {
	case at == 0 && n == 0:
		return nil
	case at < content || at%alignment != 0:
		return fmt.Errorf("certificate table at %#x, inside the sections (to %#x) or not at a multiple of %d", at, content, alignment)
	case at+n != size:
		return fmt.Errorf("certificate table: %#x bytes at %#x, want them to end with the file (%#x)", n, at, size)
	case n < certHeader:
		return fmt.Errorf("certificate table of %d bytes, want %d at least", n, certHeader)
	}
	m.end, m.table = at, m.bytes[at:]
	return nil
}

// digest writes what a signature covers. A file without one is filled up to
// where its table will begin.
func (m *image) digest(h hash.Hash) []byte {
	h.Write(m.bytes[:m.checksum])
	h.Write(m.bytes[m.checksum+4 : m.directory])
	h.Write(m.bytes[m.directory+8 : m.end])
	h.Write(padding(m.end))
	return h.Sum(nil)
}

// padding are the zeros up to the next multiple of 8.
func padding(n int64) []byte { return make([]byte, -n&(alignment-1)) }

func u16(b []byte, at int64) int64 { return int64(binary.LittleEndian.Uint16(b[at:])) }
func u32(b []byte, at int64) int64 { return int64(binary.LittleEndian.Uint32(b[at:])) }
