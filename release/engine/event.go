package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"slipway/release/pipeline"
)

// EventType tells what an event is about.
type EventType string

const (
	RunEvent      EventType = "run"      // the run began, went on or ended
	TaskEvent     EventType = "task"     // a task moved from one state to another
	ApprovalEvent EventType = "approval" // somebody signed, rejected or revoked
	CommandEvent  EventType = "command"  // somebody paused, resumed, stopped, retried, cancelled
)

// Event is one line of a run's history. Each carries the hash of the one
// before it, so that nothing can be changed or taken out unseen.
type Event struct {
	Seq  int64     `json:"seq"`
	At   time.Time `json:"t"`
	Type EventType `json:"type"`
	By   string    `json:"by,omitempty"`
	What string    `json:"what,omitempty"` // run: began, continued, ended, interrupted; approval: approve, reject, revoke; command: its verb
	Task string    `json:"id,omitempty"`   // the task or gate

	From    pipeline.State `json:"from,omitempty"`
	To      pipeline.State `json:"to,omitempty"`
	Attempt int            `json:"attempt,omitempty"`
	Cached  bool           `json:"cached,omitempty"`
	Took    int64          `json:"ms,omitempty"`
	Key     string         `json:"key,omitempty"`
	Out     string         `json:"out,omitempty"`

	Class pipeline.Class `json:"class,omitempty"`
	Cause string         `json:"cause,omitempty"`
	Text  string         `json:"text,omitempty"` // the error, the reason given, or what was done

	Role string `json:"role,omitempty"`
	Have int    `json:"have,omitempty"`
	Need int    `json:"need,omitempty"`

	Standing pipeline.Standing `json:"standing,omitempty"`
	Plan     string            `json:"plan,omitempty"`
	Fence    int64             `json:"fence,omitempty"`

	Prev string `json:"prev"`
}

// seal writes the event's bytes and their hash.
func (e Event) seal() (body []byte, hash string, err error) {
	body, err = json.Marshal(e)
	return body, hashOf(body), err
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
