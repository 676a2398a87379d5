package bsdiff

import "slipway/updates/xz"

// minSection is the least that a section of a patch has to be a block of its
// own, which costs some 40 bytes.
const minSection = 16 << 10

// What of its surroundings a byte is coded by, in each section of an MBDIFF10.
// Measured on pairs that the differ is tuned on; together 1 % of a patch.
var (
	controlContexts = xz.Contexts{LC: 1, LP: 2, PB: 2} // words of four bytes
	diffContexts    = xz.Contexts{LC: 2}               // mostly zeros, the rest anywhere
	extraContexts   = xz.Contexts{LC: 4}               // code and text
)

// Pack compresses an MBDIFF10, each of its sections as suits it: control, diff
// and extra become blocks of their own, but those too small, which stay with
// diff. The filter of o is that of new; what extra brings from there goes through
// it where that pays, and nothing else of a patch is code.
func Pack(patch []byte, o xz.Options) ([]byte, error) {
	m, err := parseMBDIFF10(patch)
	if err != nil {
		return nil, err
	}
	filter := o.BCJ
	o.BCJ = xz.None
	var pieces []xz.Piece
	add := func(data []byte, c xz.Contexts) {
		if len(data) > 0 {
			o.Contexts = c
			pieces = append(pieces, xz.Piece{Data: data, Options: o})
		}
	}
	diff := patch
	if n := mbdiffHeader + len(m.control); n >= minSection {
		add(diff[:n], controlContexts)
		diff = diff[n:]
	}
	if len(m.extra) < minSection {
		add(diff, diffContexts)
	} else {
		add(diff[:len(diff)-len(m.extra)], diffContexts)
		if filter == xz.X86 && xz.TargetsRepeat(m.extra) {
			o.BCJ = xz.X86
		}
		add(m.extra, extraContexts)
	}
	return xz.EncodePieces(pieces, o.Workers)
}
