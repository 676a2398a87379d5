// Package mar reads, writes, signs and verifies Mozilla ARchives.
//
// A MAR is a header, signatures, one product information block (channel id
// and version), the entries' bytes back to back, and an index at the end:
//
//	0   "MAR1", u32 offset of the index, u64 size of the file
//	16  u32 count of signatures; each u32 algorithm, u32 length, bytes
//	    u32 count of blocks (1); u32 size (104), u32 id (1), channel NUL version NUL, zeros
//	    entries
//	    u32 length of the index; per entry u32 offset, u32 length, u32 mode, name NUL
//
// Integers are big-endian. A signature covers every byte of the file but the
// signatures' own, so signing shifts all offsets and strip undoes it exactly.
//
// One file has one reading: [Parse] accepts only what [Write] and [Sign] could
// have written, byte for byte. Firefox's own reader forgives much more; what it
// makes of a file that Parse refuses, [Check] tells.
//
// The layout and the limits are those of libmar (modules/libmar in Firefox
// 140); the error numbers those of its updater (updatererrors.h).
package mar
