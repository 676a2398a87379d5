package updates

import (
	"fmt"
	"sync/atomic"
)

// maxUnpacked bounds what a package unpacks to in all: a small one could fill any
// disk. Firefox has 0.3 GB.
const maxUnpacked int64 = 16 << 30

// unpacked sums up what came out of a package.
type unpacked struct{ n atomic.Int64 }

func (u *unpacked) add(n int) error {
	if u.n.Add(int64(n)) > maxUnpacked {
		return fmt.Errorf("the package unpacks to more than %d bytes", maxUnpacked)
	}
	return nil
}
