package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
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

// makeRemotes makes the three bare repositories, each with its history.
func makeRemotes(ctx context.Context, dir string) error {
	work, err := os.MkdirTemp(dir, "work-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	l10n, err := makeRepository(ctx, filepath.Join(work, "l10n"), func(v int, dir string) error {
		return overlay(dir, []string{"l10n", "l10n-1.1", "l10n-1.2"}[v])
	})
	if err != nil {
		return err
	}
	_, err = makeRepository(ctx, filepath.Join(work, "main"), func(v int, dir string) error {
		if err := overlay(dir, []string{"product", "1.1", "1.2"}[v]); err != nil {
			return err
		}
		if err := dropRemoved(dir); err != nil {
			return err
		}
		return writeChangesets(filepath.Join(dir, "l10n-changesets.json"), l10n[v])
	})
	if err != nil {
		return err
	}
	_, err = makeRepository(ctx, filepath.Join(work, "partners"), func(v int, dir string) error {
		return overlay(dir, "partners")
	})
	if err != nil {
		return err
	}
	for name, bare := range demoRemotes {
		_, err := gitOutput(ctx, dir, time.Time{}, "clone", "--quiet", "--bare", "--template=", filepath.Join(work, name), bare)
		if err != nil {
			return err
		}
	}
	return nil
}

// makeRepository commits one state of the tree for each version that changes it.
func makeRepository(ctx context.Context, dir string, state func(v int, dir string) error) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if _, err := gitOutput(ctx, dir, time.Time{}, "init", "--quiet", "--template=", "--initial-branch=main", "."); err != nil {
		return nil, err
	}
	var revisions []string
	for v, version := range demoVersions {
		if err := state(v, dir); err != nil {
			return nil, err
		}
		if _, err := gitOutput(ctx, dir, demoDates[v], "add", "--all"); err != nil {
			return nil, err
		}
		status, err := gitOutput(ctx, dir, demoDates[v], "status", "--porcelain")
		if err != nil {
			return nil, err
		}
		if status != "" {
			if _, err := gitOutput(ctx, dir, demoDates[v], "commit", "--quiet", "-m", "Skiff "+version); err != nil {
				return nil, err
			}
		}
		head, err := gitOutput(ctx, dir, demoDates[v], "rev-parse", "HEAD")
		if err != nil {
			return nil, err
		}
		revisions = append(revisions, strings.TrimSpace(head))
	}
	return revisions, nil
}

// overlay copies a directory of the embedded product over dir.
func overlay(dir, name string) error {
	root := path.Join("skiff", name)
	return fs.WalkDir(testdata.Skiff, root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(testdata.Skiff, p)
		if err != nil {
			return err
		}
		// A file named go.mod would cut the directory out of our module.
		name := strings.Replace(strings.TrimPrefix(p, root+"/"), "go.mod.txt", "go.mod", 1)
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o644)
	})
}

// dropRemoved deletes what the product's removed-files names: an overlay can
// add and change files, but not take one away.
func dropRemoved(dir string) error {
	list, err := os.ReadFile(filepath.Join(dir, "removed-files"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := os.Remove(filepath.Join(dir, line)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeChangesets pins every locale. Japanese for the Mac is a locale of its
// own, as Firefox has it.
func writeChangesets(file, revision string) error {
	type changeset struct {
		Pin       bool     `json:"pin"`
		Platforms []string `json:"platforms"`
		Revision  string   `json:"revision"`
	}
	all := []string{"linux64", "macosx64", "win64"}
	list := map[string]changeset{
		"ja":        {Platforms: []string{"linux64", "win64"}, Revision: revision},
		"ja-JP-mac": {Platforms: []string{"macosx64"}, Revision: revision},
	}
	for _, locale := range []string{"ar", "de", "fr", "pt-BR"} {
		list[locale] = changeset{Platforms: all, Revision: revision}
	}
	b, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

// gitOutput runs git with a fixed author and date and nobody's configuration.
func gitOutput(ctx context.Context, dir string, when time.Time, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	date := fmt.Sprintf("%d +0000", when.Unix())
	cmd.Env = append(withoutGit(os.Environ()), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Skiff", "GIT_AUTHOR_EMAIL=crew@skiff.example", "GIT_AUTHOR_DATE="+date,
		"GIT_COMMITTER_NAME=Skiff", "GIT_COMMITTER_EMAIL=crew@skiff.example", "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// withoutGit drops what would lead git elsewhere, say inside a hook.
func withoutGit(env []string) []string {
	return slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GIT_") })
}
