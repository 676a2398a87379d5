package mar

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

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

// records reads the index; the first entry's bytes begin at content.
func (s *scanner) records(index []byte, content int64) bool {
	base := s.a.IndexOffset + 4
	var names []string
	var at []int64 // of their records
	for pos := 0; pos < len(index); {
		if len(s.a.Entries) == MaxEntries {
			s.bad(base+int64(pos), Accepts, "more than %d entries", MaxEntries)
			return false
		}
		if len(s.findings) >= maxFindings {
			s.bad(base+int64(pos), Accepts, "the rest of the index is not looked at: there are %d faults before", len(s.findings))
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
		s.entry(base+int64(pos), e, content)
		names, at = append(names, e.Name), append(at, base+int64(pos))
		s.a.Entries = append(s.a.Entries, e)
		content = e.Offset + e.Size
		pos += recordHead + nul + 1
	}
	if len(s.a.Entries) == 0 {
		s.bad(s.a.IndexOffset, Crashes, "no entries")
		return false
	}
	for _, c := range clashes(names) { // of two equal names the updater finds the first
		s.bad(at[c.at], Accepts, "entry %d %.200q: %s", c.at+1, names[c.at], c.why)
	}
	if content != s.a.IndexOffset {
		s.bad(content, Accepts, "entries end at %#x, the index begins at %#x", content, s.a.IndexOffset)
	}
	return true
}

// entry checks the record at offset at; its bytes must begin at content.
func (s *scanner) entry(at int64, e Entry, content int64) {
	bad := func(code int, format string, args ...any) {
		s.bad(at, code, "entry %d %.200q: %s", len(s.a.Entries)+1, e.Name, fmt.Sprintf(format, args...))
	}
	if why := badName(e.Name); why != "" {
		bad(Accepts, "%s", why)
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
