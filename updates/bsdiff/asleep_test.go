package bsdiff

import (
	"slices"
	"testing"
)

// An alignment is taken up where it begins to fit, wherever it was found, and left
// where it ends to.
func TestSleeperWakesWhereItFits(t *testing.T) {
	old, new := noise(1, 20000), noise(2, 20000)
	for i := range new {
		if new[i] == old[i+100-100*(i/19900)] {
			new[i]++ // not by chance
		}
	}
	const lo, hi = 5003, 9001
	copy(new[lo:hi], old[lo+100:])
	d := &differ{old: old, new: new}
	got := d.choose(0, len(new), []span{{lo: 0, hi: 19900, off: 100}})
	if len(got) != 1 || got[0].lo != lo || got[0].hi != hi {
		t.Errorf("got %v, want %d to %d", got, lo, hi)
	}
}

// So many alignments wait that there is room for no more; the one that fits ends last.
func TestSleepersMakeWayForOneThatEndsLater(t *testing.T) {
	old, new := noise(1, 40000), noise(2, 20000)
	const lo, hi, off = 12000, 16000, 777
	copy(new[lo:hi], old[lo+off:])
	found := []span{}
	for i := range 2 * maxContenders {
		found = append(found, span{lo: 10 * i, hi: 11000 + i, off: 1000 + 17*i})
	}
	found = append(found, span{lo: 3000, hi: hi, off: off})
	got := (&differ{old: old, new: new}).choose(0, len(new), found)
	if len(got) != 1 || got[0].lo > lo || got[0].lo < lo-8 || got[0].hi < hi || got[0].hi > hi+8 {
		t.Errorf("got %v, want about %d to %d", got, lo, hi)
	}
}

// The blocks of a sieve meet the end of a file anywhere.
func TestSieveMissesNothing(t *testing.T) {
	for _, n := range []int{0, 1, seedLen, sieveBlock - 1, sieveBlock, sieveBlock + seedLen, 3*sieveBlock + 5} {
		b := noise(uint64(n), n)
		var want []uint32
		for i := range b {
			if _, ok := anchor(b, i); ok {
				want = append(want, uint32(i))
			}
		}
		var got []uint32
		var s sieve
		for lo := 0; lo < n; lo += sieveBlock {
			for _, i := range s.anchors(b, lo) {
				if _, ok := anchor(b, int(i)); ok {
					got = append(got, i)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d bytes: got anchors %v, want %v", n, got, want)
		}
		f := newFilter(n, nil)
		for i := 0; i+gapSeed <= n; i++ {
			f.put(load64(b, i), load64(b, i+gapSeed-8))
		}
		passed := 0
		for lo := 0; lo < n; lo += sieveBlock {
			passed += len(s.gapSeeds(b, lo, f))
		}
		if least := max(0, n-gapSeed+1); passed < least {
			t.Errorf("%d bytes: %d seeds pass the filter that has them, want %d", n, passed, least)
		}
	}
}
