package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"slipway/release/text"
	"slipway/updates"
)

func (a *app) marCreateCommand() *cobra.Command {
	var job updates.CompleteJob
	var workers int
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "create OUT DIR",
		Short: "make the complete MAR of a directory",
		Example: `  slipway mar create firefox-10.0.complete.mar firefox/ \
      --channel-id firefox-mozilla-release --product-version 10.0 --bcj x86`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(job.Check(), a.packed(args[0], args[1])); err != nil {
				return usage(err, helpFor(cmd))
			}
			return a.withBuilder(workers, func(b *updates.Builder) error {
				ctx := cmd.Context()
				if info, err := os.Stat(args[1]); err == nil && !info.IsDir() {
					return usage(fmt.Errorf("%s is not a directory", args[1]), helpFor(cmd))
				}
				s, err := source(ctx, b, args[1])
				if err != nil {
					return err
				}
				job.Tree = s.Tree
				m, err := b.Complete(ctx, job)
				if err != nil {
					return err
				}
				return a.deliver(ctx, b, m, args, *asJSON)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&job.ChannelID, "channel-id", "", "MAR channel `ID` that clients must accept")
	f.StringVar(&job.Version, "product-version", "", "`VERSION` that the package installs")
	f.StringVar(&job.BCJ, "bcj", updates.BCJNone, "`FILTER` for machine code: x86 (also for x86-64) or none")
	f.BoolVar(&job.MakePrecomplete, "make-precomplete", false, "write a precomplete file if the directory has none")
	packFlags(cmd, &job.Preset, &job.DropUncarriable, &workers)
	asJSON = jsonFlag(cmd)
	require(cmd, "channel-id", "product-version")
	return cmd
}

func (a *app) marDiffCommand() *cobra.Command {
	var job updates.PartialJob
	var workers int
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "diff OUT OLD NEW",
		Short: "make the partial MAR from an old to a new version",
		Long: `Makes the partial MAR that turns OLD into NEW. Each of them is a directory or a
complete MAR. Channel id, version and filter are those of NEW if it is a MAR and
nothing else is said.`,
		Example: `  slipway mar diff 9.0.1-10.0.partial.mar 9.0.1.complete.mar 10.0.complete.mar
  slipway mar diff out.mar old/ new/ --channel-id c --product-version 10.0 --format best`,
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			if info, err := os.Stat(args[2]); err == nil && info.IsDir() && (job.ChannelID == "" || job.Version == "") {
				return usage(errors.New("NEW is a directory, so --channel-id and --product-version must be given"), helpFor(cmd))
			}
			if err := errors.Join(job.Check(), a.packed(args[0], args[1:]...)); err != nil {
				return usage(err, helpFor(cmd))
			}
			return a.withBuilder(workers, func(b *updates.Builder) (err error) {
				ctx := cmd.Context()
				if job.From, err = source(ctx, b, args[1]); err != nil {
					return err
				}
				if job.To, err = source(ctx, b, args[2]); err != nil {
					return err
				}
				m, err := b.Partial(ctx, job)
				if err != nil {
					return fmt.Errorf("%s to %s: %w", args[1], args[2], err)
				}
				return a.deliver(ctx, b, m, args, *asJSON)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&job.ChannelID, "channel-id", "", "MAR channel `ID` that clients must accept")
	f.StringVar(&job.Version, "product-version", "", "`VERSION` that the package installs")
	f.StringVar(&job.BCJ, "bcj", "", "`FILTER` for machine code: x86 or none (default NEW's if it is a MAR, else none)")
	f.StringVar(&job.Format, "format", updates.FormatBsdiff, "`FORMAT` of patches: bsdiff, zucchini or best")
	f.StringArrayVar(&job.Force, "force", nil, "ship this `PATH` whole, even if equal (repeatable)")
	f.BoolVar(&job.MakePrecomplete, "make-precomplete", false, "write a precomplete file if NEW has none")
	packFlags(cmd, &job.Preset, &job.DropUncarriable, &workers)
	asJSON = jsonFlag(cmd)
	return cmd
}

// packed refuses to pack what slipway itself writes: OUT, the cache, its secret.
func (a *app) packed(out string, ins ...string) error {
	return errors.Join(apart(out, ins...), apart(a.cachePlace().path, ins...), apart(a.statePlace().path, ins...))
}

// packFlags are the flags of both generators.
func packFlags(cmd *cobra.Command, preset *int, drop *bool, workers *int) {
	f := cmd.Flags()
	f.IntVar(preset, "preset", 6, "xz preset: 6, or 9 for its most thorough search")
	f.BoolVar(drop, "drop-uncarriable", false, "leave out symbolic links and empty directories, which a MAR cannot hold")
	f.IntVarP(workers, "workers", "j", 0, "files in work at the same time (default: one per processor)")
}

func require(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // only an unknown name
		}
	}
}

// deliver writes the package that was made as the first of args, of the others, and
// says what it is, and on stderr what is odd about it.
func (a *app) deliver(ctx context.Context, b *updates.Builder, m updates.MAR, args []string, asJSON bool) error {
	path := args[0]
	if err := writeBlob(ctx, b.Store, m.Blob, path, args[1:]); err != nil {
		return err
	}
	for _, name := range m.Dropped {
		fmt.Fprintf(a.stderr, "slipway: left out: %s\n", text.Sanitize(name))
	}
	for _, name := range m.Unforced {
		fmt.Fprintf(a.stderr, "slipway: warning: --force %s: NEW has no such file\n", text.Sanitize(name))
	}
	if m.Exceeds > 0 {
		fmt.Fprintf(a.stderr, "slipway: warning: the partial is %d bytes larger than the complete; do not offer it\n", m.Exceeds)
	}
	if asJSON {
		return (&lines{w: a.stdout}).put("summary", struct {
			Path string `json:"path"`
			updates.MAR
		}{path, m})
	}
	fmt.Fprintf(a.stdout, "%s: %s, %d entries, %d bytes", text.Sanitize(path), m.Type, m.Entries, m.Size)
	if m.Type == updates.TypePartial {
		fmt.Fprintf(a.stdout, "; %d files patched, %d changed files whole", m.Patches, m.Whole)
	}
	fmt.Fprintln(a.stdout)
	return nil
}
