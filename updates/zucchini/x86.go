package zucchini

const rel32Width = 4

// findRel32 scans x86 code at img[lo:hi] of section s for instructions that hold a 32-bit
// distance, without regard to where instructions begin: the format's own
// disassembler does the same. A distance counts if it leads to an address that
// exists; that of a branch must not leave the section.
//
//	E8, E9                     call, jmp              branch
//	0F 80–8F                   jcc                    branch
//
// and, where data may be addressed relative to code,
//
//	FF 15, FF 25               call, jmp [rip+disp]   anywhere
//	89, 8B, 8D with rip+disp   mov, mov, lea          anywhere
func findRel32(img []byte, t *translator, s span, ripRelative bool, lo, hi uint32, found []reference) []reference {
	var there span // that of the last target
	for at := lo; at+1+rel32Width <= hi; at++ {
		operand, branch := at+2, false
		switch img[at] {
		default:
			continue
		case 0xe8, 0xe9:
			operand, branch = at+1, true
		case 0x0f:
			if img[at+1]&0xf0 != 0x80 {
				continue
			}
			branch = true
		case 0xff:
			if c := img[at+1]; !ripRelative || c != 0x15 && c != 0x25 {
				continue
			}
		case 0x89, 0x8b, 0x8d:
			if !ripRelative || img[at+1]&0xc7 != 0x05 {
				continue
			}
		}
		if operand+rel32Width > hi {
			continue
		}
		target := operand - s.offset + s.address + rel32Width + le32(img, operand)
		if branch && target-s.address >= s.addressSize {
			continue
		}
		if target-there.address >= there.addressSize {
			p := t.spanOf(target)
			if p == nil {
				continue
			}
			there = *p
		}
		found = append(found, reference{operand, t.offsetIn(&there, target)})
		at = operand + rel32Width - 1
	}
	return found
}

func writeRel32(img []byte, t *translator, at, target uint32) {
	if uint64(at)+rel32Width > uint64(len(img)) {
		return
	}
	putLE32(img, at, t.toAddress(target)-(t.toAddress(at)+rel32Width))
}
