package xz

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// wantHugePages tells the kernel that t is used all over at random. With small
// pages most of a walk's time goes to finding the page. It is a wish: nothing
// depends on its outcome.
func wantHugePages(t []uint32) {
	const huge = 2 << 20
	if len(t) < huge {
		return
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&t[0])), 4*len(t))
	skip := -uintptr(unsafe.Pointer(&b[0])) % huge
	b = b[skip:]
	_ = unix.Madvise(b[:len(b)/huge*huge], unix.MADV_HUGEPAGE)
}
