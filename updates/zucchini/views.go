package zucchini

import "slices"

// Two builds of one program differ in thousands of addresses that mean the
// same. So before they are aligned, both are copied into views in which the
// bytes of a reference say only what it means: first just its kind, then, once
// a first alignment has told which old target became which new one, a label of
// its target. Equal code is then equal bytes, and the aligner needs to know
// nothing of references.

// blank returns a copy of an image with every reference reduced to its kind.
func blank(img []byte, groups []group) []byte {
	view := slices.Clone(img)
	for i, g := range groups {
		for _, r := range g.references {
			putLabel(view, i, &g, r.at, 0)
		}
	}
	return view
}

// relabel puts into a view the labels of all references' targets.
func relabel(view []byte, groups []group, label func(target uint32) uint32) {
	for i, g := range groups {
		for _, r := range g.references {
			putLabel(view, i, &g, r.at, label(r.target))
		}
	}
}

// labelBytes is how many bytes of a reference, at most, tell targets apart.
const labelBytes = 4

// putLabel writes a reference into a view: its kind, then its label. A branch
// keeps its operation, and has the label in place of the distance.
func putLabel(view []byte, kind int, g *group, at, label uint32) {
	if g.branch != nil {
		code := le32(view, at)
		putLE32(view, at, code&^g.branch.payload()|label*0x9e3779b1>>8&g.branch.payload())
		return
	}
	body := view[at : at+g.width]
	for i := range body {
		body[i] = 0xf0 | byte(kind)
	}
	if label != 0 {
		h := label * 0x9e3779b1
		for i := range min(labelBytes, len(body)) {
			body[len(body)-1-i] = byte(h >> (24 - 8*i))
		}
	}
}

// A naming maps targets of old to those of new that took their place: for
// each, the one that most references agree on, of those that the equivalences
// pair.
type naming struct {
	p       *projection
	targets []uint32 // of old, sorted
	votes   []vote
}

type vote struct {
	target uint32
	lead   int32 // over all others
}

func newNaming(oldGroups, newGroups []group, equivalences []equivalence, p *projection) *naming {
	n := &naming{p: p}
	for _, g := range oldGroups {
		for _, r := range g.references {
			n.targets = append(n.targets, r.target)
		}
	}
	slices.Sort(n.targets)
	n.targets = slices.Compact(n.targets)
	n.votes = make([]vote, len(n.targets))
	for i := range oldGroups {
		pairs(&oldGroups[i], &newGroups[i], equivalences, func(o, w reference) {
			k, _ := slices.BinarySearch(n.targets, o.target)
			v := &n.votes[k]
			switch {
			case v.lead == 0:
				*v = vote{w.target, 1}
			case v.target == w.target:
				v.lead++
			default:
				v.lead--
			}
		}, nil)
	}
	return n
}

// newTarget says what became of a target of old. Where bytes lie there, their
// own alignment tells; votes of references that wandered off would only
// confirm themselves.
func (n *naming) newTarget(old uint32) uint32 {
	if target, ok := n.p.exact(old); ok {
		return target
	}
	if k, found := slices.BinarySearch(n.targets, old); found && n.votes[k].lead > 0 {
		return n.votes[k].target
	}
	return n.p.guess(old)
}

// pairs calls both for each pair of references of one kind that an equivalence
// brings together, and alone for each old one that it brings to something else.
func pairs(oldGroup, newGroup *group, equivalences []equivalence, both func(o, n reference), alone func(q int, o reference)) {
	for i, q := range equivalences {
		theirs := newGroup.within(q.dst, q.dstEnd())
		for _, o := range oldGroup.within(q.src, q.srcEnd()) {
			at := o.at - q.src + q.dst
			for len(theirs) > 0 && theirs[0].at < at {
				theirs = theirs[1:]
			}
			switch {
			case len(theirs) > 0 && theirs[0].at == at:
				both(o, theirs[0])
			case alone != nil:
				alone(i, o)
			}
		}
	}
}
