package bsdiff

import "math/bits"

// filter tells of most seeds that they are in no index. It stays in the processor's
// cache where the index does not.
type filter []uint64

// filterSeeds is how many seeds share a word of the filter, in which each sets two bits.
const filterSeeds = 8

func newFilter(seeds int) filter { return make(filter, 1<<bits.Len(uint(seeds/filterSeeds))) }

// put lets the seed that begins with v and ends with w pass.
func (f filter) put(v, w uint64) {
	h := filterHash(v, w)
	f[h>>12&uint64(len(f)-1)] |= 1<<(h&63) | 1<<(h>>6&63)
}

// filterHash hashes a seed, more cheaply than gapHash: most seeds of old get no further.
func filterHash(v, w uint64) uint64 {
	h := (v*mixA ^ w) * mixC
	return h ^ h>>32
}
