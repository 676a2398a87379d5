package zucchini

import "encoding/binary"

// Executables here are little-endian; offsets have been checked by the caller.

func le16(b []byte, at uint32) uint16 { return binary.LittleEndian.Uint16(b[at:]) }
func le32(b []byte, at uint32) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
func le64(b []byte, at uint32) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

func putLE16(b []byte, at uint32, v uint16) { binary.LittleEndian.PutUint16(b[at:], v) }
func putLE32(b []byte, at uint32, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
func putLE64(b []byte, at uint32, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }
