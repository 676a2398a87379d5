package tui

import (
	"context"
	"time"
)

// Wizard is the part of [Source] behind the new-release form.
type Wizard interface {
	// Suggest proposes what the form starts with.
	Suggest(ctx context.Context) (Suggestion, error)
	// Preview plans a draft without writing anything.
	Preview(ctx context.Context, d Draft) (Preview, error)
	// Begin writes the plan and starts its engine; it returns the run's name.
	Begin(ctx context.Context, d Draft) (string, error)
}

// Draft is a release as the form has it so far.
type Draft struct {
	Version   string
	Build     int
	Revisions map[string]string // repository → full revision
	From      []string          // prior versions that get partials; nil: the usual
	Urgency   string            // routine or chemspill
}

// Suggestion fills the form for a start. A person still says yes to each.
type Suggestion struct {
	Version      string
	Build        int
	Repositories []string            // in the order asked, main first
	Recent       map[string][]Commit // newest first
	Priors       []string            // released versions, newest first
	Usual        []string            // of those, the ones that get partials by slipway.yaml
}

// Commit is a revision to choose.
type Commit struct {
	Revision, Author, When, Subject string
}

// Preview is what a draft would do.
type Preview struct {
	Candidate string
	Digest    string
	Lines     []string // platforms, locales, partners, partials
	Stages    []StagePreview
	Estimate  time.Duration // to do it all, by former runs; 0 when unknown
	Checked   []string      // what the preflight found in order
	Problems  []string      // of the preflight; empty when all is well
	Mail      string        // the go-to-build mail as it would be sent
	Command   []string      // the same by verbs

	Since       string   // the release that Differences compares with; empty: there is none
	Differences []string // a line for each value that is other than there
}

// StagePreview is one stage of the release checklist.
type StagePreview struct {
	Name  string
	Tasks int
}
