// Package cache keeps bytes and results.
//
// Bytes are content-addressed: [Store.Put] takes bytes and gives back their
// [Digest]; whoever holds a digest can ask for the bytes, and what comes back
// has been hashed before it is handed out. Results are keyed: [Store.Do] runs
// an expensive step once per [Key] and remembers the digests of what it made,
// so the same work is never done twice, whichever release, platform, locale
// or product asks for it.
//
// The directory is untrusted. An entry that does not hash to its name is
// quarantined and counts as absent; losing the whole cache costs time, never
// truth. That bytes hash right says nothing of a result: a record could point
// to a patch for other files. So a result is proven before it is first trusted
// ([Store.DoProven]: the patch is applied), and sealed with a secret that lies
// elsewhere, so that the proof need not be repeated. Many processes may use one directory at once; a network file system
// is not supported.
//
// A [Tree] is a directory as data: paths, modes and digests. Rooms pass trees
// to each other instead of directories.
package cache
