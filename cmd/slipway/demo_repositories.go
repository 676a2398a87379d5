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
