package repack

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// A field of 16 or 32 bits that is saturated sends the reader elsewhere: to a
// wider end record, and to an extra field of each header. Here too everything
// must have one reading: what is saturated is told in the wide place and only
// there, what is not must not be told again. APPNOTE.TXT 6.3.10, §4.3.14,
// §4.3.15 and §4.5.3.

const (
	sigEnd       = "PK\x05\x06"
	sigEnd64     = "PK\x06\x06"
	sigLocator64 = "PK\x06\x07"
	lenEnd       = 22
	lenEnd64     = 56
	lenLocator64 = 20

	saturated = math.MaxUint32

	extraUnicodePath = 0x7075 // Info-ZIP's second name
	extraZip64       = 0x0001
)

// zipEnd is where the directory lies, by the end record that counts; at is
// where that record begins.
type zipEnd struct {
	at                    int64
	count, dirSize, dirAt uint64
}

func readEnd(r io.ReaderAt, size int64) (zipEnd, error) {
	b := make([]byte, lenEnd)
	if size < lenEnd {
		return zipEnd{}, fmt.Errorf("%d bytes are no zip archive", size)
	}
	if _, err := r.ReadAt(b, size-lenEnd); err != nil {
		return zipEnd{}, err
	}
	le := binary.LittleEndian
	// A comment would move the end record away from the end, and hide others.
	if string(b[:4]) != sigEnd || le.Uint16(b[20:]) != 0 {
		return zipEnd{}, fmt.Errorf("no end record in the last %d bytes: zip comments and appended data are refused", lenEnd)
	}
	count, total := le.Uint16(b[8:]), le.Uint16(b[10:])
	if le.Uint32(b[4:]) != 0 || count != total {
		return zipEnd{}, fmt.Errorf("zip in several volumes")
	}
	dirSize, dirAt := le.Uint32(b[12:]), le.Uint32(b[16:])
	if count != math.MaxUint16 && dirSize != saturated && dirAt != saturated {
		return zipEnd{size - lenEnd, uint64(count), uint64(dirSize), uint64(dirAt)}, nil
	}
	wide, err := readEnd64(r, size-lenEnd)
	if err != nil {
		return wide, err
	}
	if count != math.MaxUint16 && uint64(count) != wide.count || dirSize != saturated && uint64(dirSize) != wide.dirSize ||
		dirAt != saturated && uint64(dirAt) != wide.dirAt {
		return wide, fmt.Errorf("two readings: %d entries, directory of %d bytes at %d by one end record, %d, %d and %d by the other",
			count, dirSize, dirAt, wide.count, wide.dirSize, wide.dirAt)
	}
	return wide, nil
}

// readEnd64 reads the wide end record, which must stand right before the
// locator that leads to it, and that right before the end record at end.
func readEnd64(r io.ReaderAt, end int64) (zipEnd, error) {
	at := end - lenLocator64 - lenEnd64
	if at < 0 {
		return zipEnd{}, fmt.Errorf("zip64: %d bytes leave no room for its end record", end)
	}
	b := make([]byte, lenEnd64+lenLocator64)
	if _, err := r.ReadAt(b, at); err != nil {
		return zipEnd{}, err
	}
	le, locator := binary.LittleEndian, b[lenEnd64:]
	if string(b[:4]) != sigEnd64 || string(locator[:4]) != sigLocator64 || le.Uint64(locator[8:]) != uint64(at) ||
		le.Uint64(b[4:]) != lenEnd64-12 { // its length, less this field and the signature
		return zipEnd{}, fmt.Errorf("zip64: no end record and locator right before the end, as the saturated fields there promise")
	}
	e := zipEnd{at, le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:])}
	if le.Uint32(b[16:]) != 0 || le.Uint32(b[20:]) != 0 || le.Uint32(locator[4:]) != 0 || le.Uint32(locator[16:]) != 1 || le.Uint64(b[24:]) != e.count {
		return zipEnd{}, fmt.Errorf("zip64 in several volumes")
	}
	return e, nil
}

// wideSizes gives the values of fields, of which those that are saturated stand
// in the extra field, in this order. It refuses extra fields that tell a name
// or size again.
func wideSizes(name string, extra []byte, fields ...uint32) ([]int64, error) {
	le := binary.LittleEndian
	var wide []byte
	for seen := false; len(extra) > 0; {
		if len(extra) < 4 || len(extra) < 4+int(le.Uint16(extra[2:])) {
			return nil, fmt.Errorf("%q: extra field runs past its header", name)
		}
		n := 4 + int(le.Uint16(extra[2:]))
		switch le.Uint16(extra) {
		case extraUnicodePath:
			return nil, fmt.Errorf("%q: has a second name in an extra field", name)
		case extraZip64:
			if seen {
				return nil, fmt.Errorf("%q: has two zip64 fields", name)
			}
			seen, wide = true, extra[4:n]
		}
		extra = extra[n:]
	}
	values := make([]int64, len(fields))
	for i, f := range fields {
		values[i] = int64(f)
		if f != saturated {
			continue
		}
		if len(wide) < 8 || le.Uint64(wide) > math.MaxInt64/4 { // sums of them stay far from the edge
			return nil, fmt.Errorf("%q: a saturated size or offset, and none in a zip64 field", name)
		}
		values[i] = int64(le.Uint64(wide))
		wide = wide[8:]
	}
	if len(wide) > 0 {
		return nil, fmt.Errorf("%q: has a second size in an extra field", name)
	}
	return values, nil
}
