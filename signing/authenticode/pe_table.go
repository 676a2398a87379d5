package authenticode

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// pkcs7 is the one signature of the table. Some programs write several
// entries, which Windows passes over but for the first; and some take bytes
// behind the PKCS #7 for part of it (CVE-2013-3900). Neither is let in.
func (m *image) pkcs7() ([]byte, error) {
	length, revision, kind := u32(m.table, 0), u16(m.table, 4), u16(m.table, 6)
	if length < certHeader || length > int64(len(m.table)) {
		return nil, fmt.Errorf("certificate of %d bytes in a table of %d", length, len(m.table))
	}
	if int64(len(m.table))-length >= alignment {
		return nil, fmt.Errorf("certificate table of %d bytes, of which the first certificate takes %d: want one and no more", len(m.table), length)
	}
	if revision != certRevision || kind != certPKCS7 {
		return nil, fmt.Errorf("certificate of revision %#x and type %#x, want %#x and %#x", revision, kind, certRevision, certPKCS7)
	}
	rest := cryptobyte.String(m.table[certHeader:])
	var der cryptobyte.String
	if !rest.ReadASN1Element(&der, asn1.SEQUENCE) {
		return nil, fmt.Errorf("certificate holds no PKCS #7")
	}
	if len(rest) >= alignment || !bytes.Equal(rest, make([]byte, len(rest))) {
		return nil, fmt.Errorf("%d bytes behind the PKCS #7 that nobody signed, want less than %d zeros", len(rest), alignment)
	}
	return der, nil
}

// attach puts a PKCS #7 into the file, in place of one that is there.
func (m *image) attach(der []byte) []byte {
	pad := padding(m.end)
	fill := padding(int64(len(der)))
	length := certHeader + len(der) + len(fill)
	at := int(m.end) + len(pad)
	out := make([]byte, 0, at+length)
	out = append(append(out, m.bytes[:m.end]...), pad...)
	out = binary.LittleEndian.AppendUint32(out, uint32(length)) // with the filling, as Microsoft's own tool counts
	out = binary.LittleEndian.AppendUint16(out, certRevision)
	out = binary.LittleEndian.AppendUint16(out, certPKCS7)
	out = append(append(out, der...), fill...)
	binary.LittleEndian.PutUint32(out[m.directory:], uint32(at))
	binary.LittleEndian.PutUint32(out[m.directory+4:], uint32(length))
	binary.LittleEndian.PutUint32(out[m.checksum:], checksum(out, m.checksum))
	return out
}

// checkSum compares the header's checksum with the file's. Windows asks for it
// of drivers only, and many linkers write 0; every signing program writes it.
func (m *image) checkSum() error {
	have := uint32(u32(m.bytes, m.checksum))
	if want := checksum(m.bytes, m.checksum); have != 0 && have != want {
		return fmt.Errorf("the header's checksum is %#x, the file's %#x", have, want)
	}
	return nil
}

// checksum adds the file up as IMAGEHLP's CheckSumMappedFile does: words of 16
// bits with the carry added in, without the checksum itself, and the length.
func checksum(b []byte, at int64) uint32 {
	var sum uint64
	add := func(b []byte) {
		for ; len(b) >= 2; b = b[2:] {
			sum += uint64(binary.LittleEndian.Uint16(b))
		}
		if len(b) == 1 {
			sum += uint64(b[0])
		}
	}
	add(b[:at]) // a multiple of 2 wherever the header is one
	add(b[at+4:])
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return uint32(sum) + uint32(len(b))
}
