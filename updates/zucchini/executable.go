package zucchini

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// executableElement makes the element for two whole programs. It fails if the
// updater might find other references than we do, or if the programs have
// nothing in common.
func executableElement(kind Type, oldProgram, newProgram program, old, new []byte) (element, error) {
	oldGroups, err := soundGroups(oldProgram)
	if err != nil {
		return element{}, fmt.Errorf("old: %w", err)
	}
	newGroups, err := soundGroups(newProgram)
	if err != nil {
		return element{}, fmt.Errorf("new: %w", err)
	}
	e := element{kind: kind, oldSize: uint32(len(old)), newSize: uint32(len(new))}
	x := newIndex(len(old))
	oldView, newView := blank(old, oldGroups), blank(new, newGroups)
	align := func() []equivalence {
		return fit(blocks(oldView, newView, align(x, oldView, newView)), oldGroups, newGroups)
	}
	equivalences := align()
	if len(equivalences) == 0 {
		return element{}, errors.New("the programs have nothing in common")
	}
	// Once more, by targets. A third time would save 1 % of some patches.
	p := newProjection(equivalences, e.oldSize, e.newSize)
	names := newNaming(oldGroups, newGroups, equivalences, &p)
	relabel(oldView, oldGroups, names.newTarget)
	relabel(newView, newGroups, func(target uint32) uint32 { return target })
	equivalences = align()

	like := newView // no longer needed as a view
	copy(like, new)
	e.storeReferences(oldGroups, newGroups, equivalences, old, like)
	e.describe(old, new, like, equivalences)
	return e, nil
}

// soundGroups finds a program's references and refuses those that overlap:
// correcting one would spoil the other.
func soundGroups(p program) ([]group, error) {
	if err := p.sure(); err != nil {
		return nil, err
	}
	groups, err := p.groups()
	if err != nil {
		return nil, err
	}
	return groups, checkDisjoint(groups)
}

// checkDisjoint walks all groups at once in the order of their places.
func checkDisjoint(groups []group) error {
	rest := make([][]reference, len(groups))
	for i, g := range groups {
		rest[i] = g.references
	}
	var end uint32
	for {
		first := -1
		for i := range rest {
			if len(rest[i]) > 0 && (first < 0 || rest[i][0].at < rest[first][0].at) {
				first = i
			}
		}
		if first < 0 {
			return nil
		}
		at := rest[first][0].at
		if at < end {
			return fmt.Errorf("references overlap at %#x", at)
		}
		end = at + groups[first].width
		rest[first] = rest[first][1:]
	}
}

// shortest is the length from which an equivalence is worth its numbers.
const shortest = 5

// fit cuts equivalences where they bring an old reference to something that is
// none of its kind, since the updater would correct it all the same, and where
// they cut one apart.
func fit(equivalences []equivalence, oldGroups, newGroups []group) []equivalence {
	trimmed := equivalences[:0]
	for _, q := range equivalences {
		if q = trim(q, oldGroups); q.length > 0 {
			trimmed = append(trimmed, q)
		}
	}
	type cut struct{ q, from, to uint32 }
	var cuts []cut
	for i := range oldGroups {
		width := oldGroups[i].width
		pairs(&oldGroups[i], &newGroups[i], trimmed, func(_, _ reference) {}, func(q int, o reference) {
			cuts = append(cuts, cut{uint32(q), o.at, o.at + width})
		})
	}
	slices.SortFunc(cuts, func(a, b cut) int { return cmp.Or(cmp.Compare(a.q, b.q), cmp.Compare(a.from, b.from)) })
	var fitted []equivalence
	for i, q := range trimmed {
		for len(cuts) > 0 && cuts[0].q == uint32(i) {
			c := cuts[0]
			cuts = cuts[1:]
			if c.from > q.src {
				fitted = append(fitted, equivalence{q.src, q.dst, c.from - q.src})
			}
			lost := c.to - q.src
			q = equivalence{c.to, q.dst + lost, q.length - lost}
		}
		fitted = append(fitted, q)
	}
	return slices.DeleteFunc(fitted, func(q equivalence) bool { return q.length < shortest })
}

// trim takes from an equivalence's ends the parts of references that it holds
// only in part.
func trim(q equivalence, groups []group) equivalence {
	for _, g := range groups {
		lo := q.src - min(q.src, g.width-1)
		for _, r := range g.within(lo, q.src) {
			lost := min(q.length, r.at+g.width-q.src)
			q = equivalence{q.src + lost, q.dst + lost, q.length - lost}
		}
	}
	for _, g := range groups {
		for _, r := range g.within(q.srcEnd()-min(q.length, g.width-1), q.srcEnd()) {
			q.length = r.at - q.src
		}
	}
	return q
}

// storeReferences writes the reference deltas and extra targets, and makes the
// references in like equal to old's, so that the raw delta passes them over.
func (e *element) storeReferences(oldGroups, newGroups []group, equivalences []equivalence, old, like []byte) {
	p := newProjection(equivalences, e.oldSize, e.newSize)
	var targets targetPool
	for i := range oldGroups {
		g := &oldGroups[i]
		if i == 0 || g.pool != oldGroups[i-1].pool {
			targets = e.storeTargets(g.pool, oldGroups, newGroups, equivalences, &p)
		}
		pairs(g, &newGroups[i], equivalences, func(o, n reference) {
			key, _ := slices.BinarySearch(targets, n.target)
			e.referenceDeltas = appendSigned(e.referenceDeltas, int32(key)-int32(targets.nearest(p.guess(o.target))))
			if g.branch != nil {
				putLE32(like, n.at, g.branch.mix(le32(old, o.at), le32(like, n.at)))
			} else {
				copy(like[n.at:n.at+g.width], old[o.at:])
			}
		}, nil)
	}
}

// storeTargets writes the targets of one pool that new needs and old does not
// bring along, and returns the whole pool.
func (e *element) storeTargets(tag uint8, oldGroups, newGroups []group, equivalences []equivalence, p *projection) targetPool {
	var needed []uint32
	for i := range oldGroups {
		if oldGroups[i].pool == tag {
			pairs(&oldGroups[i], &newGroups[i], equivalences, func(_, n reference) {
				needed = append(needed, n.target)
			}, nil)
		}
	}
	slices.Sort(needed)
	targets := projectTargets(oldGroups, tag, p)
	extra := without(slices.Compact(needed), targets)
	e.pools = append(e.pools, pool{tag, encodeTargets(extra)})
	return targets.add(extra)
}

// without returns the numbers of a that are not in b; both are sorted.
func without(a, b []uint32) []uint32 {
	var rest []uint32
	for _, v := range a {
		for len(b) > 0 && b[0] < v {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != v {
			rest = append(rest, v)
		}
	}
	return rest
}
