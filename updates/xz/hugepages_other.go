//go:build !linux

package xz

// wantHugePages does nothing where the kernel cannot be told.
func wantHugePages([]uint32) {}
