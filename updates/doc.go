// Package updates makes and proves update packages.
//
// An update is a tree plus a MAR that gives another tree. A complete MAR holds
// every file; a partial holds, for one prior version, patches of what changed,
// whole files where a patch would be no smaller, and removals. Both carry
// their instructions as updatev3.manifest ([Manifest]), which Mozilla's
// updater runs in three passes: prepare, execute, finish; conditions are
// evaluated in the first, so they speak of the tree before any change.
//
//	Builder.Complete   tree → MAR
//	Builder.Partial    tree + tree → MAR
//	Builder.Unpack     complete MAR → tree
//	Builder.Apply      tree + MAR → tree, with the updater's own semantics
//	Builder.Verify     old + update = new, for many updates at once
//	Builder.Check      what the updater would refuse, with its error number
//	ApplyDir           the same semantics on a real directory, with roll-back
//	Advise             which prior versions deserve a partial
//
// Work that repeats across locales, platforms and prior versions is done once:
// a compressed file is remembered by its digest and settings, a patch (or the
// decision to ship the whole file) by the digests of old and new. Nothing of
// that is trusted because it lies in the cache: bytes are hashed when read, and
// a patch is applied, and its result compared, before a process first ships it.
//
// The packages below hold the formats: mar the container, bsdiff and zucchini
// the patches, xz the compression, aus what tells clients about it all.
package updates
