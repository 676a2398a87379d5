package tui

import (
	"context"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// Source is what the console looks at and acts through. The program puts the
// journal behind it, tests a made-up release. Its methods may take time and
// are never called from Update or View, only from commands.
type Source interface {
	// Runs lists every run, the newest first.
	Runs(ctx context.Context) ([]engine.Run, error)
	// Snapshot is one run as it stands now.
	Snapshot(ctx context.Context, run string) (*engine.Snapshot, error)
	// Log is the end of a task's log, at most so many lines, and its file.
	Log(ctx context.Context, run, task string, attempt, lines int) (Log, error)
	// Task tells what a task read, made and tried.
	Task(ctx context.Context, run string, t engine.TaskView) (TaskFacts, error)
	// History is a run's events after a sequence number, oldest first.
	History(ctx context.Context, run string, after int64) ([]engine.Event, error)
	// Chain verifies the hash chain and returns its length.
	Chain(ctx context.Context, run string) (int64, error)
	// Facts are what screens beside the board tell of a run.
	Facts(ctx context.Context, run string) (Facts, error)
	// Send hands a command to the run's engine and waits for its answer.
	Send(ctx context.Context, cmd engine.Command) (string, error)
	// Product is what slipway.yaml says now.
	Product() Product
	// Keep writes what was copied into a file and returns its path.
	Keep(ctx context.Context, text string) (string, error)
	// Exec runs one of our own verbs, given as typed after "slipway".
	Exec(ctx context.Context, args []string) (string, error)
	// Wizard answers what the new-release form asks.
	Wizard
}

// Log is the end of a task's log.
type Log struct {
	Path  string
	Lines []string
	Total int // lines of the whole log
}

// TaskFacts are what stands beside a task's log.
type TaskFacts struct {
	Inputs, Outputs []FileFacts
	Attempts        []AttemptFacts
}

// FileFacts is a file by name and digest.
type FileFacts struct {
	Name, Digest string
	Size         int64
}

// AttemptFacts is one try of a task.
type AttemptFacts struct {
	Number int
	Began  time.Time
	Took   time.Duration
	State  pipeline.State
	Cause  string
}

// Env is what the console knows of its surroundings. Nothing in a view asks
// the machine; tests freeze all of it.
type Env struct {
	Now      func() time.Time
	User     string
	Host     string
	Look     Look
	ReadOnly bool     // looks, and acts on nothing
	Flags    []string // where state and cache lie, as given: every shown command carries them
	Self     string   // our own program, for what wants the terminal to itself
	Product  Product
	Tmux     bool // inside tmux: notifications and clipboard need its leave
	Screen   bool // inside GNU screen, which passes neither on

	Keys    Keymap   // nil: the standard ones
	Filters []Filter // a person's own, offered where one filters
}

// Filter is a query that somebody wanted to keep.
type Filter struct{ Name, Query string }

// Product is what slipway.yaml says, or that there is none.
type Product struct {
	Config string // path; empty: none was found
	Name   string
	Title  string
}

// Facts are gathered for the screens updates, signing and mails.
type Facts struct {
	Cache   CacheFacts
	Updates []UpdateFacts
	Keys    []KeyFacts
	// KeysLoaded tells that all keys have answered: one may ask a program or a
	// person, and until then Keys is empty.
	KeysLoaded bool
	Signed     []SignFacts
	Mails      []MailFacts
	Rollout    RolloutFacts
}

// CacheFacts are the diff cache's counts.
type CacheFacts struct {
	Spaces        []SpaceFacts // what the lookups were for, the most first
	Lookups, Hits int64        // in the life of the cache
	BytesSaved    int64        // bytes that were not made again
	TimeSaved     time.Duration
	Size          int64 // bytes on disk
}

// SpaceFacts are the lookups of one kind of work.
type SpaceFacts struct {
	Name          string
	Lookups, Hits int64
	TimeSaved     time.Duration
}

// UpdateFacts are the partials from one prior release.
type UpdateFacts struct {
	From              string
	Done, Total       int
	Complete, Partial int64         // bytes of all completes and partials made so far
	Cached            int           // found by key: the same work was done before
	Took              time.Duration // to make them
}

// KeyFacts are what a coordinator compares with the card in the safe.
type KeyFacts struct {
	Purpose, Name, Fingerprint, Algorithm string
	Expires                               time.Time // zero: never
	Problem                               string    // why it cannot sign; empty when it can
}

// SignFacts are the files of one format.
type SignFacts struct {
	Format                       string
	Done, Running, Total, Failed int
}

// MailFacts is one mail of the run.
type MailFacts struct {
	Subject, To, State string // state: planned, sent, or the task's
	When               time.Time
	Text               string
}
