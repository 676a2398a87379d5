package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release/text"
)

// demoSeed is where all of the demo's secrets come from. They protect nothing.
const demoSeed = "slipway demo: Skiff, a very small boat"

var demoVersions = []string{"1.0", "1.1", "1.2"}

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var workers int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "ship a real little product, Skiff 1.0, 1.1 and 1.2, into a directory",
		Long: `Makes the repositories of Skiff, a small Go program, in a directory and ships
three releases of it by ordinary slipway commands, each of them printed: three
platforms, six locales, two partners, signed, with complete and partial
updates. Interrupted, it resumes. Nothing outside the directory is touched,
but for the Go build cache, which it warms.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			abs, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			// Skiff's builds get a home of their own; the Go build cache they share.
			goCache, err := exec.CommandContext(cmd.Context(), "go", "env", "GOCACHE").Output()
			if err != nil {
				return fail(exitUnreachable, fmt.Errorf("the demo builds a Go program: %w", err), "install Go, then: slipway demo")
			}
			d := &demo{dir: abs, shown: dir, self: self, workers: workers, goCache: strings.TrimSpace(string(goCache)), out: a.stdout, talk: a.stderr}
			return d.ship(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "build/demo", "`DIR` that becomes the demo")
	cmd.Flags().IntVar(&workers, "workers", runtime.NumCPU(), "how many tasks run at once: `N`; the bytes are the same")
	return cmd
}

// demo drives slipway as a person would: one process for each command.
type demo struct {
	dir     string // absolute
	shown   string // as the user gave it
	self    string
	workers int
	// goCache is what Skiff's slipway.yaml passes through to its builds.
	goCache   string
	out, talk io.Writer
}

func (d *demo) ship(ctx context.Context) error {
	revisions, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	d.say("%s is a product of its own now: repositories, keys and slipway.yaml.", d.shown)
	d.say("The commands below are run in it, and you can run them again.")
	for i, version := range demoVersions {
		if err := d.release(ctx, version, revisions[i]); err != nil {
			return err
		}
	}
	return d.summary(ctx)
}

// release takes one version through every stage. A gate ends "slipway run"
// with its own exit code; the demo plays all the people who are asked.
func (d *demo) release(ctx context.Context, version string, revisions map[string]string) error {
	name := "skiff-" + version + "-build1"
	plan := filepath.Join("plans", name+".json")
	d.say("\nSkiff %s", version)
	if _, err := os.Stat(filepath.Join(d.dir, plan)); err != nil {
		err := d.slipway(ctx, "plan", version, "--build", "1", "--rev", revisions["main"],
			"--rev", "l10n="+revisions["l10n"], "--rev", "partners="+revisions["partners"])
		if err != nil {
			return err
		}
	}
	if !d.published(version) {
		if err := d.slipway(ctx, "check", plan); err != nil {
			return err
		}
	}
	asked := map[heldGate]bool{}
	for {
		err := d.slipway(ctx, "run", plan, "--no-wait", "--workers", strconv.Itoa(d.workers))
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitHeld {
			return err
		}
		gates, err := d.openGates(ctx, name)
		if err != nil {
			return err
		}
		for _, g := range gates {
			if asked[g] {
				return fmt.Errorf("gate %s of %s is still closed after its approval", g.name, name)
			}
			asked[g] = true
			if err := d.slipway(ctx, "approve", name, g.name, "--as", g.role, "--confirm", version,
				"--reason", "demo: "+g.name+" of Skiff "+version); err != nil {
				return err
			}
		}
	}
}

// published tells whether a version has gone all the way, so that its checks,
// which want the tags free, have had their day.
func (d *demo) published(version string) bool {
	_, err := os.Stat(filepath.Join(d.dir, "publish", "skiff", "releases", version))
	return err == nil
}

// slipway prints one command and runs it in the demo's directory.
func (d *demo) slipway(ctx context.Context, args ...string) error {
	d.say("$ slipway %s", text.ShellLine(args))
	cmd := d.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = d.out, d.talk
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() != exitHeld {
		return fail(exit.ExitCode(), fmt.Errorf("slipway %s ended with code %d", args[0], exit.ExitCode()),
			fmt.Sprintf("mend it, then: slipway demo --dir %s", d.shown))
	}
	return err
}

// command keeps state and cache inside the demo's directory.
func (d *demo) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.self, args...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "GOCACHE="+d.goCache,
		"SLIPWAY_STATE="+filepath.Join(d.dir, "state"), "SLIPWAY_CACHE="+filepath.Join(d.dir, "cache"))
	return cmd
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }
