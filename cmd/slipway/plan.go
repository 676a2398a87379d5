package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"slipway/cache/filesystem"
	"slipway/release"
	"slipway/release/text"
)

// planFlags are what a coordinator decides.
type planFlags struct {
	build   int
	revs    []string
	from    []string
	imports []string
	urgency string
	out     string
	diff    string
	graph   string
	fromSet bool
	suggest bool
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan VERSION --build N --rev REVISION [--rev REPOSITORY=REVISION]…\n  slipway plan PLAN --graph text|dot|mermaid | --diff OTHER\n  slipway plan --suggest",
		Short: "pin every revision, locale, partner and prior release; write the plan",
		Long: `plan writes down a release candidate with nothing left open. Revisions are full
object ids; what may move tomorrow (a branch, a tag, "latest") is refused. The
digest of the plan is its name, and the plan is all that later steps read.

With a plan's file instead of a version it shows: the graph of tasks (--graph),
or what differs from another plan (--diff). --suggest prints what is probably next:
version, build number, partials, and the newest commits of the branches that
slipway.yaml names, but for those that say DONTBUILD.`,
		Example: `  slipway plan 10.0 --build 1 --rev 3f1c… --rev l10n=9a0e… --rev partners=77b1…
  slipway plan plans/skiff-10.0-build1.json --graph text`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.suggest {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.suggest {
				return a.suggestPlan(cmd)
			}
			f.fromSet = cmd.Flags().Changed("from")
			if strings.HasSuffix(args[0], ".json") {
				return a.showPlan(args[0], f)
			}
			return a.writePlan(cmd, args[0], f)
		},
	}
	fl := cmd.Flags()
	fl.IntVar(&f.build, "build", 0, "`N`th attempt at this version, from 1")
	fl.StringArrayVar(&f.revs, "rev", nil, "`[REPOSITORY=]REVISION`, in full; main when no repository is named")
	fl.StringSliceVar(&f.from, "from", nil, "prior `VERSIONS` that get partials (default: the newest, by prior-releases)")
	fl.StringArrayVar(&f.imports, "import", nil, "`PLATFORM=PATH` or PLATFORM=URL@sha256:… of prebuilt bytes")
	fl.StringVar(&f.urgency, "urgency", "routine", "routine or chemspill")
	fl.BoolVar(&f.suggest, "suggest", false, "print what is probably next, and the command for it")
	fl.StringVar(&f.out, "out", "", "write the plan to `FILE` (default plans/CANDIDATE.json beside slipway.yaml)")
	fl.StringVar(&f.graph, "graph", "", "print the task graph as `FORM`: text, dot or mermaid")
	fl.StringVar(&f.diff, "diff", "", "say what differs from the plan in `FILE`")
	return cmd
}

func (a *app) writePlan(cmd *cobra.Command, version string, f planFlags) error {
	file, err := a.loadConfig(cmd)
	if err != nil {
		return err
	}
	req, err := f.request(version)
	if err != nil {
		return usage(err, "slipway help plan")
	}
	out := f.out
	if v, err := release.ParseVersion(file.Config.VersionScheme, version); err == nil && out == "" {
		out = filepath.Join(filepath.Dir(file.Path), "plans", release.CandidateName(file.Config.Product, v, f.build)+".json")
	}
	if req.Root, err = leadsTo(out, file.Root); err != nil {
		return err
	}
	plan, err := release.Resolve(cmd.Context(), file.Config, req, a.world(file))
	if err != nil {
		hint := "mend that, then the same command again"
		if strings.Contains(err.Error(), "revision") {
			hint = "slipway help plan; \"git rev-parse BRANCH\" in a clone prints a full revision"
		}
		return fail(exitCheckFailed, err, hint)
	}
	if err := keepPlan(out, plan.Encode()); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\n", out)
	fmt.Fprintf(a.stderr, "%s: %s, %s, %s, %s, partials from %s; plan %s\n",
		plan.Candidate, plan.Urgency, counted(len(plan.Repositories), "repository", "repositories"), counted(len(plan.Locales), "locale", "locales"),
		counted(len(plan.Partners), "partner", "partners"), plan.PriorNames(), plan.Digest().Short())
	fmt.Fprintf(a.stderr, "next: slipway check %s\n", out)
	return a.showPlan(out, f)
}

func (f planFlags) request(version string) (release.Request, error) {
	req := release.Request{Version: version, Build: f.build, Urgency: f.urgency, Revisions: map[string]string{}}
	if f.build == 0 {
		return req, errors.New("no build number: add --build N, 1 for the first attempt at a version")
	}
	for _, r := range f.revs {
		name, rev, ok := strings.Cut(r, "=")
		if !ok {
			name, rev = "main", r
		}
		if old := req.Revisions[name]; old != "" && old != rev {
			return req, fmt.Errorf("two revisions for %s: %s and %s", name, old, rev)
		}
		req.Revisions[name] = rev
	}
	if f.fromSet {
		req.From = append([]string{}, f.from...)
	}
	for _, i := range f.imports {
		platform, from, ok := strings.Cut(i, "=")
		if !ok {
			return req, fmt.Errorf("--import %q: want PLATFORM=PATH", i)
		}
		if req.Imports == nil {
			req.Imports = map[string]release.Import{}
		}
		req.Imports[platform] = release.ParseImport(from)
	}
	return req, nil
}

// leadsTo is the way from a file's directory to dir, as plans write it.
func leadsTo(file, dir string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(filepath.Dir(abs), dir)
	return filepath.ToSlash(rel), err
}

// keepPlan writes a plan once. The same plan again is no change; another one
// under the same name is a conflict, for people hold on to names.
func keepPlan(path string, text []byte) error {
	switch there, err := os.Stat(path); {
	case err == nil && !there.Mode().IsRegular(): // a device or pipe has no end to compare with
		return writeInto(path, there, func(w io.Writer) error { _, err := w.Write(text); return err })
	case err == nil:
		if there.Size() == int64(len(text)) {
			old, err := os.ReadFile(path)
			if err != nil || string(old) == string(text) {
				return err
			}
		}
		return fail(exitConflict, fmt.Errorf("%s exists and is another plan; a candidate is planned once", path),
			"raise --build, or write elsewhere with --out and compare with --diff "+path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := sweepPlans(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".plan-*")
	if err != nil {
		return err
	}
	werr := filesystem.Lock(f)
	if werr == nil {
		_, werr = f.Write(text)
	}
	if err := errors.Join(werr, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return filesystem.Rename(f.Name(), path)
}

// sweepPlans removes what writers that were killed left half-written. A living
// one holds a lock on its file.
func sweepPlans(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, ".plan-*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		f, err := os.Open(path)
		if err != nil {
			continue // its writer has renamed it meanwhile
		}
		if filesystem.TryLock(f) == nil {
			err = os.Remove(path)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) showPlan(path string, f planFlags) error {
	if f.graph == "" && f.diff == "" {
		return nil
	}
	plan, _, err := release.LoadPlan(path)
	if err != nil {
		return fail(exitConfig, err, "slipway help plan")
	}
	if f.diff != "" {
		other, _, err := release.LoadPlan(f.diff)
		if err != nil {
			return fail(exitConfig, err, "slipway help plan")
		}
		for _, line := range release.DiffPlans(other, plan) {
			fmt.Fprintln(a.stdout, text.Sanitize(line))
		}
	}
	if f.graph == "" {
		return nil
	}
	drawing, err := release.Draw(release.Graph(plan), f.graph)
	if err != nil {
		return usage(err, "slipway plan "+path+" --graph text")
	}
	_, err = fmt.Fprint(a.stdout, text.SanitizeLines(drawing))
	return err
}
