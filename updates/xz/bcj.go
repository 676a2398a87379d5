package xz

import "encoding/binary"

// The x86 filter [format §5.3.2]. A call (E8) or jump (E9) holds the distance
// to its target; the distance from each caller differs, the target does not, so
// relative distances become absolute targets before compression.
//
// Which of the E8 and E9 bytes are instructions is a guess that both sides must
// make alike: a target's high byte must be 00 or FF, and a run of opcodes close
// by, remembered in a mask of the last few bytes, counts as data. The mask has
// one bit for each of the previous three bytes that was an opcode candidate.

// x86Reject says for which masks a candidate is not converted, and x86Byte
// which byte of the converted value must not look like a high byte again.
var (
	x86Reject = [8]bool{false, false, false, true, false, true, true, true}
	x86Byte   = [8]uint8{0, 1, 2, 2, 3, 3, 3, 3}
)

func highByte(b byte) bool { return b == 0x00 || b == 0xFF }

// x86Filter converts buf in place: to absolute targets when encode, else back.
// buf is a whole block, whose first byte has address 0.
func x86Filter(buf []byte, encode bool) {
	f := newX86()
	f.run(buf, encode)
}

// x86 is where a filter stands in a block that comes in pieces.
type x86 struct {
	mask uint32
	last int    // where the candidate before this one was, in the next piece
	at   uint32 // address of the next piece
}

func newX86() x86 { return x86{last: -5} } // far away at first

// run converts a piece and returns how many of its bytes are as they will be. The
// next piece begins with the others: four bytes decide about the one before them.
func (f *x86) run(buf []byte, encode bool) int {
	mask, last := f.mask, f.last
	end := len(buf) - 4
	i := 0
	for ; i < end; i++ {
		if buf[i]&0xFE != 0xE8 {
			continue
		}
		if gap := i - last; gap > 3 {
			mask = 0
		} else {
			mask = mask << (gap - 1) & 7
			if mask != 0 && (x86Reject[mask] || highByte(buf[i+4-int(x86Byte[mask])])) {
				last = i
				mask = mask<<1&7 | 1
				continue
			}
		}
		last = i
		if !highByte(buf[i+4]) {
			mask = mask<<1&7 | 1
			continue
		}
		addr := f.at + uint32(i) + 5
		v := binary.LittleEndian.Uint32(buf[i+1:])
		for {
			if encode {
				v += addr
			} else {
				v -= addr
			}
			if mask == 0 {
				break
			}
			shift := 24 - x86Byte[mask]*8
			if !highByte(byte(v >> shift)) {
				break
			}
			v ^= 1<<(shift+8) - 1
		}
		// 25 bits are kept; the rest repeats the sign.
		v &= 1<<25 - 1
		v |= -(v >> 24 & 1) << 24
		binary.LittleEndian.PutUint32(buf[i+1:], v)
		i += 4 // the next candidate is out of the mask's reach
	}
	f.mask, f.last, f.at = mask, last-i, f.at+uint32(i)
	return i
}

// armUnfilter undoes the 32-bit ARM filter [format §5.3.2], which the updater
// knows too and nothing of ours makes: the 24 bits of each branch with link (EB,
// at a multiple of four) count instructions, from two behind it. at is the
// address of buf; what armUnfilter returns is as x86.run's.
func armUnfilter(buf []byte, at uint32) int {
	i := 0
	for ; i+4 <= len(buf); i += 4 {
		if buf[i+3] == 0xEB {
			v := binary.LittleEndian.Uint32(buf[i:]) - (at+uint32(i)+8)>>2
			buf[i], buf[i+1], buf[i+2] = byte(v), byte(v>>8), byte(v>>16)
		}
	}
	return i
}

// unfilter undoes the filter of a block, if it has one.
type unfilter struct {
	id  uint64
	x86 x86
	arm uint32 // address of the next piece
}

func newUnfilter(b BlockInfo) unfilter { return unfilter{id: b.Filters[0], x86: newX86()} }

// run returns how many bytes of the piece are done. Of a block's last piece all
// are.
func (f *unfilter) run(piece []byte) int {
	switch f.id {
	case filterX86:
		return f.x86.run(piece, false)
	case filterARM:
		n := armUnfilter(piece, f.arm)
		f.arm += uint32(n)
		return n
	}
	return len(piece)
}
