package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/release/text"
	"slipway/updates"
)

func (a *app) updatesAdviseCommand() *cobra.Command {
	var job updates.AdviseJob
	var stored string
	cmd := &cobra.Command{
		Use:   "advise FILE",
		Short: "which prior versions deserve a partial, by how many users run them",
		Long: `FILE lists prior versions as CSV with a header line, or as a JSON array. Columns:
version, platform, users; complete_size, in one row of each platform; and if known
locales, partial_size and cpu_seconds, both for one locale. What was not measured
is estimated by what was, locales as the most of that platform, and marked with a
star, like what follows from it.

A partial is advised if its users save more than it costs: by default one byte
saved for each byte stored, and a megabyte for each CPU second.`,
		Example: `  slipway updates advise users.csv --max-per-platform 4
  slipway updates advise users.csv --max-stored 40GB --max-cpu 7200`,
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.Float64Var(&job.StoredPrice, "stored-price", 1, "`BYTES` that users must save for one stored")
	f.Float64Var(&job.CPUPrice, "cpu-price", 1e6, "`BYTES` that users must save for one CPU second")
	f.IntVar(&job.Limits.PerPlatform, "max-per-platform", 0, "at most `N` partials beside one complete")
	f.StringVar(&stored, "max-stored", "", "at most this `SIZE` of partials, such as 40GB")
	f.Float64Var(&job.Limits.CPUSeconds, "max-cpu", 0, "at most this many CPU `SECONDS`")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if f.Changed("max-per-platform") && job.Limits.PerPlatform == 0 || f.Changed("max-cpu") && job.Limits.CPUSeconds == 0 {
			return usage(errors.New("a limit of 0 leaves no partial; want more, or no limit"), helpFor(cmd))
		}
		if stored != "" {
			n, err := humanize.ParseBytes(stored)
			if err != nil || n == 0 || n > 1<<62 {
				return usage(fmt.Errorf("--max-stored %q: want a size such as 40GB", stored), helpFor(cmd))
			}
			job.Limits.Stored = int64(n)
		}
		if job.Priors, err = readPriors(args[0]); err != nil {
			return usage(fmt.Errorf("%s: %w", args[0], err), "slipway updates advise --help")
		}
		advice, err := updates.Advise(job)
		if err != nil {
			return usage(fmt.Errorf("%s: %w", args[0], err), "")
		}
		if *asJSON {
			return a.adviceJSON(advice)
		}
		return a.advice(advice)
	}
	return cmd
}

func readPriors(path string) ([]updates.Prior, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff")) // which spreadsheets write
	var priors []updates.Prior
	if strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
		err := decodeOnly(b, &priors)
		return priors, err
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
		if err := setColumn(new(updates.Prior), header[i], ""); err != nil {
			return nil, fmt.Errorf("1: %w", err)
		}
		if slices.Contains(header[:i], header[i]) {
			return nil, fmt.Errorf("1: column %q stands there twice", header[i])
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return priors, nil
		}
		if err != nil {
			return nil, err
		}
		var p updates.Prior
		for i, name := range header {
			if err := setColumn(&p, name, strings.TrimSpace(row[i])); err != nil {
				line, column := r.FieldPos(i)
				return nil, fmt.Errorf("%d:%d: %w", line, column, err)
			}
		}
		priors = append(priors, p)
	}
}

func setColumn(p *updates.Prior, name, value string) (err error) {
	number := func(n *int64) {
		if value != "" {
			*n, err = strconv.ParseInt(value, 10, 64)
		}
	}
	switch name {
	case "version":
		p.Version = value
	case "platform":
		p.Platform = value
	case "users":
		number(&p.Users)
	case "locales":
		number(&p.Locales)
	case "complete_size":
		number(&p.CompleteSize)
	case "partial_size":
		number(&p.PartialSize)
	case "cpu_seconds":
		if value != "" {
			p.CPUSeconds, err = strconv.ParseFloat(value, 64)
		}
	default:
		return fmt.Errorf("unknown column %q; want some of version, platform, users, locales, complete_size, partial_size, cpu_seconds, with commas between", name)
	}
	if err != nil {
		return fmt.Errorf("%s %q: want a number", name, value)
	}
	return nil
}

func (a *app) advice(advice updates.Advice) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "partial\tversion\tplatform\tusers\tcomplete\tpartial\tusers save\twe store\tCPU s\t")
	for _, c := range advice.Choices {
		word := "no"
		if c.Advised {
			word = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s%s\t%s%s\t%s%s\t%s%.0f\t\n", word, text.Sanitize(c.Version), text.Sanitize(c.Platform), c.Users,
			size(c.CompleteSize), star(c.Estimated), size(c.PartialSize), star(c.Estimated), size(c.Saved),
			star(c.Estimated || c.LocalesEstimated), size(c.Stored),
			star(c.CPUSeconds > 0 && (c.CPUEstimated || c.LocalesEstimated)), c.CPUSeconds*float64(c.Locales))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "users save %s; we store %s and spend %.0f CPU seconds\n", size(advice.Saved), size(advice.Stored), advice.CPUSeconds)
	if !advice.Proven {
		fmt.Fprintln(a.stdout, "too many choices to prove that no better one exists")
	}
	return nil
}

func star(estimated bool) string {
	if estimated {
		return "*"
	}
	return ""
}

func size(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

func (a *app) adviceJSON(advice updates.Advice) error {
	out := &lines{w: a.stdout}
	for _, c := range advice.Choices {
		if err := out.put("prior", c); err != nil {
			return err
		}
	}
	advice.Choices = nil
	return out.put("summary", advice)
}
