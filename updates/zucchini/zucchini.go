// Package zucchini reads, applies and makes Zucchini patches, the second of
// the two binary patch formats that Mozilla's updater understands (the first
// is MBDIFF10, package bsdiff). The updater tells them apart by content, so
// one update may mix both.
//
// The model. A patch turns one old file into one new file. It is a row of
// elements that cover the new file from end to end; each element makes its
// part of new from a part of old in up to three passes:
//
//  1. copy: equivalences copy blocks of old, in the order of new; what they
//     leave out comes from the patch ("extra data");
//  2. raw delta: single bytes of the copied blocks are corrected;
//  3. references: for executables only. Machine code is full of addresses, and
//     one inserted instruction moves thousands of them. So both sides find the
//     references of the old file by the same disassembler; every one that was
//     copied gets its target projected through the equivalences into new, and
//     the patch stores how far off that guess is: mostly 0.
//
// Pass 3 works only if maker and applier find exactly the same references.
// What the updater finds is a fact of the format, not a choice: elf.go, pe.go,
// x86.go, aarch64.go and address.go follow the rules of the disassemblers in
// Chromium's components/zucchini (the copy in Firefox is of August 2023), and
// where versions of those differ we refuse to make an executable element and
// fall back to a raw one, which knows passes 1 and 2 only. 32-bit ELF and
// whatever the format has no disassembler for (Mach-O) are raw from the start.
//
// The making side: views.go writes both images in a common form in which equal
// code is equal bytes, match.go aligns these in linear time, equivalence.go
// cuts the alignment to what the format can say, and generate.go writes the
// patch, applies it, and returns it only if that gave the new file.
package zucchini

import (
	"errors"
	"fmt"
)

// ErrOldFile says that a patch was made for another old file than the one
// given; ErrOldSize, which is one, that already the size tells.
var (
	ErrOldFile = errors.New("patch is for another old file")
	ErrOldSize = fmt.Errorf("%w of another size", ErrOldFile)
)

// ErrResult says that applying gave another file than the patch promised.
var ErrResult = errors.New("result differs from what the patch promises")

// maxImage bounds both files: beyond it Zucchini's 32-bit offsets have no room
// left for the offsets it invents for addresses without bytes (.bss).
const maxImage = 1<<31 - 1<<16
