package pipeline

import (
	"context"
	"encoding/json"
	"io"
)

// File is one output of a task: a name and the digest of bytes in the cache.
type File struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // "sha256:…"
	Size   int64  `json:"size"`   // bytes
}

// Result is what a task leaves: files, and facts of a type that its kind chose.
type Result[F any] struct {
	Files []File `json:"files,omitempty"`
	Facts F      `json:"facts"`
}

// Raw is a result whose facts have not been looked at.
type Raw = Result[json.RawMessage]

// Call is what a kind's function is given besides its arguments.
type Call struct {
	Task    Task
	Key     string // the task's key
	Run     string // the run's ID; must never influence the result's bytes
	Attempt int    // from 1
	// Needs are the results of Task.Needs, in that order.
	Needs []Raw
	// Log takes the task's own log, line by line. Secrets are redacted in it.
	Log io.Writer
	// Progress reports done of total, in units ("bytes", "files"); total 0 is unknown.
	Progress func(done, total int64, unit string)
}

// Need decodes the result of the i-th need.
func Need[F any](c Call, i int) (Result[F], error) {
	r := Result[F]{Files: c.Needs[i].Files}
	if len(c.Needs[i].Facts) == 0 {
		return r, nil
	}
	err := json.Unmarshal(c.Needs[i].Facts, &r.Facts)
	return r, err
}

// Kind is a registered function, its argument and result types erased.
type Kind struct {
	Name    string
	Version int // part of the key: raise it when the same inputs give other bytes
	Run     func(ctx context.Context, c Call) (Raw, error)
	// Probe asks the world whether the effect has already happened. Required
	// for kinds whose tasks have the effect Once.
	Probe func(ctx context.Context, c Call) (Raw, bool, error)
}

// Typed makes a Kind of typed functions; probe may be nil. Arguments and facts
// cross as JSON on the first run too, so what would break on resume breaks today.
func Typed[A, F any](name string, version int,
	run func(ctx context.Context, c Call, args A) (Result[F], error),
	probe func(ctx context.Context, c Call, args A) (Result[F], bool, error),
) Kind {
	k := Kind{Name: name, Version: version}
	k.Run = func(ctx context.Context, c Call) (Raw, error) {
		args, err := decodeArgs[A](c.Task)
		if err != nil {
			return Raw{}, err
		}
		res, err := run(ctx, c, args)
		if err != nil {
			return Raw{}, err
		}
		return erase(res)
	}
	if probe != nil {
		k.Probe = func(ctx context.Context, c Call) (Raw, bool, error) {
			args, err := decodeArgs[A](c.Task)
			if err != nil {
				return Raw{}, false, err
			}
			res, ok, err := probe(ctx, c, args)
			if err != nil || !ok {
				return Raw{}, false, err
			}
			raw, err := erase(res)
			return raw, err == nil, err
		}
	}
	return k
}

// Registry finds kinds by name.
type Registry map[string]Kind
