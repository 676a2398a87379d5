// Package cache keeps bytes and results.
//
// Bytes are content-addressed: [Store.Put] takes bytes and gives back their
// [Digest]; whoever holds a digest can ask for the bytes, and what comes back
// is hashed again before it is handed out. Results are keyed: [Store.Do] runs
// an expensive step once per [Key] and remembers the digests of what it made,
// so the same work is never done twice, whichever release, platform, locale
// or product asks for it.
//
// The directory is untrusted. An entry that does not hash to its name is
// quarantined and counts as absent; losing the whole cache costs time, never
// truth. Many processes may use one directory at once; a network file system
// is not supported.
//
// A [Tree] is a directory as data: paths, modes and digests. Rooms pass trees
// to each other instead of directories.
package cache
