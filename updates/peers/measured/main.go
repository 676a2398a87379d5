// The Go sides of the comparison of differs, as a program that is small, like
// everybody else's: measured VERB FILE…
package main

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	gobsdiff "github.com/gabstv/go-bsdiff/pkg/bsdiff"

	"slipway/updates/bsdiff"
	ourxz "slipway/updates/xz"
)

var verbs = map[string]struct {
	do    func(args []string) error
	files int
}{
	"ours":        {diffOurs, 3},
	"go-bsdiff":   {diffGo, 3},
	"check":       {check, 3},
	"pack":        {pack, 3},
	"reserialize": {reserialize, 2},
}

func main() {
	if len(os.Args) < 3 || verbs[os.Args[1]].files != len(os.Args)-2 {
		fmt.Fprintln(os.Stderr, "usage: measured ours|go-bsdiff|check|pack|reserialize FILE…")
		os.Exit(2)
	}
	if err := verbs[os.Args[1]].do(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// diffOurs OLD NEW PATCH
func diffOurs(args []string) error {
	old, new, err := readBoth(args)
	if err != nil {
		return err
	}
	p, err := bsdiff.Diff(old, new, bsdiff.Options{})
	if err != nil {
		return err
	}
	patch, err := os.Create(args[2])
	if err != nil {
		return err
	}
	if err := p.WriteMBDIFF10(patch); err != nil {
		return errors.Join(err, patch.Close())
	}
	return patch.Close()
}

// diffGo OLD NEW PATCH
func diffGo(args []string) error {
	old, new, err := readBoth(args)
	if err != nil {
		return err
	}
	patch, err := gobsdiff.Bytes(old, new)
	if err != nil {
		return err
	}
	return os.WriteFile(args[2], patch, 0o644)
}

// check OLD NEW PATCH
func check(args []string) error {
	old, new, err := readBoth(args)
	if err != nil {
		return err
	}
	patch, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	got, err := bsdiff.Apply(old, patch, math.MaxInt32)
	if err == nil && !bytes.Equal(got, new) {
		err = fmt.Errorf("our patch restores another file")
	}
	return err
}

// pack PATCH XZ x86|none, as a package has it (updates/change.go).
func pack(args []string) error {
	patch, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	o := ourxz.Options{Nice: 273}
	if args[2] == "x86" {
		o.BCJ = ourxz.X86
	}
	packed, err := bsdiff.Pack(patch, o)
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], packed, 0o644)
}

func readBoth(args []string) (old, new []byte, err error) {
	if old, err = os.ReadFile(args[0]); err != nil {
		return nil, nil, err
	}
	new, err = os.ReadFile(args[1])
	return old, new, err
}

// reserialize BSDIFF40 MBDIFF10 writes the same triples as Mozilla's mbsdiff
// would. The checksum of the old file is left 0: it has four bytes either way.
func reserialize(args []string) error {
	patch, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	h, err := bsdiff.Inspect(patch)
	if err != nil {
		return err
	}
	var streams [3][]byte
	body := patch[32:]
	for i, n := range []int64{h.Control, h.Diff, h.Extra} {
		if streams[i], err = io.ReadAll(bzip2.NewReader(bytes.NewReader(body[:n]))); err != nil {
			return err
		}
		body = body[n:]
	}
	var control []byte
	for b := streams[0]; len(b) > 0; b = b[8:] {
		u := binary.LittleEndian.Uint64(b)
		v := int32(u &^ (1 << 63))
		if u>>63 != 0 {
			v = -v
		}
		control = binary.BigEndian.AppendUint32(control, uint32(v))
	}
	out := append([]byte(bsdiff.MBDIFF10), make([]byte, 8)...)
	for _, n := range []int{int(h.NewSize), len(control), len(streams[1]), len(streams[2])} {
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, part := range [][]byte{control, streams[1], streams[2]} {
		out = append(out, part...)
	}
	return os.WriteFile(args[1], out, 0o644)
}
