package bsdiff

import "math/bits"

// Odd constants to multiply by, with bits as good as random.
const (
	mixA = 0x9e3779b97f4a7c15
	mixB = 0xc2b2ae3d27d4eb4f
	mixC = 0x165667b19e3779f9
)

// table finds positions by the hash of what stands there. A bucket holds four, of
// which three at most have the same hash, the first two and the last; when it is
// full, the first three stay and the last is replaced. So neither filling nor asking
// depends on how often a content repeats.
type table struct {
	slots   []uint64 // tag<<32 | position+1; 0 is empty
	buckets uint64
	waiting []seed
}

// seed is a position and the hash of what stands there.
type seed struct {
	hash uint64
	pos  int
}

// batch is how many seeds are put, or looked up, at a time: see touch.
const batch = 64

const (
	bucketSize = 4
	maxSame    = 3
)

// newTable returns a table for n positions, built in the memory of former
// slots where that is large enough. There are three slots for four positions, for a
// third of them at least repeats what is there.
func newTable(n int, memory []uint64) table {
	buckets := n*3/4/bucketSize + 1
	if cap(memory) < buckets*bucketSize {
		memory = make([]uint64, buckets*bucketSize)
	}
	slots := memory[:buckets*bucketSize]
	clear(slots)
	return table{slots: slots, buckets: uint64(buckets), waiting: make([]seed, 0, batch)}
}

func (t *table) first(h uint64) uint64 {
	n, _ := bits.Mul64(h, t.buckets)
	return n * bucketSize
}

func (t *table) bucket(h uint64) []uint64 {
	return t.slots[t.first(h):][:bucketSize:bucketSize]
}

// put adds a seed. After the last one comes flush.
func (t *table) put(h uint64, pos int) {
	t.waiting = append(t.waiting, seed{h, pos})
	if len(t.waiting) == batch {
		t.flush()
	}
}

func (t *table) flush() {
	t.touch(t.waiting)
	for _, s := range t.waiting {
		t.place(s)
	}
	t.waiting = t.waiting[:0]
}

// touch reads the buckets of all seeds, so that the processor waits for memory
// once and not for each. The sum is nobody's need but the compiler's, which would
// else leave out the reading.
//
//go:noinline
func (t *table) touch(seeds []seed) (sum uint64) {
	for _, s := range seeds {
		sum += t.slots[t.first(s.hash)]
	}
	return sum
}

func (t *table) place(s seed) {
	b := t.bucket(s.hash)
	v := s.hash<<32 | uint64(s.pos+1)
	same := 0
	for i := range b {
		if b[i]>>32 == v>>32 {
			same++
		}
		if b[i] == 0 || same == maxSame {
			b[i] = v
			return
		}
	}
	b[bucketSize-1] = v
}

// position returns where slot v says that the content hashed to h stands.
func position(v, h uint64) (int, bool) {
	return int(uint32(v)) - 1, v != 0 && uint32(v>>32) == uint32(h)
}

// monotone reports whether v is one byte repeated. Such a seed is everywhere
// or nowhere, and tells nothing.
func monotone(v uint64) bool { return v == v<<8|v>>56 }
