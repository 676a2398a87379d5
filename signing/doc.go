// Package signing says that bytes are ours.
//
// A [Key] is an OpenPGP secret key that has been looked at before anything
// relies on it: [OpenKey] bounds what unlocking may cost, takes the key that
// the full fingerprint names and no other, refuses it when it is expired,
// revoked, absent or not for signing, and makes and verifies a trial
// signature. A release finds out about its keys before it begins.
//
// A [Signer] reads each file once and takes SHA-256, SHA-512 and the detached
// signature from that pass. Times of signatures are given, not read from a
// clock, and version 4 signatures are made without the random salt, so the
// same file, key and time give the same signature, byte for byte.
//
// OpenPGP signatures do not cover all of their own bytes, and an expired key
// can sign with an old date: the record of what was shipped is the signed
// SHA256SUMS and SHA512SUMS ([Signer.Checksums]) together with the ledger lines
// that every verb returns. [Verifier.Check] counts: each file that needs a
// signature has exactly one, and it is good.
//
// Windows programs carry their signature inside: a [ProgramSigner] signs those of
// a store, each once, by [authenticode].
//
// Passphrases arrive through references ([ReadSecret]) and never by flags,
// environment or configuration; a [Secret] prints as "[secret]".
package signing
