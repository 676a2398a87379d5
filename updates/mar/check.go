package mar

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Level says how bad a finding is.
type Level int

const (
	Note      Level = iota // works, but worth knowing before it ships
	Fails                  // well-formed, and still the updater stops on it
	Malformed              // [Parse] refuses it
)

func (l Level) String() string { return [...]string{"note", "fails", "malformed"}[l] }

// What the updater does: zero, a number of updatererrors.h, or a crash.
const (
	Crashes = -1
	Accepts = 0

	NoActions       = 1
	OldSize         = 2
	CRCError        = 4
	ParseError      = 5
	ReadError       = 6
	WriteError      = 7
	SignatureError  = 19
	NoProductInfo   = 21
	ChannelMismatch = 22
	Downgrade       = 23
	NoSettings      = 38
	XZError         = 39
	EmptyEntry      = 40
	PatchFormat     = 41
	NotADir         = 46
	NotAFile        = 47
)

// Outcome puts a code of the updater into words.
func Outcome(code int) string {
	words := map[int]string{
		Crashes: "the updater crashes", Accepts: "the updater does not notice",
		NoActions: "no actions", OldSize: "wrong size of the old file", CRCError: "wrong checksum",
		ParseError: "manifest does not parse", ReadError: "cannot read", WriteError: "cannot write",
		SignatureError: "signature", NoProductInfo: "no product information",
		ChannelMismatch: "channel id not accepted", Downgrade: "older than the running version",
		NoSettings: "update-settings.ini", XZError: "xz stream", EmptyEntry: "empty entry",
		PatchFormat: "patch format", NotADir: "not a directory", NotAFile: "not a regular file",
	}
	text, ok := words[code]
	switch {
	case code <= Accepts && ok:
		return text
	case ok:
		return fmt.Sprintf("updater error %d (%s)", code, text)
	}
	return fmt.Sprintf("updater error %d", code)
}

// Finding is one thing that is wrong with a MAR, or may be. As an error it is
// why [Parse] refused it.
type Finding struct {
	Level  Level
	Offset int64
	What   string
	Code   int // what the updater does with it; see [Outcome]
}

func (f Finding) Error() string { return fmt.Sprintf("offset %#x: %s", f.Offset, f.What) }

// ManifestName is the entry that the updater looks for first.
const ManifestName = "updatev3.manifest"

// xzMagic begins every entry that today's updater can unpack.
var xzMagic = []byte{0xfd, '7', 'z', 'X', 'Z', 0}

// Check returns everything that is wrong with the archive as a container, in
// the order of the file: what Parse refuses, and what is well-formed and still
// fails on a user's machine. The manifest's lines are the business of package
// updates.
func Check(r io.ReaderAt, size int64) []Finding {
	a, findings := scan(r, size)
	if a == nil {
		return findings
	}
	c := &checker{a: a, findings: findings}
	c.signatures()
	c.entries()
	slices.SortStableFunc(c.findings, func(x, y Finding) int { return cmp.Compare(x.Offset, y.Offset) })
	return c.findings
}

type checker struct {
	a        *Archive
	findings []Finding
}

func (c *checker) add(l Level, offset int64, code int, format string, args ...any) {
	c.findings = append(c.findings, Finding{l, offset, fmt.Sprintf(format, args...), code})
}

func (c *checker) signatures() {
	switch n := len(c.a.Signatures); {
	case n == 0:
		c.add(Note, 16, SignatureError, "is not signed, which only builds with --enable-unverified-updates accept")
	case n > 1:
		c.add(Fails, 16, SignatureError, "has %d signatures, the updater wants exactly one", n)
	}
	for i, s := range c.a.Signatures {
		at := s.Offset - sigHeadSize
		if s.Algorithm == SHA1 {
			c.add(Fails, at, SignatureError, "signature %d is %s", i+1, s.Algorithm)
		}
		if len(bytes.Trim(s.Bytes, "\x00")) == 0 {
			c.add(Fails, at, SignatureError, "signature %d is all zeros: a placeholder that waits for the real one", i+1)
		}
		if len(s.Bytes) < MinSignature {
			c.add(Fails, at, SignatureError, "signature %d has %d bytes, a key of %d bits or more makes %d", i+1, len(s.Bytes), minKeyBits, MinSignature)
		}
	}
}

func (c *checker) entries() {
	if _, ok := c.a.Lookup(ManifestName); !ok {
		c.add(Fails, c.a.IndexOffset, Crashes, "has no entry %q", ManifestName)
	}
	for i, e := range c.a.Entries {
		if e.Size == 0 {
			c.add(Fails, e.Offset, EmptyEntry, "entry %d %q has no bytes; an empty file is an xz stream of 32 bytes", i+1, e.Name)
			continue
		}
		head := make([]byte, min(e.Size, int64(len(xzMagic))))
		if n, err := c.a.r.ReadAt(head, e.Offset); n < len(head) {
			if e.Offset+e.Size <= c.a.Size { // else it is malformed, and said so
				c.add(Fails, e.Offset, ReadError, "entry %d %q: %v", i+1, e.Name, err)
			}
		} else if !bytes.Equal(head, xzMagic) {
			c.add(Fails, e.Offset, XZError, "entry %d %q starts with % x, not as an xz stream", i+1, e.Name, head)
		}
	}
}
