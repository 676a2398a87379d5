package pipeline

import (
	"encoding/json"
	"time"
)

// Task is one step of a release.
type Task struct {
	ID    string          `json:"id"`    // "repack/linux64/de": what people type
	Title string          `json:"title"` // "repack de for linux64": what people read
	Stage string          `json:"stage"` // row of the board: tag, build, repack, sign, …
	Lane  string          `json:"lane"`  // unit of splitting: a platform or a partner
	Kind  string          `json:"kind"`  // a registered function, or KindGate
	Needs []string        `json:"needs,omitempty"`
	Args  json.RawMessage `json:"args,omitempty"` // small; anything big is a digest in the cache
	Pool  string          `json:"pool,omitempty"` // capacity class
	// Effect tells what a second execution would do to the world.
	Effect Effect    `json:"effect"`
	Try    TryPolicy `json:"try"`
	// Outputs are the names of the files that a green run must leave.
	Outputs []string `json:"outputs,omitempty"`

	// Platform and Locale place the task on the board; they never enter the key.
	Platform string `json:"platform,omitempty"`
	Locale   string `json:"locale,omitempty"`
}

// Graph is a release's tasks in the order of the release checklist: every
// task stands after those it needs.
type Graph struct {
	Tasks []Task `json:"tasks"`
}

// Effect is what a task does outside the cache and the journal.
type Effect string

const (
	Pure       Effect = "pure"       // nothing
	Idempotent Effect = "idempotent" // twice is the same as once
	Once       Effect = "once"       // asks the world first: tag, upload, mail, rollout
)

// TryPolicy is data, applied alike by every engine.
type TryPolicy struct {
	Attempts int           `json:"attempts"`          // in all, at least 1
	Backoff  time.Duration `json:"backoff,omitempty"` // before the second attempt; doubles
	Timeout  time.Duration `json:"timeout,omitempty"` // of one attempt; 0 is none
	Quiet    time.Duration `json:"quiet,omitempty"`   // silence after which the task is shown as quiet; kills nothing
	// Transient are regular expressions: a failure is the world's, and may pass, if
	// a line of what was printed has one of them.
	Transient []string `json:"transient,omitempty"`
}

// KindGate is the kind of a task that waits for people.
const KindGate = "gate"

// Gate is the arguments of a gate task. Plan is in it so that an approval is
// bound to the exact plan as well as to the outputs of what the gate needs.
type Gate struct {
	Name     string         `json:"name"`     // go-to-build, push, ship, qa-builds, qa-updates
	Question string         `json:"question"` // "QA signed off the builds?"
	Plan     string         `json:"plan"`     // digest of the plan
	Roles    map[string]int `json:"roles"`    // role → how many different people
	// People may name who fills a role; a role without names is open to anyone.
	People map[string][]string `json:"people,omitempty"`
	// Soak is how long the gate's first need should have stood when it opens.
	// It is shown to whoever approves, and closes nothing.
	Soak time.Duration `json:"soak,omitempty"`
}
