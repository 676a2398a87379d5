package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/updates"
)

func (a *app) updatesVerifyCommand() *cobra.Command {
	var job updates.VerifyJob
	var chunk, report, failed string
	var workers int
	cmd := &cobra.Command{
		Use:   "verify NEW OLD…",
		Short: "apply every complete and partial of a release to its priors and compare",
		Long: `NEW and each OLD are directories of a release or candidate: below them lie
update/PLATFORM/LOCALE/PRODUCT-VERSION.complete.mar and, in NEW,
PRODUCT-FROM-VERSION.partial.mar. Every complete is applied to nothing and to
each prior, every partial to its prior; files, hashes and modes must be those of
the new version. A partial without its prior among the OLDs is an error.`,
		Example: `  slipway updates verify pub/skiff/candidates/1.2-candidates/build1 pub/skiff/releases/1.1
  slipway updates verify NEW OLD --chunk 3/16 --report r3.json
  slipway updates verify NEW OLD --failed r3.json`,
		Args: cobra.MinimumNArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&chunk, "chunk", "", "only part `K/N` of the updates")
	f.StringVar(&report, "report", "", "write what was found to this `FILE`")
	f.StringVar(&failed, "failed", "", "only what failed in this earlier report `FILE`")
	f.IntVarP(&workers, "workers", "j", 0, "updates in work at the same time (default: one per processor)")
	asJSON := f.Bool("json", false, "answer in JSON lines")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := fmt.Sscanf(chunk, "%d/%d", &job.Chunk, &job.Chunks); chunk != "" && err != nil {
			return usage(fmt.Errorf("chunk %q: want K/N", chunk), "slipway updates verify --help")
		}
		if failed != "" {
			only, err := failedOf(failed)
			if err != nil || len(only) == 0 {
				return err
			}
			job.Only = only
		}
		return a.withBuilder(workers, func(b *updates.Builder) (err error) {
			if job.Updates, err = claims(cmd.Context(), b, args[0], args[1:]); err != nil {
				return err
			}
			r, err := b.Verify(cmd.Context(), job)
			if len(r.Updates) == 0 {
				return err
			}
			return errors.Join(a.verdicts(r, *asJSON), keepReport(report, r), checkFailed(err))
		})
	}
	return cmd
}

func checkFailed(err error) error {
	if err == nil {
		return nil
	}
	return fail(exitCheckFailed, err, "")
}

func keepReport(path string, r updates.Report) error {
	if path == "" {
		return nil
	}
	return writeOut(path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	})
}

func failedOf(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(err, "")
	}
	var r updates.Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, usage(fmt.Errorf("%s: %w", path, err), "")
	}
	return r.Failed(), nil
}

// verdicts prints a line for each update and, below it, each difference.
func (a *app) verdicts(r updates.Report, asJSON bool) error {
	out := &lines{w: a.stdout}
	bad := 0
	for _, v := range r.Updates {
		word := "ok  "
		if !v.OK {
			word = "FAIL"
			bad++
		}
		if asJSON {
			if err := out.put("update", v); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(a.stdout, "%s  %s\n", word, clean(v.Name))
		if v.Error != "" {
			fmt.Fprintf(a.stdout, "      %s\n", clean(v.Error))
		}
		for _, d := range v.Differences {
			fmt.Fprintf(a.stdout, "      %s\n", clean(d.String()))
		}
		for _, d := range v.Allowed {
			fmt.Fprintf(a.stdout, "      allowed: %s\n", clean(d.String()))
		}
	}
	if asJSON {
		return out.put("summary", map[string]any{"updates": len(r.Updates), "failed": bad})
	}
	return nil
}

// claims lists what the MARs of a release directory say they do.
func claims(ctx context.Context, b *updates.Builder, fresh string, olds []string) ([]updates.Update, error) {
	packages, err := marsOf(fresh)
	if err != nil {
		return nil, err
	}
	var out []updates.Update
	for _, cell := range packages.cells() {
		to, err := source(ctx, b, packages.completes[cell].path)
		if err != nil {
			return nil, err
		}
		size := packages.completes[cell].size
		out = append(out, updates.Update{Name: cell + "/complete/on nothing", MAR: to.MAR, To: to})
		partials := packages.partials[cell]
		for _, old := range olds {
			prior, err := marsOf(old)
			if err != nil {
				return nil, err
			}
			was, ok := prior.completes[cell]
			if !ok {
				continue // a locale or platform that is new has no history
			}
			from, err := source(ctx, b, was.path)
			if err != nil {
				return nil, err
			}
			out = append(out, updates.Update{Name: cell + "/complete/on " + was.version, From: from, MAR: to.MAR, To: to})
			for i, p := range partials {
				if p.from != was.version {
					continue
				}
				partial, err := source(ctx, b, p.path)
				if err != nil {
					return nil, err
				}
				out = append(out, updates.Update{
					Name: cell + "/partial/from " + p.from, From: from, MAR: partial.MAR, To: to, MaxSize: size,
				})
				partials = slices.Delete(slices.Clone(partials), i, i+1)
				break
			}
		}
		for _, p := range partials {
			return nil, usage(fmt.Errorf("%s: no OLD holds version %s of %s", p.path, p.from, cell), "name its directory too")
		}
	}
	return out, nil
}

type marFile struct {
	path, from, version string
	size                int64
}

// marsIn are the packages below a release directory, by "PLATFORM/LOCALE".
type marsIn struct {
	completes map[string]marFile
	partials  map[string][]marFile
}

func (m marsIn) cells() []string {
	var cells []string
	for cell := range m.completes {
		cells = append(cells, cell)
	}
	slices.Sort(cells)
	return cells
}

func marsOf(dir string) (marsIn, error) {
	m := marsIn{completes: map[string]marFile{}, partials: map[string][]marFile{}}
	err := fs.WalkDir(os.DirFS(dir), "update", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		cell := strings.TrimPrefix(path.Dir(p), "update/")
		f := marFile{path: filepath.Join(dir, filepath.FromSlash(p)), size: info.Size()}
		name := path.Base(p)
		if stem, ok := strings.CutSuffix(name, ".complete.mar"); ok {
			if _, twice := m.completes[cell]; twice {
				return fmt.Errorf("%s: a second complete of %s", f.path, cell)
			}
			f.version = stem[strings.LastIndex(stem, "-")+1:]
			m.completes[cell] = f
		} else if stem, ok := strings.CutSuffix(name, ".partial.mar"); ok {
			words := strings.Split(stem, "-")
			if len(words) < 3 {
				return fmt.Errorf("%s: want PRODUCT-FROM-VERSION.partial.mar", f.path)
			}
			f.from, f.version = words[len(words)-2], words[len(words)-1]
			m.partials[cell] = append(m.partials[cell], f)
		}
		return nil
	})
	if err == nil && len(m.completes) == 0 {
		err = fmt.Errorf("%s: no complete MAR below update/", dir)
	}
	for cell := range m.partials {
		if _, ok := m.completes[cell]; err == nil && !ok {
			err = fmt.Errorf("%s: partials of %s without a complete", dir, cell)
		}
	}
	if err != nil {
		return m, usage(err, "slipway updates verify --help")
	}
	return m, nil
}
