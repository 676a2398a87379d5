package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release/text"
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
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var err error
		if job.Chunk, job.Chunks, err = parseChunk(chunk); err != nil {
			return usage(err, "slipway updates verify --help")
		}
		if _, err := os.Stat(filepath.Dir(report)); report != "" && err != nil {
			return usage(fmt.Errorf("--report %s: %w", report, err), "") // an hour later it would be lost
		}
		all, err := claims(args[0], args[1:])
		if err != nil {
			return err
		}
		reads := packagesOf(all)
		if report != "" {
			if err := apart(report, reads...); err != nil {
				return usage(err, "")
			}
		}
		if failed != "" {
			if job.Only, err = failedOf(failed); err != nil {
				return err
			}
			if len(job.Only) == 0 {
				all = nil
			}
		}
		if all, err = selected(all, job); err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Fprintln(a.stderr, "slipway: nothing to verify: nothing failed there, or that part is empty")
		}
		return a.withBuilder(workers, func(b *updates.Builder) error {
			list, err := byDigest(b, all)
			if err != nil {
				return err
			}
			r, err := b.Verify(cmd.Context(), updates.VerifyJob{Updates: list})
			if err != nil && len(r.Updates) == 0 {
				return err
			}
			return errors.Join(a.verdicts(r, *asJSON), keepReport(report, r, reads), checkFailed(err))
		})
	}
	return cmd
}

// parseChunk reads "K/N"; "" is everything.
func parseChunk(s string) (k, n int, err error) {
	if s == "" {
		return 0, 0, nil
	}
	first, second, _ := strings.Cut(s, "/")
	k, err = strconv.Atoi(first)
	if err == nil {
		n, err = strconv.Atoi(second)
	}
	if err != nil || k < 1 || k > n {
		return 0, 0, fmt.Errorf("--chunk %q: want K/N, such as 3/16", s)
	}
	return k, n, nil
}

func checkFailed(err error) error {
	if err == nil {
		return nil
	}
	return fail(exitCheckFailed, err, "")
}

func keepReport(path string, r updates.Report, reads []string) error {
	if path == "" {
		return nil
	}
	return writeOut(path, reads, func(w io.Writer) error {
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
	if err = json.Unmarshal(b, &r); err == nil && r.Updates == nil {
		err = errors.New("is no report of slipway updates verify")
	}
	if err != nil {
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
		fmt.Fprintf(a.stdout, "%s  %s\n", word, text.Sanitize(v.Name))
		if v.Error != "" {
			fmt.Fprintf(a.stdout, "      %s\n", text.Sanitize(v.Error))
		}
		for _, d := range v.Differences {
			fmt.Fprintf(a.stdout, "      %s\n", text.Sanitize(d.String()))
		}
		for _, d := range v.Allowed {
			fmt.Fprintf(a.stdout, "      allowed: %s\n", text.Sanitize(d.String()))
		}
	}
	if asJSON {
		return out.put("summary", map[string]any{"updates": len(r.Updates), "failed": bad})
	}
	return nil
}
