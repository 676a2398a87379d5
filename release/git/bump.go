package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"
)

// Change is new content for one file of a repository.
type Change struct {
	Path    string `json:"path"`
	Content string `json:"content"`
}

// Person signs commits and tags.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// environment makes commits and tags depend on the job alone.
func (p Person) environment(when time.Time) []string {
	date := fmt.Sprintf("%d +0000", when.Unix())
	return []string{
		"GIT_AUTHOR_NAME=" + p.Name, "GIT_AUTHOR_EMAIL=" + p.Email, "GIT_AUTHOR_DATE=" + date,
		"GIT_COMMITTER_NAME=" + p.Name, "GIT_COMMITTER_EMAIL=" + p.Email, "GIT_COMMITTER_DATE=" + date,
	}
}

// bump commits changes on top of rev and returns the commit; without a change
// it is rev itself. The files must exist: a version file that has moved is a
// mistake in the configuration, not a file to create.
func (m *Mirror) bump(ctx context.Context, job TagJob) (string, error) {
	scratch, err := os.MkdirTemp(filepath.Dir(m.dir), "index-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(scratch, "index")}
	if _, err := m.feed(ctx, nil, index, "read-tree", job.Revision); err != nil {
		return "", err
	}
	changes := append([]Change{}, job.Changes...)
	sort.Slice(changes, func(i, j int) bool { return changes[i].Path < changes[j].Path })
	changed := false
	for _, c := range changes {
		old, err := m.ReadFile(ctx, job.Revision, c.Path)
		if err != nil {
			return "", err
		}
		if string(old) == c.Content {
			continue
		}
		changed = true
		blob, err := m.feed(ctx, []byte(c.Content), nil, "hash-object", "-w", "--stdin")
		if err != nil {
			return "", err
		}
		mode, err := m.mode(ctx, job.Revision, c.Path)
		if err != nil {
			return "", err
		}
		if _, err := m.feed(ctx, nil, index, "update-index", "--cacheinfo", mode+","+blob+","+c.Path); err != nil {
			return "", err
		}
	}
	if !changed {
		return job.Revision, nil
	}
	tree, err := m.feed(ctx, nil, index, "write-tree")
	if err != nil {
		return "", err
	}
	return m.feed(ctx, []byte(job.Message+"\n"), job.By.environment(job.When), "commit-tree", "-p", job.Revision, tree)
}

// mode is the git mode of a file; a link or a submodule cannot be bumped.
func (m *Mirror) mode(ctx context.Context, rev, path string) (string, error) {
	out, err := m.run(ctx, "ls-tree", "-z", "--format=%(objectmode)", "--end-of-options", rev, path)
	if err != nil {
		return "", err
	}
	if len(out) != 7 || out[:3] != "100" {
		return "", fmt.Errorf("%s at %s: %q is not a plain file (mode %q)", m.Name, rev, path, out)
	}
	return out[:6], nil
}

// checkPerson refuses what would end a header line of a commit.
func checkPerson(p Person) error {
	var errs []error
	for _, s := range []string{p.Name, p.Email} {
		for _, r := range s {
			if isControl(r) || r == '<' || r == '>' {
				errs = append(errs, fmt.Errorf("tagger %q: contains %q", s, r))
				break
			}
		}
		if s == "" {
			errs = append(errs, errors.New("tagger: name and email are both needed"))
		}
	}
	return errors.Join(errs...)
}
