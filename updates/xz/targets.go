package xz

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// TargetsRepeat tells whether the x86 filter is likely to make src smaller:
// whether its calls and jumps have clearly fewer targets than distances. So it
// is with code, and not with text, nor where code is in pieces whose places say
// nothing.
func TargetsRepeat(src []byte) bool {
	filtered := bytes.Clone(src)
	x86Filter(filtered, true)
	var distances, targets []uint32
	for i := 0; i+5 <= len(src); i++ {
		if src[i]&0xFE != 0xE8 {
			continue
		}
		from, to := binary.LittleEndian.Uint32(src[i+1:]), binary.LittleEndian.Uint32(filtered[i+1:])
		if from != to {
			distances, targets = append(distances, from), append(targets, to)
			i += 4
		}
	}
	return 10*different(targets) < 9*different(distances)
}

func different(v []uint32) int {
	slices.Sort(v)
	return len(slices.Compact(v))
}
