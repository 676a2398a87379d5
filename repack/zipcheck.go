package repack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// A zip file tells everything twice: in a header before each file and in the
// directory at the end, which the end record points to. Programs differ in
// which they believe and in how they look for the end record, so a zip whose
// two tellings differ is two archives in one. checkZip accepts only files
// that have one reading: one end record at the very end, the directory right
// before it, the files gapless from the first byte, both headers agreeing.
// Field offsets are those of PKWARE's APPNOTE.TXT 6.3.10, §4.3.

const (
	sigLocal      = "PK\x03\x04"
	sigCentral    = "PK\x01\x02"
	sigDescriptor = "PK\x07\x08"
	lenLocal      = 30
	lenCentral    = 46

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagUTF8       = 1 << 11

	// maxDirectory holds 200,000 entries with names of a thousand bytes.
	maxDirectory = 256 << 20
)

// zipEntry is what the directory says of one file.
type zipEntry struct {
	name         string
	flags        uint16
	method       uint16
	crc          uint32
	packed, size int64
	at           int64 // of the local header
}

func checkZip(r io.ReaderAt, size int64, lim Limits) error {
	end, err := readEnd(r, size)
	if err != nil {
		return err
	}
	switch {
	case end.count > uint64(lim.Entries):
		return fmt.Errorf("%d entries, limit %d", end.count, lim.Entries)
	case end.dirSize > maxDirectory:
		return fmt.Errorf("directory of %d bytes, limit %d", end.dirSize, maxDirectory)
	case end.dirAt > uint64(end.at) || end.dirAt+end.dirSize != uint64(end.at):
		return fmt.Errorf("directory of %d bytes at %d does not reach the end record at %d: data before or inside the archive", end.dirSize, end.dirAt, end.at)
	}
	dirAt := int64(end.dirAt)
	dir := make([]byte, end.dirSize)
	if _, err := r.ReadAt(dir, dirAt); err != nil {
		return err
	}
	at := int64(0)
	for n := uint64(1); n <= end.count; n++ {
		e, rest, err := readCentral(dir)
		if err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		dir = rest
		if e.at != at {
			return fmt.Errorf("entry %d %q: at %#x, want %#x: the files overlap, have gaps or stand in another order than the directory", n, e.name, e.at, at)
		}
		if at, err = checkLocal(r, e, dirAt); err != nil {
			return fmt.Errorf("entry %d %q: %w", n, e.name, err)
		}
	}
	if len(dir) != 0 || at != dirAt {
		return fmt.Errorf("%d bytes between the files and the end record belong to no entry", int64(len(dir))+dirAt-at)
	}
	return nil
}

func readCentral(b []byte) (e zipEntry, rest []byte, err error) {
	if len(b) < lenCentral || string(b[:4]) != sigCentral {
		return e, nil, fmt.Errorf("no directory header where one belongs")
	}
	le := binary.LittleEndian
	n, x, c := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	if len(b) < lenCentral+n+x+c {
		return e, nil, fmt.Errorf("directory header runs past the directory")
	}
	e = zipEntry{
		name:  string(b[lenCentral : lenCentral+n]),
		flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]), crc: le.Uint32(b[16:]),
	}
	sizes, err := wideSizes(e.name, b[lenCentral+n:lenCentral+n+x], le.Uint32(b[24:]), le.Uint32(b[20:]), le.Uint32(b[42:]))
	if err != nil {
		return e, nil, err
	}
	e.size, e.packed, e.at = sizes[0], sizes[1], sizes[2]
	switch {
	case e.flags&flagEncrypted != 0:
		err = fmt.Errorf("%q is encrypted", e.name)
	case e.method != 0 && e.method != 8:
		err = fmt.Errorf("%q: method %d, only stored and deflated files are read", e.name, e.method)
	case e.flags&flagUTF8 == 0 && !ascii(e.name):
		err = fmt.Errorf("%q: name is not declared to be UTF-8, so programs read it differently", e.name)
	}
	return e, b[lenCentral+n+x+c:], err
}

// checkLocal compares the header at e.at with the directory and gives the
// offset behind the file.
func checkLocal(r io.ReaderAt, e zipEntry, dirAt int64) (int64, error) {
	if e.at+lenLocal > dirAt {
		return 0, fmt.Errorf("header at %#x lies in the directory", e.at)
	}
	h := make([]byte, lenLocal)
	if _, err := r.ReadAt(h, e.at); err != nil {
		return 0, err
	}
	le := binary.LittleEndian
	nameLen, extraLen := int64(le.Uint16(h[26:])), int64(le.Uint16(h[28:]))
	data := e.at + lenLocal + nameLen + extraLen
	if string(h[:4]) != sigLocal || data > dirAt || e.packed > dirAt-data {
		return 0, fmt.Errorf("no header at %#x, or its %d bytes run past the files' end %#x", e.at, e.packed, dirAt)
	}
	tail := make([]byte, nameLen+extraLen) // two 16-bit lengths
	if _, err := r.ReadAt(tail, e.at+lenLocal); err != nil {
		return 0, err
	}
	name := string(tail[:nameLen])
	flags, method := le.Uint16(h[6:]), le.Uint16(h[8:])
	if name != e.name || flags != e.flags || method != e.method {
		return 0, fmt.Errorf("two readings: the file's own header says %q, flags %#x, method %d, the directory %#x and %d", name, flags, method, e.flags, e.method)
	}
	sizes, err := wideSizes(name, tail[nameLen:], le.Uint32(h[22:]), le.Uint32(h[18:]))
	if err != nil {
		return 0, err
	}
	crc, size, packed := le.Uint32(h[14:]), sizes[0], sizes[1]
	if flags&flagDescriptor == 0 {
		if crc != e.crc || packed != e.packed || size != e.size {
			return 0, fmt.Errorf("two readings: the file's own header says %d bytes packed in %d, the directory %d in %d, or their checksums differ", size, packed, e.size, e.packed)
		}
		return data + e.packed, nil
	}
	return checkDescriptor(r, e, data+e.packed, dirAt)
}

// checkDescriptor compares the sizes that follow a file which was written
// before they were known. Their signature is optional, and their width is a
// matter of the writer: all that fits is one reading, for the next file begins
// where it ends.
func checkDescriptor(r io.ReaderAt, e zipEntry, at, dirAt int64) (int64, error) {
	le := binary.LittleEndian
	sum := le.AppendUint32(nil, e.crc)
	wide := le.AppendUint64(le.AppendUint64(bytes.Clone(sum), uint64(e.packed)), uint64(e.size))
	forms := [][]byte{append([]byte(sigDescriptor), wide...), wide}
	if e.packed < saturated && e.size < saturated {
		narrow := le.AppendUint32(le.AppendUint32(sum, uint32(e.packed)), uint32(e.size))
		forms = append(forms, append([]byte(sigDescriptor), narrow...), narrow)
	}
	for _, w := range forms {
		got := make([]byte, len(w))
		if at+int64(len(w)) > dirAt {
			continue
		}
		if _, err := r.ReadAt(got, at); err != nil {
			return 0, err
		}
		if bytes.Equal(got, w) {
			return at + int64(len(w)), nil
		}
	}
	return 0, fmt.Errorf("two readings: the record behind the file does not say %d bytes packed in %d, as the directory does", e.size, e.packed)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
