// Package repack takes archives apart and puts them together again.
//
// [Repacker.Unpack] reads an archive into a [cache.Tree]; [Pack] writes a tree as
// an archive, and [PackSource] that of a repository. All work on digests, so
// nothing that an archive says ever becomes a path on this machine. What lies
// between is the work of the room: [Repacker.Locale] replaces the en-US strings
// of a build by a locale's, [Repacker.Partner] adds a partner's files and nothing
// else. [Diff] proves either.
//
// Archives come from outside and are not trusted. An archive is refused,
// naming the entry, when two programs could read it differently or when
// unpacking it could write anywhere but below its own directory: see names.go
// for names and links, [Limits] for bombs, zipcheck.go for zip's two
// directories.
//
// A tree keeps paths, permission bits, contents and symbolic links. Owners,
// times, extended attributes and the modes of directories are not kept: Pack
// writes owner 0, one given time, and directories as 0755. So packing a tree
// twice gives the same bytes, wherever and by whomever it is done, and what
// Unpack reads of what Pack wrote is the tree that was packed.
package repack
