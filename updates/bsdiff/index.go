package bsdiff

// An anchor is a position whose first eight bytes hash to a value with
// anchorBits zeros on top. Content alone decides that, so that equal stretches
// of old and new have their anchors at the same places: one position in eight
// is indexed, and no more need be looked up.
//
// The index knows an anchor by the hash of its first seedLen bytes.
const (
	anchorBits = 3
	seedLen    = 12
)

// indexAnchors returns the anchors of old.
func indexAnchors(old []byte) table {
	t := newTable(len(old)>>anchorBits, nil)
	var s sieve
	for lo := 0; lo < len(old); lo += sieveBlock {
		for _, i := range s.anchors(old, lo) {
			if h, ok := anchor(old, int(i)); ok {
				t.put(h, int(i))
			}
		}
	}
	t.flush()
	return t
}

// anchor returns the hash of the seed at i, if i is an anchor.
func anchor(b []byte, i int) (uint64, bool) {
	if i+seedLen > len(b) {
		return 0, false
	}
	v := load64(b, i)
	h := (v + mixB) * mixA
	if h>>(64-anchorBits) != 0 {
		return 0, false
	}
	w := load64(b, i+seedLen-8)
	if v == w && monotone(v) {
		return 0, false
	}
	return seedHash(h, w), true
}

func seedHash(h, w uint64) uint64 {
	h = (h ^ h>>32 ^ w) * mixC
	return (h ^ h>>29) * mixB
}
