package bsdiff

import (
	"encoding/binary"
	"math/bits"
)

// Tables of records fill a good part of an executable: relocations, symbols,
// unwind information, pointers to functions, Go's line tables. When code moves,
// most of their words change, all by the same amount, so no seed of bytes finds
// their alignment again. What stays is the rise: by how much a word exceeds the
// one a record before. Records are therefore told by their rises.
//
// Words are little-endian and lie at multiples of four in the file, as
// linkers align them. Other tables are left to the bytes.
var recordSizes = [...]int{4, 8, 12, 16, 24}

const (
	recordMax   = 24
	recordBlock = 512 // bytes that are, or are not, of records of one size
	recordProbe = 20  // every fifth word of a block is looked at: all columns are met
	// A block is one of records if its rises have at most so many bits on
	// average, and one at least. Code and text have about 30.
	recordBits = 14

	// Records are known by the rises of so many bytes, in which there are at
	// least so many bits; one window in 1<<recordSample is indexed.
	recordWindow = 72
	recordInfo   = 16
	recordSample = 2
)

func load32(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }

// rise returns by how much the word at i exceeds the one a record before.
func rise(b []byte, i, size int) uint32 { return load32(b, i) - load32(b, i-size) }

// riseBits returns the bits of a rise, or fall, without its sign.
func riseBits(r uint32) int {
	return bits.Len32(min(r, -r))
}

// recordSize returns the size of the records that block seems to consist of,
// or 0.
func recordSize(block []byte) int {
	best, least := 0, 0
	for _, size := range recordSizes {
		n, sum := 0, 0
		for i := recordMax; i+4 <= len(block); i += recordProbe {
			sum += riseBits(rise(block, i, size))
			n++
		}
		if n > 0 && sum >= n && sum <= recordBits*n && (best == 0 || sum < least) {
			best, least = size, sum
		}
	}
	return best
}

// eachRecordBlock calls f for each block of b, from lo to hi, that consists of
// records.
func eachRecordBlock(b []byte, lo, hi int, f func(lo, hi, size int)) {
	for ; lo < hi; lo += recordBlock {
		end := min(lo+recordBlock, hi)
		if size := recordSize(b[lo:end]); size > 0 {
			f(max(lo, size), end, size)
		}
	}
}

// recordHash returns the hash of the rises in the window at i, if windows of
// such a hash are indexed.
func recordHash(b []byte, i, size int) (h uint64, ok bool) {
	if i+recordWindow > len(b) {
		return 0, false
	}
	info := 0
	h = uint64(size)
	for end := i + recordWindow; i < end; i += 4 {
		r := rise(b, i, size)
		info += riseBits(r)
		h = (h ^ uint64(r)) * mixA
		h ^= h >> 29
	}
	h *= mixB
	return h, info >= recordInfo && h<<(64-recordSample) == 0
}
