package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"slipway/updates/bsdiff"
	"slipway/updates/zucchini"
)

// maxPatched is the largest file that a patch can make: all formats hold sizes
// in 31 bits.
const maxPatched = 1<<31 - 1

func (a *app) diffCommand() *cobra.Command {
	var format string
	var workers int
	cmd := &cobra.Command{
		Use:   "diff OLD NEW PATCH",
		Short: "make the binary patch from one file to another",
		Long: `Makes a patch and applies it; PATCH appears when it gave NEW, and not before.
Patches are not compressed here, except that bsdiff40 is by its nature; a
package packs them in xz.`,
		Args: cobra.ExactArgs(3),
		RunE: func(_ *cobra.Command, args []string) error {
			return patchFile(args, format, workers)
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "mbdiff", "`FORMAT`: mbdiff (MBDIFF10), bsdiff40 or zucchini")
	f.IntVarP(&workers, "workers", "j", 0, "parts in work at the same time (default: one per processor)")
	return cmd
}

// patchFile makes the patch from the first file to the second as the third.
func patchFile(paths []string, format string, workers int) error {
	old, fresh, err := twoFiles(paths[0], paths[1])
	if err != nil {
		return err
	}
	for i, b := range [][]byte{old, fresh} {
		if format == "zucchini" && len(b) == 0 {
			return usage(fmt.Errorf("%s is empty, which a zucchini patch cannot say", paths[i]), "--format mbdiff can")
		}
	}
	return writeOut(paths[2], paths[:2], func(w io.Writer) error {
		return makePatch(w, format, old, fresh, workers)
	})
}

// makePatch writes a patch and proves it. A BSDIFF40 is proven by go-bsdiff's
// applier, which shares no line with ours. An MBDIFF10 has the size of the new
// file, and is never in memory.
func makePatch(w io.Writer, format string, old, fresh []byte, workers int) error {
	switch format {
	case "zucchini":
		patch, err := zucchini.Diff(old, fresh, zucchini.Options{})
		if err != nil {
			return err
		}
		got, err := zucchini.Apply(old, patch, maxPatched)
		if err == nil && !bytes.Equal(got, fresh) {
			err = errors.New("the patch just made gives another file")
		}
		if err != nil {
			return err
		}
		_, err = w.Write(patch)
		return err
	case "mbdiff", "bsdiff40":
		p, err := bsdiff.Diff(old, fresh, bsdiff.Options{Workers: workers})
		if err != nil {
			return err
		}
		if format == "mbdiff" {
			return writeProven(w, p)
		}
		patch, err := p.BSDIFF40()
		if err != nil {
			return err
		}
		if err := bsdiff.CrossCheck(old, fresh, patch); err != nil {
			return err
		}
		_, err = w.Write(patch)
		return err
	}
	return usage(fmt.Errorf("format %q: want mbdiff, bsdiff40 or zucchini", format), "slipway diff --help")
}

// writeProven writes p as MBDIFF10 and proves the very bytes that it writes.
func writeProven(w io.Writer, p *bsdiff.Patch) error {
	read, write := io.Pipe()
	proven := make(chan error, 1)
	go func() {
		err := bsdiff.Prove(read, p.Old, p.New)
		read.CloseWithError(err) // a writer need not go on
		proven <- err
	}()
	err := p.WriteMBDIFF10(io.MultiWriter(w, write))
	write.CloseWithError(err)
	if refused := <-proven; refused != nil && err == nil {
		err = refused
	}
	return err
}

func (a *app) patchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "patch OLD PATCH NEW",
		Short: "apply a binary patch, whichever of the three formats it has",
		Args:  cobra.ExactArgs(3),
		RunE: func(_ *cobra.Command, args []string) error {
			old, patch, err := twoFiles(args[0], args[1])
			if err != nil {
				return err
			}
			fresh, err := applyPatch(old, patch)
			if err != nil {
				return fail(exitCheckFailed, fmt.Errorf("%s: %w", args[1], err), "")
			}
			return writeOut(args[2], args[:2], func(w io.Writer) error {
				_, err := w.Write(fresh)
				return err
			})
		},
	}
}

func applyPatch(old, patch []byte) ([]byte, error) {
	if bytes.HasPrefix(patch, []byte(zucchini.Magic)) {
		return zucchini.Apply(old, patch, maxPatched)
	}
	return bsdiff.Apply(old, patch, maxPatched)
}

func twoFiles(first, second string) (a, b []byte, err error) {
	if a, err = readWhole(first); err == nil {
		b, err = readWhole(second)
	}
	if err != nil {
		return nil, nil, unread(err)
	}
	return a, b, nil
}

func readWhole(path string) ([]byte, error) {
	f, err := os.Open(path) // a pipe is welcome: its end is waited for
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Size() > maxPatched {
		err = fmt.Errorf("%s has %d bytes, a patch can speak of %d", path, info.Size(), maxPatched)
	}
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, maxPatched+1)); err != nil {
		return nil, err
	}
	if b.Len() > maxPatched {
		return nil, fmt.Errorf("%s has more than the %d bytes that a patch can speak of", path, maxPatched)
	}
	return b.Bytes(), nil
}
