package zucchini

import (
	"fmt"
	"slices"
	"sort"
)

// A targetPool is the sorted list of places in new that references of one pool
// may point to. A reference is stored as the distance, in this list, from the
// entry next to where old's target is projected.
type targetPool []uint32

// projectTargets makes the part of a pool that needs no help from the patch:
// the targets of old's references that were copied along.
func projectTargets(groups []group, pool uint8, p *projection) targetPool {
	var targets []uint32
	for _, g := range groups {
		if g.pool == pool {
			for _, r := range g.references {
				targets = append(targets, r.target)
			}
		}
	}
	slices.Sort(targets)
	projected := p.all(slices.Compact(targets))
	slices.Sort(projected)
	return projected
}

// add puts further targets into the pool.
func (t targetPool) add(extra []uint32) targetPool {
	t = append(t, extra...)
	slices.Sort(t)
	return slices.Compact(t)
}

// nearest returns the index of the entry closest to an offset, the lower one
// of two. In an empty pool that is 0.
func (t targetPool) nearest(offset uint32) uint32 {
	i := sort.Search(len(t), func(i int) bool { return t[i] >= offset })
	if i > 0 && (i == len(t) || t[i]-offset >= offset-t[i-1]) {
		i--
	}
	return uint32(i)
}

// decodeTargets reads the extra targets of a pool: sorted, each stored as the
// number of offsets left out since the one before.
func decodeTargets(b []byte) ([]uint32, error) {
	var targets []uint32
	var next uint64
	for s := stream(b); len(s) > 0; next++ {
		gap, err := s.unsigned()
		if err != nil {
			return nil, err
		}
		if next += uint64(gap); next >= 1<<32 {
			return nil, fmt.Errorf("target %#x does not fit 32 bits", next)
		}
		targets = append(targets, uint32(next))
	}
	return targets, nil
}

func encodeTargets(targets []uint32) []byte {
	var b []byte
	var next uint32
	for _, t := range targets {
		b = appendUnsigned(b, t-next)
		next = t + 1
	}
	return b
}
