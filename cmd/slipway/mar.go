package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/release/text"
	"slipway/updates"
	"slipway/updates/mar"
)

func (a *app) marCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mar",
		Short: "make, read, sign, check and apply update packages",
		Long: `Works on Mozilla ARchives, the packages of updates, without any release or
slipway.yaml. Packed files and patches are kept in the cache, so that making the
same again, for another locale or prior version, costs next to nothing.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(
		a.marCreateCommand(), a.marDiffCommand(),
		a.marInfoCommand(), a.marListCommand(), a.marExtractCommand(), a.marCheckCommand(),
		a.marSignCommand(), a.marVerifyCommand(), a.marStripCommand(),
		a.marApplyCommand(),
	)
	return cmd
}

// withMAR opens a file that holds a MAR. What flows could not be read from its
// end.
func withMAR(path string, do func(r io.ReaderAt, size int64) error) error {
	f, err := filesystem.OpenRegular(path)
	if err != nil {
		return unread(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := do(f, info.Size()); err != nil {
		return marError(fmt.Errorf("%s: %w", path, err))
	}
	return nil
}

// parsedMAR opens a MAR for the verbs that deal with the container alone.
func parsedMAR(path string, do func(*mar.Archive) error) error {
	return withMAR(path, func(r io.ReaderAt, size int64) error {
		archive, err := mar.Parse(r, size)
		if err != nil {
			return err
		}
		return do(archive)
	})
}

// remake writes what is made of a MAR. They may be one file: it is closed before
// the new one takes its name, for Windows replaces no file that is open. reads are
// the other files that are needed.
func remake(in, out string, reads []string, write func(io.Writer, *mar.Archive) error) error {
	return writeOut(out, reads, func(w io.Writer) error {
		return placed(parsedMAR(in, func(archive *mar.Archive) error { return write(w, archive) }))
	})
}

// marError gives the error of a file that is not there the exit code of bad
// usage, that of a directory in work a conflict's, and that of a package or tree
// that will not do the one of a failed check. What the system refused keeps its own.
func marError(err error) error {
	if err == nil {
		return nil
	}
	if code, _ := codeOf(err); code != exitInternal {
		return err
	}
	if errors.Is(err, updates.ErrBusy) {
		return fail(exitConflict, err, "")
	}
	if errors.Is(err, fs.ErrExist) {
		return usage(err, "")
	}
	if err = placed(err); errors.As(err, new(*exitError)) {
		return err
	}
	return fail(exitCheckFailed, err, "")
}

// wipeLine clears the line of a terminal that progress is shown on.
const wipeLine = "\r\x1b[K"

// progressLine shows a step, and nothing when it is over: the answer comes next,
// on the same line.
func progressLine(p updates.Progress) string {
	if p.Done == p.Total {
		return wipeLine
	}
	return fmt.Sprintf("%s%s %d/%d %.60s", wipeLine, p.Step, p.Done, p.Total, text.Sanitize(p.Path))
}

// withBuilder opens the cache for a verb that makes or compares packages, and
// says in the end what the cache saved.
func (a *app) withBuilder(workers int, do func(*updates.Builder) error) error {
	if workers < 0 {
		return usage(fmt.Errorf("--workers is %d; want 1 or more, or nothing", workers), "")
	}
	store, err := a.openCache()
	if err != nil {
		return err
	}
	defer store.Close()
	b := &updates.Builder{Store: store, Workers: workers}
	if f, ok := a.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && obeysEscapes(f) {
		b.Progress = func(p updates.Progress) { fmt.Fprint(a.stderr, progressLine(p)) }
	}
	err = do(b)
	if b.Progress != nil {
		fmt.Fprint(a.stderr, wipeLine)
	}
	if n := store.PutAside(); n > 0 {
		fmt.Fprintf(a.stderr, "slipway: cache: entries put aside and made again, for they were damaged or made under another --state: %d\n", n)
	}
	if err != nil {
		return marError(err)
	}
	var sum cache.Counts
	for _, c := range store.Counts() {
		sum.Add(c)
	}
	if sum.Hits > 0 {
		fmt.Fprintf(a.stderr, "slipway: cache: %d of %d results found, %s and %s of work saved\n",
			sum.Hits, sum.Hits+sum.Misses, size(sum.BytesSaved), seconds(sum.SecondsSaved))
	}
	return nil
}

// source is a directory, which it puts into the cache, or a file that holds a
// complete MAR, which stays where it is.
func source(ctx context.Context, b *updates.Builder, path string) (updates.Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return updates.Source{}, err
	}
	switch {
	case info.Mode().IsRegular():
		d, err := b.Borrow(path)
		return updates.Source{MAR: d}, err
	case !info.IsDir():
		return updates.Source{}, usage(fmt.Errorf("%s is neither a directory nor a file that holds a MAR", path), "")
	}
	tree, err := b.ReadDir(ctx, path)
	var blob cache.Blob
	if err == nil {
		blob, err = b.Store.PutTree(ctx, tree)
	}
	if err != nil {
		return updates.Source{}, fmt.Errorf("%s: %w", path, err)
	}
	return updates.Source{Tree: blob.Digest}, nil
}

// writeBlob writes bytes of the cache, made of what reads names, to a file.
func writeBlob(ctx context.Context, s *cache.Store, d cache.Digest, path string, reads []string) error {
	r, err := s.Get(ctx, d)
	if err != nil {
		return err
	}
	defer r.Close()
	return writeOut(path, reads, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}
