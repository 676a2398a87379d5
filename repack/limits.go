package repack

import (
	"fmt"
	"io"
)

// Limits say how much an archive may hold. Zero fields take the value of
// [DefaultLimits].
type Limits struct {
	Entries int   `json:"entries,omitempty"`
	File    int64 `json:"file,omitempty"`  // bytes of one file
	Total   int64 `json:"total,omitempty"` // bytes of all files, tar headers included
	Ratio   int64 `json:"ratio,omitempty"` // unpacked bytes for each packed one
}

// DefaultLimits fit the largest browsers of today (400 MB, 5,000 files, packed
// 3:1) many times over, and products that carry data of tens of gigabytes; the
// ratio is far above what programs and texts reach and far below the 1,000:1 of
// deflated zeros.
func DefaultLimits() Limits {
	return Limits{Entries: 200_000, File: 8 << 30, Total: 32 << 30, Ratio: 200}
}

// ratioFloor is how much may be unpacked before the ratio is looked at: small
// archives of repetitive text are honest.
const ratioFloor = 1 << 20

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	if l.Entries == 0 {
		l.Entries = d.Entries
	}
	if l.File == 0 {
		l.File = d.File
	}
	if l.Total == 0 {
		l.Total = d.Total
	}
	if l.Ratio == 0 {
		l.Ratio = d.Ratio
	}
	return l
}

// unpacked is how many bytes an archive of the given size may grow to.
func (l Limits) unpacked(packed int64) int64 {
	if packed > l.Total/l.Ratio {
		return l.Total
	}
	return min(l.Total, max(ratioFloor, packed*l.Ratio))
}

// capped reads at most left bytes and tells more from exactly that many.
type capped struct {
	r    io.Reader
	left int64
	why  error
}

func capReader(r io.Reader, limit int64, packed int64) *capped {
	return &capped{r, limit, fmt.Errorf("%d packed bytes unpack to more than %d: refused as a bomb", packed, limit)}
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		return int(c.left), c.why
	}
	c.left -= int64(n)
	return n, err
}
