package updates

import (
	"bytes"
	"io"
)

// programs are the first bytes of what an updated installation must be able to
// run: ELF, Mach-O of both byte orders and for several processors, PE, scripts.
var programs = [][]byte{
	[]byte("\x7fELF"),
	{0xfe, 0xed, 0xfa, 0xce},
	{0xfe, 0xed, 0xfa, 0xcf},
	{0xce, 0xfa, 0xed, 0xfe},
	{0xcf, 0xfa, 0xed, 0xfe},
	{0xca, 0xfe, 0xba, 0xbe},
	[]byte("MZ"), []byte("#!"),
}

// guessMode is a file's mode where the system keeps none: what begins like a
// program is one. The shell that packaging scripts run in on Windows goes by
// the first bytes as well.
func guessMode(r io.ReaderAt) uint32 {
	var head [4]byte
	n, _ := r.ReadAt(head[:], 0) // who packs the file has read it whole
	for _, magic := range programs {
		if bytes.HasPrefix(head[:n], magic) {
			return 0o755
		}
	}
	return 0o644
}
