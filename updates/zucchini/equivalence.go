package zucchini

import "math/bits"

// The price of saying a byte of new, in tenths of a byte after compression:
// out of the patch, as a correction of a copied byte (two numbers), or by
// another block (three numbers; a hole in a block makes a second one).
const (
	priceExtra      = 8
	priceCorrection = 14
	priceNumberByte = 10
	priceHole       = 40
)

// blocks turns alignments into equivalences: each turn's block grows forward
// and its successor's backward as long as copying is cheaper than extra data;
// where both reach, the cheapest place parts them.
func blocks(old, new []byte, turns []turn) []equivalence {
	b := blockMaker{old: old, new: new}
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
	return b.found
}

// A blockMaker collects equivalences.
type blockMaker struct {
	old, new []byte
	found    []equivalence
}

// matches says whether new[at] is copied right.
func (b *blockMaker) matches(at, shift int) bool {
	p := at + shift
	return p >= 0 && p < len(b.old) && b.old[p] == b.new[at]
}

// forward returns how many bytes from a place on are best copied.
func (b *blockMaker) forward(from, stop, shift int) int {
	lo := max(from, -shift)
	stop = min(stop, len(b.old)-shift)
	gain, best, length := -(lo-from)*priceExtra, 0, 0
	for at := lo; at < stop; {
		if run := equalRun(b.old[at+shift:stop+shift], b.new[at:stop]); run > 0 {
			at += run
			if gain += run * priceExtra; gain > best {
				best, length = gain, at-from
			}
			continue
		}
		gain -= priceCorrection - priceExtra
		at++
	}
	return length
}

// backward returns how many bytes before a place are best copied.
func (b *blockMaker) backward(stop, from, shift int) int {
	lo := max(from, -shift)
	gain, best, length := 0, 0, 0
	for at := min(stop, len(b.old)-shift) - 1; at >= lo; at-- {
		if b.old[at+shift] == b.new[at] {
			if gain += priceExtra; gain > best {
				best, length = gain, stop-at
			}
		} else {
			gain -= priceCorrection - priceExtra
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
		if lead > best {
			best, place = lead, at+1
		}
	}
	return place
}

// carve keeps of new[from:end] what is worth copying. Two ways to say a byte
// are followed at once, copied and extra; the cheaper history of each is kept,
// and the last change of either as a place to cut.
func (b *blockMaker) carve(from, end, shift int) {
	from = max(from, -shift) // a block may be led by bytes that have no counterpart
	if end <= from {
		return
	}
	start, hole := from, -1 // the open block; where the best hole in it begins
	copied, extra := 0, 0   // prices since the hole began
	flush := func(stop int) {
		if length := stop - start; length > 0 && b.worth(start, stop, shift) {
			b.found = append(b.found, equivalence{uint32(start + shift), uint32(start), uint32(length)})
		}
	}
	for at := from; at < end; {
		run := equalRun(b.old[at+shift:end+shift], b.new[at:end])
		if hole >= 0 {
			extra += run * priceExtra
			if copied > extra+priceHole && (run*priceExtra > priceHole || at+run == end) {
				// The hole pays: cut it out and begin anew behind it.
				flush(hole)
				start, hole = at, -1
			} else if extra >= copied {
				hole = -1 // dearer than copying through
			}
		}
		if at += run; at == end {
			break
		}
		if hole < 0 {
			hole, copied, extra = at, 0, 0
		}
		copied += priceCorrection
		extra += priceExtra
		at++
	}
	flush(end)
}

// worth says whether a block saves more than it costs.
func (b *blockMaker) worth(from, end, shift int) bool {
	var before equivalence
	if n := len(b.found); n > 0 {
		before = b.found[n-1]
	}
	skip := from + shift - int(before.srcEnd())
	gain := -priceNumberByte * (numberSize(2*max(skip, -skip)) + numberSize(from-int(before.dstEnd())) + numberSize(end-from))
	enough := -4 * gain
	for at := from; at < end; {
		run := equalRun(b.old[at+shift:end+shift], b.new[at:end])
		if gain += run * priceExtra; gain > enough {
			return true
		}
		if at += run; at < end {
			gain -= priceCorrection - priceExtra
			at++
		}
	}
	return gain > 0
}

// numberSize is how many bytes a number takes in a stream.
func numberSize(v int) int { return (bits.Len(uint(v)|1) + 6) / 7 }
