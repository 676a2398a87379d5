package zucchini

import "math/bits"

// The price of saying a byte of new, in tenths of a byte after compression:
// out of the patch, as a correction of a copied byte (two numbers), or by
// another block (three numbers; a hole in a block makes a second one). A
// correction by what was added a moment ago is cheap: in a table of addresses
// that have moved, it is the same again and again.
const (
	priceExtra      = 8
	priceCorrection = 14
	priceSameAgain  = 6
	priceNumberByte = 10
	priceHole       = 40
	momentAgo       = 8 // corrections
)

// blocks turns alignments into equivalences: each turn's block grows forward
// and its successor's backward as long as copying is cheaper than extra data;
// where both reach, the cheapest place parts them.
func blocks(old, new []byte, turns []turn) []equivalence {
	b := blockMaker{old: old, new: new, corrections: momentAgo}
	from := 0 // where the block of turns[i] begins
	for i, t := range turns {
		stop := len(new)
		if i+1 < len(turns) {
			stop = turns[i+1].dst
		}
		end := from + b.forward(from, stop, t.shift)
		next := stop
		if i+1 < len(turns) {
			next = stop - b.backward(stop, from, turns[i+1].shift)
			if next < end {
				next = b.part(next, end, t.shift, turns[i+1].shift)
				end = next
			}
		}
		b.carve(from, end, t.shift)
		from = next
	}
	return b.prune()
}

// A blockMaker collects equivalences.
type blockMaker struct {
	old, new    []byte
	found       []equivalence
	corrections int      // priced so far
	seen        [256]int // how many that were when each value came last
}

// correction prices the correction of new[at].
func (b *blockMaker) correction(at, shift int) int {
	value := b.new[at] - b.old[at+shift]
	age := b.corrections - b.seen[value]
	b.seen[value] = b.corrections
	b.corrections++
	if age < momentAgo {
		return priceSameAgain
	}
	return priceCorrection
}

// forget makes all corrections long ago.
func (b *blockMaker) forget() { b.corrections += momentAgo }

// matches says whether new[at] is copied right.
func (b *blockMaker) matches(at, shift int) bool {
	p := at + shift
	return p >= 0 && p < len(b.old) && b.old[p] == b.new[at]
}

// forward returns how many bytes from a place on are best copied.
func (b *blockMaker) forward(from, stop, shift int) int {
	lo := max(from, -shift)
	stop = min(stop, len(b.old)-shift)
	b.forget()
	gain, best, length := -(lo-from)*priceExtra, 0, 0
	for at := lo; at < stop; {
		if run := equalRun(b.old[at+shift:stop+shift], b.new[at:stop]); run > 0 {
			at += run
			if gain += run * priceExtra; gain > best {
				best, length = gain, at-from
			}
			continue
		}
		gain -= b.correction(at, shift) - priceExtra
		at++
	}
	return length
}

// backward returns how many bytes before a place are best copied.
func (b *blockMaker) backward(stop, from, shift int) int {
	lo := max(from, -shift)
	b.forget()
	gain, best, length := 0, 0, 0
	for at := min(stop, len(b.old)-shift) - 1; at >= lo; at-- {
		if b.old[at+shift] == b.new[at] {
			if gain += priceExtra; gain > best {
				best, length = gain, stop-at
			}
		} else {
			gain -= b.correction(at, shift) - priceExtra
		}
	}
	return length
}

// part finds the place in [lo, hi] before which left and behind which right
// makes fewer mistakes.
func (b *blockMaker) part(lo, hi, left, right int) int {
	lead, best, place := 0, 0, lo
	for at := lo; at < hi; at++ {
		if b.matches(at, left) {
			lead++
		}
		if b.matches(at, right) {
			lead--
		}
		if lead >= best {
			best, place = lead, at+1
		}
	}
	return place
}

// carve keeps of new[from:end] what is worth copying, without the holes in
// which extra data is cheaper.
func (b *blockMaker) carve(from, end, shift int) {
	from = max(from, -shift) // a block may be led by bytes that have no counterpart
	start := from            // of the open block
	hole, holeEnd := -1, 0   // the place that may become a hole, at its best
	gain, best := 0, 0       // by saying what follows hole as extra data: now, at its best
	b.forget()
	for at := from; at < end; {
		run := equalRun(b.old[at+shift:end+shift], b.new[at:end])
		at += run
		gain -= run * priceExtra
		if hole >= 0 && (gain <= max(0, best-priceHole) || at == end) {
			if best > priceHole {
				b.keep(start, hole, shift)
				start = holeEnd
			}
			hole = -1
		}
		if at == end {
			break
		}
		if hole < 0 {
			hole, gain, best = at, 0, 0
		}
		if gain += b.correction(at, shift) - priceExtra; gain > best {
			best, holeEnd = gain, at+1
		}
		at++
	}
	if hole >= 0 && best > priceHole {
		b.keep(start, hole, shift)
		start = holeEnd
	}
	b.keep(start, end, shift)
}

// keep adds a block.
func (b *blockMaker) keep(from, end, shift int) {
	if from < end {
		b.found = append(b.found, equivalence{uint32(from + shift), uint32(from), uint32(end - from)})
	}
}

// prune drops the blocks that cost more than they save, each judged beside
// those that are kept before it and the one that follows.
func (b *blockMaker) prune() []equivalence {
	kept := b.found[:0:0]
	var before equivalence
	for i, q := range b.found {
		cost := linkPrice(before, q)
		if i+1 < len(b.found) {
			cost += linkPrice(q, b.found[i+1]) - linkPrice(before, b.found[i+1])
		}
		if b.saves(q, cost) {
			kept = append(kept, q)
			before = q
		}
	}
	return kept
}

// linkPrice is the price of the numbers that tell of a block behind another.
func linkPrice(before, q equivalence) int {
	skip := int(q.src) - int(before.srcEnd())
	return priceNumberByte * (numberSize(2*max(skip, -skip)) + numberSize(int(q.dst-before.dstEnd())) + numberSize(int(q.length)))
}

// saves says whether copying a block is cheaper than extra data by more than a
// price.
func (b *blockMaker) saves(q equivalence, price int) bool {
	b.forget()
	gain, shift := 0, int(q.src)-int(q.dst)
	o, n := b.old[q.src:q.srcEnd()], b.new[q.dst:q.dstEnd()]
	for at := 0; at < len(n); {
		run := equalRun(o[at:], n[at:])
		if gain += run * priceExtra; gain > 4*price {
			return true
		}
		if at += run; at < len(n) {
			gain -= b.correction(int(q.dst)+at, shift) - priceExtra
			at++
		}
	}
	return gain > price
}

// numberSize is how many bytes a number takes in a stream.
func numberSize(v int) int { return (bits.Len(uint(v)|1) + 6) / 7 }
