package zucchini

import (
	"errors"
	"fmt"
)

// applyReferences is the third pass. newPart is new but for its references:
// its headers are right already, so that it can tell where things go.
func (e *element) applyReferences(equivalences []equivalence, oldPart, newPart []byte) error {
	oldProgram, err := wholeProgram(e.kind, oldPart)
	if err != nil {
		return fmt.Errorf("old: %w", err)
	}
	newProgram, err := wholeProgram(e.kind, newPart)
	if err != nil {
		return fmt.Errorf("new: %w", err)
	}
	groups, err := oldProgram.groups()
	if err != nil {
		return fmt.Errorf("old: %w", err)
	}
	p := newProjection(equivalences, e.oldSize, e.newSize)
	deltas := stream(e.referenceDeltas)
	var targets targetPool
	for i := range groups {
		g := &groups[i]
		if i == 0 || g.pool != groups[i-1].pool {
			extra, err := e.extraTargets(g.pool)
			if err != nil {
				return err
			}
			targets = projectTargets(groups, g.pool, &p).add(extra)
		}
		for _, q := range equivalences {
			for _, r := range g.within(q.src, q.srcEnd()) {
				delta, err := deltas.signed()
				if err != nil {
					return fmt.Errorf("reference at %#x: %w", r.at, err)
				}
				key := targets.nearest(p.guess(r.target)) + uint32(delta)
				if uint64(key) >= uint64(len(targets)) {
					return fmt.Errorf("reference at %#x: target %d of %d", r.at, int32(key), len(targets))
				}
				newProgram.write(newPart, i, r.at-q.src+q.dst, targets[key])
			}
		}
	}
	if len(deltas) != 0 {
		return errors.New("more reference deltas than references")
	}
	return nil
}

// wholeProgram disassembles an image that must be nothing but a program.
func wholeProgram(kind Type, img []byte) (program, error) {
	p, err := disassemble(kind, img)
	if err == nil && int(p.size()) != len(img) {
		err = fmt.Errorf("program has %#x bytes, element %#x", p.size(), len(img))
	}
	return p, err
}

// extraTargets returns what the patch adds to a pool. A pool that is absent is
// empty; the updater ignores one that no references use.
func (e *element) extraTargets(tag uint8) ([]uint32, error) {
	for _, p := range e.pools {
		if p.tag == tag {
			targets, err := decodeTargets(p.targets)
			if err != nil {
				return nil, fmt.Errorf("pool %d: %w", tag, err)
			}
			return targets, nil
		}
	}
	return nil, nil
}
