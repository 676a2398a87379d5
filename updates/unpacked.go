package updates

import (
	"cmp"
	"fmt"
	"sync/atomic"
)

// maxUnpacked bounds what a package unpacks to in all: a small one could fill any
// disk. Firefox has 0.3 GB.
const maxUnpacked int64 = 16 << 30

// unpacked sums up what came out of a package.
type unpacked struct {
	n    atomic.Int64
	most int64 // 0: maxUnpacked
}

func (u *unpacked) add(n int64) error {
	if most := cmp.Or(u.most, maxUnpacked); u.n.Add(n) > most {
		return fmt.Errorf("the package unpacks to more than %d bytes", most)
	}
	return nil
}
