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
		Long: `Makes a patch, applies it, and only then writes it. Patches are not compressed
here, except that bsdiff40 is by its nature; a package packs them in xz.`,
		Args: cobra.ExactArgs(3),
		RunE: func(_ *cobra.Command, args []string) error {
			old, fresh, err := twoFiles(args[0], args[1])
			if err != nil {
				return err
			}
			patch, err := makePatch(format, old, fresh, workers)
			if err != nil {
				return err
			}
			return writeOut(args[2], func(w io.Writer) error {
				_, err := w.Write(patch)
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "mbdiff", "`FORMAT`: mbdiff (MBDIFF10), bsdiff40 or zucchini")
	f.IntVarP(&workers, "workers", "j", 0, "parts in work at the same time (default: one per processor)")
	return cmd
}

// makePatch makes a patch and proves it. A BSDIFF40 is proven by go-bsdiff's
// applier, which shares no line with ours.
func makePatch(format string, old, fresh []byte, workers int) (patch []byte, err error) {
	switch format {
	case "zucchini":
		patch, err = zucchini.Diff(old, fresh, zucchini.Options{})
	case "mbdiff", "bsdiff40":
		var p *bsdiff.Patch
		if p, err = bsdiff.Diff(old, fresh, bsdiff.Options{Workers: workers}); err != nil {
			return nil, err
		}
		if format == "bsdiff40" {
			if patch, err = p.BSDIFF40(); err == nil {
				err = bsdiff.CrossCheck(old, fresh, patch)
			}
			return patch, err
		}
		patch = p.MBDIFF10()
	default:
		return nil, usage(fmt.Errorf("format %q: want mbdiff, bsdiff40 or zucchini", format), "slipway diff --help")
	}
	if err != nil {
		return nil, err
	}
	got, err := applyPatch(old, patch)
	if err == nil && !bytes.Equal(got, fresh) {
		err = errors.New("the patch just made gives another file")
	}
	return patch, err
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
			return writeOut(args[2], func(w io.Writer) error {
				_, err := w.Write(fresh)
				return err
			})
		},
	}
}

func applyPatch(old, patch []byte) ([]byte, error) {
	if bytes.HasPrefix(patch, []byte("Zucc")) {
		return zucchini.Apply(old, patch, maxPatched)
	}
	return bsdiff.Apply(old, patch, maxPatched)
}

func twoFiles(first, second string) (a, b []byte, err error) {
	if a, err = os.ReadFile(first); err == nil {
		b, err = os.ReadFile(second)
	}
	if err != nil {
		return nil, nil, usage(err, "")
	}
	return a, b, nil
}
