package xz

import (
	"fmt"
)

// UnsupportedError says why a well-formed stream would stop the updater with
// its error 39.
type UnsupportedError struct{ Reason string }

func (e *UnsupportedError) Error() string {
	return "xz: the updater refuses " + e.Reason + " (its error 39)"
}

// FilterName names a filter id [format §5.3].
func FilterName(id uint64) string {
	names := map[uint64]string{
		0x03: "delta", filterX86: "x86", 0x05: "powerpc", 0x06: "ia64", filterARM: "arm",
		0x08: "armthumb", 0x09: "sparc", 0x0A: "arm64", 0x0B: "riscv", filterLZMA2: "lzma2",
	}
	if n, ok := names[id]; ok {
		return n
	}
	return fmt.Sprintf("filter %#x", id)
}

// Supported returns nil when the updater can decode such a stream, else an
// [UnsupportedError]. Of a filter it takes no start address, not even 0.
func (s Stream) Supported() error {
	if err := s.Check.supported(); err != nil {
		return err
	}
	for i, b := range s.Blocks {
		if err := b.supported(i); err != nil {
			return err
		}
	}
	return nil
}

func (c Check) supported() error {
	if c != CheckNone && c.size() == 0 {
		return &UnsupportedError{"check " + c.String()}
	}
	return nil
}

// supported is asked of block i.
func (b BlockInfo) supported(i int) error {
	if b.Dict > maxDict {
		return &UnsupportedError{fmt.Sprintf("the dictionary of %d bytes of block %d; at most %d is possible", b.Dict, i, maxDict)}
	}
	for _, id := range b.Filters[:len(b.Filters)-1] {
		if id != filterX86 && id != filterARM || len(b.Filters) > 2 {
			return &UnsupportedError{fmt.Sprintf("the filter %s of block %d", FilterName(id), i)}
		}
	}
	if b.Start != nil {
		return &UnsupportedError{fmt.Sprintf("the start address %d of block %d's filter", *b.Start, i)}
	}
	return nil
}
