package updates

import (
	"slipway/updates/bsdiff"
	"slipway/updates/xz"
)

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

// PackPatch returns a patch of either format as a package ships it. The settings
// are those of the package, as in [PartialJob].
func PackPatch(patch []byte, bcj string, preset, workers int) ([]byte, error) {
	whole, err := wholePacking(bcj, preset)
	if err != nil {
		return nil, err
	}
	return patchPacking(whole).encodePatch(patch, workers)
}

func (p packing) encodePatch(patch []byte, workers int) ([]byte, error) {
	pieces, err := p.sections(patch)
	if err != nil {
		return nil, err
	}
	return xz.EncodePieces(pieces, workers)
}

// sections cuts an MBDIFF10 into control, diff and extra; those too small for a
// block stay with diff. Other patches are left whole. What extra brings from new
// goes through new's filter where that pays; nothing else of a patch is code.
func (p packing) sections(patch []byte) ([]xz.Piece, error) {
	o := p.options(1)
	o.BCJ = xz.None
	if formatOf(patch) != FormatBsdiff {
		return []xz.Piece{{Data: patch, Options: o}}, nil
	}
	h, err := bsdiff.Inspect(patch)
	if err != nil {
		return nil, err
	}
	control := len(patch) - int(h.Diff+h.Extra) // with the header
	if control < minSection {
		control = 0
	}
	extra := int(h.Extra)
	if extra < minSection {
		extra = 0
	}
	var pieces []xz.Piece
	add := func(from, to int, c xz.Contexts) {
		if from < to {
			o.Contexts = c
			pieces = append(pieces, xz.Piece{Data: patch[from:to], Options: o})
		}
	}
	add(0, control, controlContexts)
	add(control, len(patch)-extra, diffContexts)
	if p.bcj == BCJX86 && xz.TargetsRepeat(patch[len(patch)-extra:]) {
		o.BCJ = xz.X86
	}
	add(len(patch)-extra, len(patch), extraContexts)
	return pieces, nil
}
