package git

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// TagJob asks for a release's mark on one repository: an optional commit that
// changes version files, an optional branch that holds it, and annotated tags.
type TagJob struct {
	Revision string   `json:"revision"` // the signed-off commit
	Branch   string   `json:"branch,omitempty"`
	Changes  []Change `json:"changes,omitempty"`
	Message  string   `json:"message"` // of the commit and the tags
	Tags     []string `json:"tags"`
	// Leave names commits that a tag may leave: tag → the commit it marks
	// today. A respin moves _RELEASE away from the candidate before it.
	Leave map[string]string `json:"leave,omitempty"`
	By    Person            `json:"by"`
	When  time.Time         `json:"when"` // of commit and tags; from the plan, never from a clock
}

// Tagged is the report of one repository.
type Tagged struct {
	Repository string            `json:"repository"`
	Revision   string            `json:"revision"` // what the tags mark: the bump commit, or the job's revision
	Branch     string            `json:"branch,omitempty"`
	Tags       map[string]string `json:"tags"` // name → tag object
}

// Sign returns an armoured detached signature of a tag object's text; nil
// leaves tags unsigned.
type Sign func(ctx context.Context, text []byte) ([]byte, error)

// Conflict is a remote ref that is not what the plan wants and not ours to move.
type Conflict struct {
	Repository, Ref string
	Have, Want      string // object ids
	Why             string
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("%s: %s is %s, want %s: %s", c.Repository, c.Ref, c.Have, c.Want, c.Why)
}

// Tag makes and pushes what the job asks for. A second run finds everything in
// place and moves nothing; anything else that bears one of the names is a
// [Conflict], all of them reported together.
func (m *Mirror) Tag(ctx context.Context, job TagJob, sign Sign) (Tagged, error) {
	if err := job.check(); err != nil {
		return Tagged{}, fmt.Errorf("tagging %s: %w", m.Name, err)
	}
	if err := m.Need(ctx, job.Revision); err != nil {
		return Tagged{}, fmt.Errorf("tagging %s: %w", m.Name, err)
	}
	commit, err := m.bump(ctx, job)
	if err != nil {
		return Tagged{}, fmt.Errorf("tagging %s: %w", m.Name, err)
	}
	done := Tagged{Repository: m.Name, Revision: commit, Branch: job.Branch, Tags: map[string]string{}}
	push, err := m.compare(ctx, job, commit, &done)
	if err != nil {
		return Tagged{}, err
	}
	for _, name := range job.Tags {
		if done.Tags[name] != "" {
			continue
		}
		id, err := m.makeTag(ctx, job, name, commit, sign)
		if err != nil {
			return Tagged{}, fmt.Errorf("tagging %s: %w", m.Name, err)
		}
		done.Tags[name] = id
		push.add("refs/tags/"+name, id)
	}
	return done, push.run(ctx, m)
}

// Probe tells whether the remote already has everything the job asks for.
func (m *Mirror) Probe(ctx context.Context, job TagJob) (Tagged, bool, error) {
	if err := job.check(); err != nil {
		return Tagged{}, false, fmt.Errorf("tagging %s: %w", m.Name, err)
	}
	if err := m.Need(ctx, job.Revision); err != nil {
		return Tagged{}, false, err
	}
	commit, err := m.bump(ctx, job)
	if err != nil {
		return Tagged{}, false, err
	}
	done := Tagged{Repository: m.Name, Revision: commit, Branch: job.Branch, Tags: map[string]string{}}
	push, err := m.compare(ctx, job, commit, &done)
	return done, err == nil && len(push.specs) == 0 && len(done.Tags) == len(job.Tags), err
}

func (job TagJob) check() error {
	errs := []error{CheckRevision(job.Revision), checkPerson(job.By)}
	if job.Branch != "" {
		errs = append(errs, CheckRef(job.Branch))
	}
	for _, name := range job.Tags {
		errs = append(errs, CheckRef(name))
	}
	for _, c := range job.Changes {
		errs = append(errs, CheckPath(c.Path))
	}
	if job.When.Unix() <= 0 {
		errs = append(errs, errors.New("the plan gives no time for commit and tags"))
	}
	if strings.Contains(job.Message, "\x00") || strings.TrimSpace(job.Message) == "" {
		errs = append(errs, fmt.Errorf("message %q: want text", job.Message))
	}
	return errors.Join(errs...)
}

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

// makeTag writes a tag object; mktag refuses a malformed one.
func (m *Mirror) makeTag(ctx context.Context, job TagJob, name, commit string, sign Sign) (string, error) {
	text := fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s <%s> %d +0000\n\n%s\n",
		commit, name, job.By.Name, job.By.Email, job.When.Unix(), job.Message)
	if sign != nil {
		armour, err := sign(ctx, []byte(text))
		if err != nil {
			return "", fmt.Errorf("signing tag %s: %w", name, err)
		}
		text += strings.TrimSuffix(string(armour), "\n") + "\n"
	}
	return m.feed(ctx, []byte(text), nil, "mktag")
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
