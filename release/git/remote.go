package git

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// compare looks at the remote's refs. Tags that are already right are noted in
// done; the branch is added to what is pushed when it is missing.
func (m *Mirror) compare(ctx context.Context, job TagJob, commit string, done *Tagged) (*push, error) {
	refs, err := m.remoteRefs(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("tagging %s: %w", m.Name, err)
	}
	p := &push{lease: map[string]string{}}
	var errs []error
	if job.Branch != "" {
		ref := "refs/heads/" + job.Branch
		switch have := refs[ref]; have {
		case "":
			p.add(ref, commit)
		case commit:
		default:
			errs = append(errs, &Conflict{m.Name, ref, have, commit, "the branch is somebody else's, or of another plan"})
		}
	}
	for _, name := range job.Tags {
		ref := "refs/tags/" + name
		have := refs[ref]
		if have == "" {
			continue
		}
		marks, err := m.readTag(ctx, name, have)
		switch {
		case err != nil:
			errs = append(errs, &Conflict{m.Name, ref, have, commit, err.Error()})
		case marks == commit:
			done.Tags[name] = have
		case job.Leave[name] == marks:
			p.lease[ref] = have
		default:
			errs = append(errs, &Conflict{m.Name, ref, marks, commit, "the tag exists and marks another commit; a published tag is never moved"})
		}
	}
	return p, errors.Join(errs...)
}

// remoteRefs asks the remote for the refs that the job names.
func (m *Mirror) remoteRefs(ctx context.Context, job TagJob) (map[string]string, error) {
	args := []string{"ls-remote", "--end-of-options", m.URL}
	if job.Branch != "" {
		args = append(args, "refs/heads/"+job.Branch)
	}
	for _, name := range job.Tags {
		args = append(args, "refs/tags/"+name)
	}
	out, err := m.run(ctx, args...)
	if err != nil {
		return nil, err
	}
	refs := map[string]string{}
	for _, l := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		if id, ref, ok := strings.Cut(l, "\t"); ok {
			refs[ref] = id
		}
	}
	return refs, nil
}

// readTag fetches a remote tag and returns the commit it marks. "git
// verify-tag" does not compare a ref's name with the name inside the object,
// so a renamed tag passes it; we compare.
func (m *Mirror) readTag(ctx context.Context, name, id string) (string, error) {
	if !m.hasObject(ctx, id) {
		if err := m.Fetch(ctx); err != nil {
			return "", err
		}
	}
	kind, err := m.run(ctx, "cat-file", "-t", id)
	if err != nil {
		return "", err
	}
	if kind != "tag\n" {
		return "", fmt.Errorf("it is a lightweight tag (a %s); want an annotated one", strings.TrimSpace(kind))
	}
	text, err := m.run(ctx, "cat-file", "tag", id)
	if err != nil {
		return "", err
	}
	head := map[string]string{}
	for _, l := range strings.Split(text, "\n") {
		key, value, ok := strings.Cut(l, " ")
		if !ok {
			break
		}
		head[key] = value
	}
	switch {
	case head["tag"] != name:
		return "", fmt.Errorf("the tag object calls itself %q: a tag was renamed", head["tag"])
	case head["type"] != "commit":
		return "", fmt.Errorf("it marks a %s; want a commit", head["type"])
	}
	return head["object"], CheckRevision(head["object"])
}

func (m *Mirror) hasObject(ctx context.Context, id string) bool {
	_, err := m.run(ctx, "cat-file", "-e", id)
	return err == nil
}

// push is one atomic update of a remote.
type push struct {
	specs []string
	lease map[string]string // ref → the object it may leave
}

func (p *push) add(ref, id string) { p.specs = append(p.specs, id+":"+ref) }

func (p *push) run(ctx context.Context, m *Mirror) error {
	if len(p.specs) == 0 {
		return nil
	}
	args := []string{"push", "--quiet", "--atomic", "--no-verify"}
	for _, spec := range p.specs {
		_, ref, _ := strings.Cut(spec, ":")
		// An empty expectation means "must not exist": nobody may have made
		// the ref since we looked.
		args = append(args, "--force-with-lease="+ref+":"+p.lease[ref])
	}
	sort.Strings(p.specs)
	args = append(append(args, "--end-of-options", m.URL), p.specs...)
	if _, err := m.run(ctx, args...); err != nil {
		return fmt.Errorf("pushing to %s (%s): %w", m.Name, m.URL, err)
	}
	return nil
}
