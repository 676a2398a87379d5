package mar

import (
	"fmt"
	"strings"
)

const (
	// Magic begins every MAR.
	Magic      = "MAR1"
	headerSize = 20 // up to and including the count of signatures

	sigHeadSize = 8 // algorithm and length

	blockSize   = 104 // of the product information block, counting size and id
	blockID     = 1
	productSize = blockSize - 8

	recordHead = 12 // offset, length and mode of an index record
	recordMin  = recordHead + 2

	// A MAR whose first entry starts right after the index offset is of the
	// format before 2011: no size, signatures or product information.
	oldContentOffset = 8
)

// What libmar (mar_private.h, mar_read.c) and the updater accept.
const (
	MaxSize       = 500 << 20 // of a file; libmar reads it whole into memory
	MaxSignatures = 8
	MinSignature  = minKeyBits / 8
	MaxSignature  = 2048 // bytes: RSA with 16,384 bits
	MaxChannel    = 63
	MaxVersion    = 31
)

// What nothing but this package limits; far above any real update.
const (
	MaxEntries = 200_000
	MaxName    = 1024
	maxIndex   = 32 << 20
	// maxFindings is where a hostile index is given up: nobody reads more.
	maxFindings = 1000
)

// Algorithm says how a signature was made.
type Algorithm uint32

const (
	// SHA1 is RSA PKCS#1 v1.5 with SHA-1. The updater dropped it; this package
	// verifies it when told to and never makes it.
	SHA1 Algorithm = 1
	// SHA384 is RSA PKCS#1 v1.5 with SHA-384.
	SHA384 Algorithm = 2
)

func (a Algorithm) String() string {
	switch a {
	case SHA1:
		return "RSA-PKCS1-SHA1 (legacy)"
	case SHA384:
		return "RSA-PKCS1-SHA384"
	}
	return fmt.Sprintf("unknown algorithm %d", uint32(a))
}

// CheckChannel refuses what the accepting side, a list split at commas, spaces
// and tabs, could never match.
func CheckChannel(s string) error { return checkProduct("channel id", s, MaxChannel, ", \t") }

// CheckVersion refuses what the product information cannot hold.
func CheckVersion(s string) error { return checkProduct("product version", s, MaxVersion, " \t") }

func checkProduct(what, s string, limit int, without string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s is empty", what)
	case len(s) > limit:
		return fmt.Errorf("%s %.80q has %d bytes, at most %d fit", what, s, len(s), limit)
	case strings.ContainsAny(s, without):
		return fmt.Errorf("%s %q: want none of %q in it", what, s, without)
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return fmt.Errorf("%s %q: want printable ASCII", what, s)
		}
	}
	return nil
}
