// Package xz reads and writes .xz streams as Mozilla's updater takes them.
//
// A stream is a header, blocks, an index of the blocks' sizes and a footer.
// Each block is compressed on its own: LZMA2, optionally behind the x86
// filter, which makes the targets of calls and jumps comparable, and ends in a
// check of its content. So blocks are what is made in parallel, and what can be
// kept and used again:
//
//	b1, err := xz.EncodeBlock(chrome, o)  // once; b1.Data goes to the cache
//	b2, err := xz.EncodeBlock(locale, o)  // for each locale
//	stream, err := xz.Assemble([]xz.Block{b1, b2})
//	...
//	b1, err = xz.ParseBlock(cached)       // sizes come back out of the bytes
//
// and a file without such history is
//
//	stream, err := xz.Encode(file, xz.Options{BCJ: xz.X86})          // whole file
//	stream, err := xz.Encode(patch, xz.Options{Nice: 273})           // a patch
//	stream, err := xz.EncodePieces([]xz.Piece{...}, workers)         // of parts unlike each other
//	file, err := xz.Decode(stream, limit)                            // any of them
//	r := xz.NewReader(archive, limit)                                // without having it in memory
//
// The same bytes come out at any number of workers and on every machine: where
// a file is cut into blocks depends on Options alone. The encoder is our own
// because liblzma's output changes between versions and because packing is
// most of what a release costs; its search and its prices follow the same
// published algorithm (a binary tree of earlier positions, and a shortest path
// over the price in bits of each way to go on), so that presets mean what they
// mean to xz.
//
// Matches are found by walks down trees that fit no processor's cache. Several
// walks wait for memory together; of long runs of one byte only the ends are
// put in, and short ones of zeros have trees by their length, for both are most
// of a patch: see matchfinder.go and zeros.go. A worker needs about 12 bytes for
// each byte of dictionary or block, whichever is less: 100 MB with preset 6,
// 700 MB with 9.
//
// The decoder is our own too. Of the packages for Go, one knows neither filters nor
// limits; the other is a port of XZ Embedded, which the updater has, and knows no
// errors that name a place. That one is the second opinion in our tests.
//
// It is as strict as an updater can be without refusing what the
// updater takes: every CRC is checked, the index must say what the blocks are,
// nothing may follow the stream, and memory grows with what was really decoded
// and never past the caller's limit. A [Reader] is the same decoder with a window
// of the dictionary, for archives of any size.
//
// Facts of the container are from "The .xz File Format" 1.1.0, cited as
// [format §n]; what the updater accepts is from XZ Embedded as vendored there.
package xz
