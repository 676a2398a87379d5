package git

import (
	"context"
	"errors"
	"fmt"
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

// Probe tells whether the remote already has everything the job asks for. If it
// has not, what is to be marked must still be there; or it is [ErrGone].
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
	if err != nil {
		return done, false, err
	}
	if len(push.specs) == 0 && len(done.Tags) == len(job.Tags) {
		return done, true, nil
	}
	return done, false, m.Reachable(ctx, job.Revision)
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
