package zucchini

// AArch64 branches hold their distance, in instructions of four bytes, in a
// bit field beside the operation. The format knows three widths; each is a
// kind of reference of its own, in this order.
type branch struct {
	bits  uint // of the distance
	shift uint // its lowest bit
	forms []form
}

// A form is the fixed part of an instruction.
type form struct{ mask, value uint32 }

var branches = [3]branch{
	{14, 5, []form{{0x7f000000, 0x36000000}, {0x7f000000, 0x37000000}}},                           // tbz, tbnz
	{19, 5, []form{{0xff000010, 0x54000000}, {0x7f000000, 0x34000000}, {0x7f000000, 0x35000000}}}, // b.cond, cbz, cbnz
	{26, 0, []form{{0xfc000000, 0x14000000}, {0xfc000000, 0x94000000}}},                           // b, bl
}

const branchWidth = 4

// payload is the mask of the distance's bits.
func (b *branch) payload() uint32 { return (1<<b.bits - 1) << b.shift }

func (b *branch) matches(code uint32) bool {
	for _, f := range b.forms {
		if code&f.mask == f.value {
			return true
		}
	}
	return false
}

// distance extracts the signed distance in bytes.
func (b *branch) distance(code uint32) int32 {
	return int32(code<<(32-b.bits-b.shift)) >> (32 - b.bits) << 2
}

// findBranches scans code at img[lo:hi] and sorts what it finds by kind. A
// branch counts if it leads into code.
func findBranches(img []byte, t *translator, s span, inCode func(uint32) bool, lo, hi uint32, found *[3][]reference) {
	lo = (lo + branchWidth - 1) &^ (branchWidth - 1)
	if (s.address-s.offset)%branchWidth != 0 {
		return // no instruction is aligned in memory
	}
	for at := lo; at+branchWidth <= hi; at += branchWidth {
		code := le32(img, at)
		for i := range branches {
			b := &branches[i]
			if !b.matches(code) {
				continue
			}
			target := t.toOffset(at - s.offset + s.address + uint32(b.distance(code)))
			if target != noOffset && inCode(target) {
				found[i] = append(found[i], reference{at, target})
			}
			break
		}
	}
}

// write sets the distance of the branch at a place, which keeps its operation.
// Where that is no branch of this kind or the distance does not fit, nothing
// is written: so does the updater.
func (b *branch) write(img []byte, t *translator, at, target uint32) {
	if uint64(at)+branchWidth > uint64(len(img)) {
		return
	}
	code := le32(img, at)
	from, to := t.toAddress(at), t.toAddress(target)
	distance := int32(to - from)
	if !b.matches(code) || from%branchWidth != 0 || to%branchWidth != 0 || !b.fits(distance) {
		return
	}
	putLE32(img, at, code&^b.payload()|uint32(distance>>2)<<b.shift&b.payload())
}

func (b *branch) fits(distance int32) bool {
	limit := int32(1) << (b.bits + 1)
	return -limit <= distance && distance < limit
}

// mix returns the instruction new with the distance of old: what the raw delta
// must leave behind, so that an unchanged operation needs no correction.
func (b *branch) mix(oldCode, newCode uint32) uint32 {
	return newCode&^b.payload() | oldCode&b.payload()
}
