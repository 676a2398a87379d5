// Package authenticode puts signatures into Windows programs and libraries (PE
// files), and checks them: bytes in, bytes out.
//
// A signature says of a PE file's bytes, all but three places, that a publisher
// made them: the header's checksum, the directory entry that tells where the
// signature lies, and the signature itself, which is a PKCS #7 SignedData at the
// file's end. What is signed is not the file's digest but a small structure
// around it, SpcIndirectDataContent; the format is Microsoft's "Windows
// Authenticode Portable Executable Signature Format" (2008), and its PKCS #7 is
// that of RFC 2315, whose contents are no octet string.
//
// Windows is generous: it runs files that two programs read differently. [Sign]
// and [Verify] are not. A file is looked at before anything relies on it
// (pe.go): its parts follow each other without gap or overlap, the signature
// ends where the file ends, and behind the PKCS #7 there are no bytes that
// nobody signed (CVE-2013-3900). Digests are SHA-256 or longer.
//
// Without a timestamp the same file, key and options give the same bytes: RSA
// with PKCS #1 v1.5, ECDSA as RFC 6979 has it, and no time of signing inside.
// With one ([TSA]) a signature outlives its certificate, and the timestamp is
// the only part that differs. Of a file that we signed [Verify] misses no flipped
// bit, not even where the format would allow it.
package authenticode
