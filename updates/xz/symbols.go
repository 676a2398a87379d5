package xz

import "fmt"

// symbols decodes until out has end bytes, for which there is room.
func (d *decoder) symbols(end int) error {
	m, rc := &d.model, &d.rc
	posMask := 1<<d.pb - 1
	for len(d.out) < end {
		if rc.pos > len(rc.in) {
			return rc.finish()
		}
		s, ps := d.state&15, (len(d.out)-d.dictStart)&posMask
		if rc.bit(&m.isMatch[s][ps&15]) == 0 {
			d.literal()
			continue
		}
		length := 1
		if rc.bit(&m.isRep[s]) == 0 {
			length = d.length(&m.matchLen, ps)
			d.reps[3], d.reps[2], d.reps[1] = d.reps[2], d.reps[1], d.reps[0]
			d.reps[0] = d.distance(distState(length))
			d.state = afterMatch[s]
		} else if rc.bit(&m.isRep0[s]) == 0 {
			if rc.bit(&m.isRep0Long[s][ps&15]) == 0 {
				d.state = afterShortRep[s]
			} else {
				length = d.length(&m.repLen, ps)
				d.state = afterRep[s]
			}
		} else {
			i := 1
			if rc.bit(&m.isRep1[s]) != 0 {
				i = 2 + int(rc.bit(&m.isRep2[s]))
			}
			dist := d.reps[i&3]
			copy(d.reps[1:i+1], d.reps[:i])
			d.reps[0] = dist
			length = d.length(&m.repLen, ps)
			d.state = afterRep[s]
		}
		if err := d.repeat(length, end); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) literal() {
	out, n := d.out, len(d.out)
	pos := uint(n - d.dictStart)
	var prev uint
	if pos > 0 {
		prev = uint(out[n-1])
	}
	coder := (pos&(1<<d.lp-1))<<d.lc | prev>>(8-d.lc)
	probs := (*[0x300]uint16)(d.model.literal[coder*0x300:])
	if d.state < litStates {
		d.out = append(out, byte(d.rc.tree(probs[:0x100], 8)))
	} else {
		// repeat has made sure that the newest distance is within out.
		d.out = append(out, d.rc.matched(probs, uint32(out[n-int(d.reps[0])-1])))
	}
	d.state = afterLiteral[d.state&15]
}

func (d *decoder) length(l *lenModel, ps int) int {
	switch {
	case d.rc.bit(&l.choice[0]) == 0:
		return minMatch + int(d.rc.tree(l.low[ps&15][:], 3))
	case d.rc.bit(&l.choice[1]) == 0:
		return minMatch + lenLow + int(d.rc.tree(l.mid[ps&15][:], 3))
	}
	return minMatch + lenLow + lenMid + int(d.rc.tree(l.highest[:], 8))
}

func (d *decoder) distance(ds int) uint32 {
	m, rc := &d.model, &d.rc
	slot := rc.tree(m.slot[ds&3][:], 6)
	if slot < 4 {
		return slot
	}
	n := int(slot/2 - 1)
	base := (2 | slot&1) << n
	if slot < slotsModeled {
		return base + rc.reverseTree(m.special[base-slot:], n)
	}
	return base + rc.direct(n-alignBits)<<alignBits + rc.reverseTree(m.align[:], alignBits)
}

// repeat copies length bytes from the newest distance.
func (d *decoder) repeat(length, end int) error {
	n := len(d.out)
	dist := int64(d.reps[0]) + 1
	if dist > int64(n-d.dictStart) || dist > d.dict {
		return fmt.Errorf("at %d a match reaches %d back, beyond the dictionary", d.gone+int64(n), dist)
	}
	if length > end-n {
		return fmt.Errorf("at %d a match of %d bytes runs past the chunk's end %d", d.gone+int64(n), length, d.gone+int64(end))
	}
	out := d.out[:n+length]
	from := n - int(dist)
	if int64(length) <= dist {
		copy(out[n:], out[from:from+length])
	} else if dist == 1 {
		b := out[from]
		for i := n; i < len(out); i++ {
			out[i] = b
		}
	} else {
		for i := n; i < len(out); i++ {
			out[i] = out[i-int(dist)]
		}
	}
	d.out = out
	return nil
}
