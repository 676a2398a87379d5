package bsdiff

import "math/bits"

// filter tells of most seeds that they are in no index. It stays in the processor's
// cache where the index does not.
type filter []uint64

// filterSeeds is how many seeds share a word of the filter, in which each sets two bits.
const filterSeeds = 8

// newFilter returns a filter for so many seeds, in the memory of former slots
// where that is large enough.
func newFilter(seeds int, memory []uint64) filter {
	n := seeds/filterSeeds + 1
	if cap(memory) < n {
		return make(filter, n)
	}
	clear(memory[:n])
	return memory[:n]
}

// put lets the seed that begins with v and ends with w pass.
func (f filter) put(v, w uint64) {
	h := filterHash(v, w)
	n, _ := bits.Mul64(h, uint64(len(f)))
	f[n] |= 1<<(h&63) | 1<<(h>>6&63)
}

// passes returns 1 if the seed of that hash may have been put, else 0: a number, for a
// branch would be guessed wrongly too often.
func (f filter) passes(h uint64) uint {
	n, _ := bits.Mul64(h, uint64(len(f)))
	word := f[n]
	return uint(word >> (h & 63) & (word >> (h >> 6 & 63)) & 1)
}

// filterHash hashes a seed, more cheaply than gapHash: most seeds of old get no further.
func filterHash(v, w uint64) uint64 {
	h := (v*mixA ^ w) * mixC
	return h ^ h>>32
}
