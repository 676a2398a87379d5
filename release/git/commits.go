package git

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Commit is what a release needs to know of a revision.
type Commit struct {
	Revision string    `json:"revision"`
	Tree     string    `json:"tree"`
	Author   string    `json:"author"`
	Subject  string    `json:"subject"`
	When     time.Time `json:"when"` // committer time, UTC
}

// Commit reads a revision, fetching it when needed.
func (m *Mirror) Commit(ctx context.Context, rev string) (Commit, error) {
	if err := m.Need(ctx, rev); err != nil {
		return Commit{}, err
	}
	out, err := m.run(ctx, "show", "--no-patch", "--no-show-signature", "--format=%H%x00%T%x00%an%x00%s%x00%ct", rev)
	if err != nil {
		return Commit{}, err
	}
	f := strings.Split(strings.TrimSuffix(out, "\n"), "\x00")
	if len(f) != 5 {
		return Commit{}, fmt.Errorf("commit %s of %s: git printed %q", rev, m.Name, out)
	}
	sec, err := strconv.ParseInt(f[4], 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("commit %s of %s: time %q", rev, m.Name, f[4])
	}
	return Commit{Revision: f[0], Tree: f[1], Author: f[2], Subject: f[3], When: time.Unix(sec, 0).UTC()}, nil
}

// Log lists the commits that are in to but not in from, newest first, at most
// limit of them. It shows what a release adds.
func (m *Mirror) Log(ctx context.Context, from, to string, limit int) ([]Commit, error) {
	if err := errors.Join(CheckRevision(from), CheckRevision(to)); err != nil {
		return nil, err
	}
	out, err := m.run(ctx, "rev-list", "--max-count="+strconv.Itoa(limit), to, "^"+from)
	if err != nil {
		return nil, err
	}
	return m.commits(ctx, strings.Fields(out))
}

// Recent fetches and lists the newest commits of a branch, for a person to
// choose from.
func (m *Mirror) Recent(ctx context.Context, branch string, limit int) ([]Commit, error) {
	if err := CheckRef(branch); err != nil {
		return nil, err
	}
	var out string
	err := m.fetched(ctx, func() (err error) {
		if out, err = m.run(ctx, "rev-list", "--max-count="+strconv.Itoa(limit), "refs/remote/heads/"+branch, "--"); err != nil {
			err = fmt.Errorf("branch %s of %s: %w", branch, m.Name, err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return m.commits(ctx, strings.Fields(out))
}

func (m *Mirror) commits(ctx context.Context, revs []string) ([]Commit, error) {
	var commits []Commit
	for _, rev := range revs {
		c, err := m.Commit(ctx, rev)
		if err != nil {
			return nil, err
		}
		commits = append(commits, c)
	}
	return commits, nil
}
