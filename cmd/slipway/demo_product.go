package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/testdata"
)

// demoRemotes are the product's repositories by their names in slipway.yaml.
var demoRemotes = map[string]string{"main": "skiff.git", "l10n": "skiff-l10n.git", "partners": "skiff-partners.git"}

// demoDates are the commit times of the three versions; build IDs follow them.
var demoDates = []time.Time{
	time.Date(2026, 1, 13, 10, 15, 0, 0, time.UTC),
	time.Date(2026, 2, 10, 10, 15, 0, 0, time.UTC),
	time.Date(2026, 3, 10, 10, 15, 0, 0, time.UTC),
}

// prepare makes the product's directory and returns the revisions of each
// version. Everything in it is made elsewhere and moved in whole.
func (d *demo) prepare(ctx context.Context) ([]map[string]string, error) {
	if err := os.MkdirAll(filepath.Join(d.dir, "plans"), 0o755); err != nil {
		return nil, err
	}
	if err := d.place("remotes", func(dir string) error { return makeRemotes(ctx, dir) }); err != nil {
		return nil, err
	}
	if err := d.place("keys", makeDemoKeys); err != nil {
		return nil, err
	}
	yaml, err := fs.ReadFile(testdata.Skiff, "skiff/slipway.yaml")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(d.dir, "slipway.yaml"), yaml, 0o644); err != nil {
		return nil, err
	}
	return d.revisions(ctx)
}

// revisions reads back what each version is made of: repository → commit.
func (d *demo) revisions(ctx context.Context) ([]map[string]string, error) {
	revisions := make([]map[string]string, len(demoVersions))
	for name, bare := range demoRemotes {
		out, err := gitOutput(ctx, filepath.Join(d.dir, "remotes", bare), time.Time{}, "rev-list", "--reverse", "main")
		if err != nil {
			return nil, err
		}
		commits := strings.Fields(out)
		if len(commits) == 0 {
			return nil, fmt.Errorf("%s: no commit on main of %s; remove the directory and start again", d.shown, bare)
		}
		for v := range revisions {
			if revisions[v] == nil {
				revisions[v] = map[string]string{}
			}
			revisions[v][name] = commits[min(v, len(commits)-1)]
		}
	}
	return revisions, nil
}

// place makes a directory under a temporary name and renames it, so that an
// interrupted demo never finds half of one.
func (d *demo) place(name string, fill func(dir string) error) error {
	final := filepath.Join(d.dir, name)
	if _, err := os.Stat(final); err == nil {
		return nil
	}
	part := final + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return err
	}
	if err := fill(part); err != nil {
		return err
	}
	return os.Rename(part, final)
}
