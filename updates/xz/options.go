package xz

import "fmt"

// BCJ is the filter that runs before compression.
type BCJ int

const (
	None BCJ = iota
	X86      // calls and jumps of x86 and x86-64 code, by absolute address
)

func (b BCJ) String() string {
	switch b {
	case None:
		return "none"
	case X86:
		return "x86"
	}
	return fmt.Sprintf("BCJ(%d)", int(b))
}

// Contexts say what of its surroundings a byte is coded by. LC and LP together
// are at most 4, PB too. The zero value is 3, 0 and 2, as every preset has it.
type Contexts struct {
	LC int // high bits of the byte before, for a literal
	LP int // low bits of the position, for a literal
	PB int // low bits of the position, for which symbol comes and for lengths
}

// props is the LZMA properties byte [format §5.3.1].
func (c Contexts) props() byte { return byte((c.PB*5+c.LP)*9 + c.LC) }

// Options say how to compress. The zero value is what Mozilla packs with,
// without the x86 filter.
type Options struct {
	Preset   int    // 6 (8 MiB dictionary; also 0) or 9 (64 MiB)
	Extreme  bool   // search longer: xz's -e
	Nice     int    // stop searching at a match this long, 4 to 273; 0: the preset's
	DictSize uint32 // how far back matches reach, 4 KiB to 64 MiB; 0: the preset's
	BCJ      BCJ
	Contexts Contexts

	// BlockSize cuts the input; 0 is 64 MiB (see defaultBlock). It is never
	// chosen by the number of workers.
	BlockSize int
	// Workers is how many blocks are compressed at once; 0 is one. It has no
	// influence on the output.
	Workers int
}

const (
	maxMatch = 273 // longest match of LZMA
	minDict  = 4 << 10
	// maxDict is the largest dictionary that the updater's decoder accepts.
	maxDict = 64 << 20
	// maxBlock keeps positions of a block, with a dictionary added, in 31 bits.
	maxBlock = 1 << 30
	// defaultBlock is large, because Mozilla packs each file as one block and
	// ours shall not be larger. A cut costs what the new block must learn anew:
	// 77 kB, 0.55 % of 48 MiB of libxul cut in two, as xz -T2 does. At 64 MiB
	// only libxul is cut at all, twice, and can still use three cores. Callers
	// with cores to spare choose less.
	defaultBlock = 64 << 20
)

// settings are Options with every default decided.
type settings struct {
	dict  uint32
	nice  int
	depth int
	bcj   BCJ
	ctx   Contexts
	block int
}

func (o Options) settings() (settings, error) {
	s := settings{bcj: o.BCJ, nice: 64}
	switch o.Preset {
	case 0, 6:
		s.dict = 8 << 20
	case 9:
		s.dict = maxDict
	default:
		return s, fmt.Errorf("xz: preset %d is neither 6 nor 9", o.Preset)
	}
	if o.DictSize != 0 {
		if o.DictSize < minDict || o.DictSize > maxDict {
			return s, fmt.Errorf("xz: dictionary of %d bytes is not within %d and %d", o.DictSize, minDict, maxDict)
		}
		s.dict = o.DictSize
	}
	if o.Extreme {
		s.nice = maxMatch
	}
	if o.Nice != 0 {
		if o.Nice < 4 || o.Nice > maxMatch {
			return s, fmt.Errorf("xz: nice length %d is not within 4 and %d", o.Nice, maxMatch)
		}
		s.nice = o.Nice
	}
	// How many nodes a search may visit: liblzma's rule for binary trees.
	s.depth = 16 + s.nice/2
	if o.Extreme {
		s.depth = 512
	}
	if o.BCJ != None && o.BCJ != X86 {
		return s, fmt.Errorf("xz: unknown filter %v", o.BCJ)
	}
	if s.ctx = o.Contexts; s.ctx == (Contexts{}) {
		s.ctx = Contexts{LC: 3, PB: 2}
	}
	if c := s.ctx; min(c.LC, c.LP, c.PB) < 0 || max(c.LC+c.LP, c.PB) > 4 {
		return s, fmt.Errorf("xz: contexts of %d and %d bits for literals and %d for positions are not within 0 and 4", c.LC, c.LP, c.PB)
	}
	s.block = o.BlockSize
	switch {
	case s.block == 0:
		s.block = defaultBlock
	case s.block < 0 || s.block > maxBlock:
		return s, fmt.Errorf("xz: block size %d is not within 1 and %d", s.block, maxBlock)
	}
	return s, nil
}
