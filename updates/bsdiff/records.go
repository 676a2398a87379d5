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
	probes := (len(block) - recordMax - 4 + recordProbe) / recordProbe
	best, least := 0, recordBits*probes+1
	for _, size := range recordSizes {
		sum := 0
		for i := recordMax; i+4 <= len(block) && sum < least; i += recordProbe {
			sum += riseBits(rise(block, i, size))
		}
		if sum >= max(probes, 1) && sum < least {
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

// A window's hash is a polynomial of its rises, so that the next window's
// follows from it.
const windowBase = mixA

// windowTop is the factor of a window's first rise.
var windowTop = func() uint64 {
	top := uint64(1)
	for range recordWindow/4 - 1 {
		top *= windowBase
	}
	return top
}()

// window is the rises of some records.
type window struct {
	sum  uint64 // polynomial
	info int    // bits
}

func windowAt(b []byte, i, size int) (w window) {
	for end := i + recordWindow; i < end; i += 4 {
		r := rise(b, i, size)
		w.sum = w.sum*windowBase + uint64(r)
		w.info += riseBits(r)
	}
	return w
}

// next moves w from i on by a word.
func (w *window) next(b []byte, i, size int) {
	out, in := rise(b, i, size), rise(b, i+recordWindow, size)
	w.sum = (w.sum-uint64(out)*windowTop)*windowBase + uint64(in)
	w.info += riseBits(in) - riseBits(out)
}

// hash returns the hash of w, if windows of such a hash are indexed.
func (w *window) hash(size int) (h uint64, ok bool) {
	h = (w.sum ^ w.sum>>32 ^ uint64(size)) * mixC
	h = (h ^ h>>29) * mixB
	return h, w.info >= recordInfo && h<<(64-recordSample) == 0
}
