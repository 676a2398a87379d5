package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// ErrFenced ends an engine whose lock was taken over: whatever it still does
// must not count.
var ErrFenced = errors.New("another engine took over this run")

// Lock is who may release a product on a channel.
type Lock struct {
	Resource string    `json:"resource"` // product/channel
	Run      string    `json:"run"`
	By       string    `json:"by"`
	Why      string    `json:"why,omitempty"`
	Since    time.Time `json:"since"`
	Fence    int64     `json:"fence"`
	Host     string    `json:"host,omitempty"`
	PID      int       `json:"pid,omitempty"`
	Engine   bool      `json:"engine"` // an engine process is alive
}

// HeldError refuses a run and names the holder of the lock.
type HeldError struct {
	Lock Lock
	Want string // the run that was refused
}

func (e *HeldError) Error() string {
	l := e.Lock
	since := l.Since.UTC().Format("2006-01-02 15:04:05Z")
	if l.Run == e.Want {
		return fmt.Sprintf("%s already runs: engine process %d on %s, started by %s, since %s", l.Run, l.PID, l.Host, l.By, since)
	}
	text := fmt.Sprintf("%s is locked by %s since %s, held by %s", l.Resource, l.Run, since, l.By)
	if l.Why != "" {
		text += " (" + l.Why + ")"
	}
	if l.Engine {
		return fmt.Sprintf("%s; its engine is process %d on %s", text, l.PID, l.Host)
	}
	return text + "; no engine is running it"
}

// channelSep stands between the channels of a run that changes several.
const channelSep = "+"

func resource(product, channel string) string { return product + "/" + channel }

// lockOf reads a lock; a free or unknown one has no run.
func (j *Journal) lockOf(ctx context.Context, q querier, resource string) (Lock, error) {
	l := Lock{Resource: resource}
	var since int64
	err := q.QueryRowContext(ctx,
		`SELECT run, by, why, since, fence, host, pid FROM locks WHERE resource = ?`, resource).
		Scan(&l.Run, &l.By, &l.Why, &since, &l.Fence, &l.Host, &l.PID)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	l.Since = fromMillis(since)
	if l.Run != "" && l.PID != 0 {
		l.Engine, err = j.attended(l.Run)
	}
	return l, err
}

// take gives the lock to run and this process, which attends it, or refuses with
// a HeldError. A lock whose engine died stays with its run and only that run goes
// on under it. What the run held for other channels, by an earlier plan, is free.
func (j *Journal) take(ctx context.Context, q querier, resource, run, by, why string, now time.Time) (Lock, error) {
	l, err := j.lockOf(ctx, q, resource)
	if err != nil {
		return Lock{}, err
	}
	if l.Run != "" && l.Run != run {
		return Lock{}, &HeldError{Lock: l, Want: run}
	}
	other, err := j.overlapping(ctx, q, resource, run)
	if err != nil {
		return Lock{}, err
	}
	if other.Run != "" {
		return Lock{}, &HeldError{Lock: other, Want: run}
	}
	if l.Run == "" {
		l.By, l.Why, l.Since = by, why, now
	}
	l.Run, l.Fence, l.Engine = run, l.Fence+1, true
	l.Host, _ = os.Hostname()
	l.PID = os.Getpid()
	if _, err = q.ExecContext(ctx, `UPDATE locks SET run = '', pid = 0 WHERE run = ? AND resource <> ?`, run, resource); err != nil {
		return Lock{}, err
	}
	_, err = q.ExecContext(ctx, `INSERT OR REPLACE INTO locks
		(resource, run, by, why, since, fence, host, boot, pid, start) VALUES (?,?,?,?,?,?,?,'',?,'')`,
		l.Resource, l.Run, l.By, l.Why, millis(l.Since), l.Fence, l.Host, l.PID)
	return l, err
}

// overlapping finds another run's lock of the same product on some of the same
// channels: who releases to beta and release is in the way of one to beta alone.
func (j *Journal) overlapping(ctx context.Context, q querier, resource, run string) (Lock, error) {
	rows, err := q.QueryContext(ctx, `SELECT resource FROM locks WHERE run <> '' AND run <> ? ORDER BY resource`, run)
	if err != nil {
		return Lock{}, err
	}
	defer rows.Close()
	clash := ""
	for rows.Next() && clash == "" {
		var held string
		if err := rows.Scan(&held); err != nil {
			return Lock{}, err
		}
		if shareChannel(resource, held) {
			clash = held
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || clash == "" {
		return Lock{}, err
	}
	return j.lockOf(ctx, q, clash)
}

func shareChannel(a, b string) bool {
	product, mine, _ := strings.Cut(a, "/")
	other, theirs, _ := strings.Cut(b, "/")
	return product == other && slices.ContainsFunc(strings.Split(mine, channelSep), func(name string) bool {
		return slices.Contains(strings.Split(theirs, channelSep), name)
	})
}

// InTheWay tells whether another run holds what a run of this product and
// channel needs, as a [HeldError].
func (j *Journal) InTheWay(ctx context.Context, product, channel, run string) error {
	other, err := j.overlapping(ctx, j.db, resource(product, channel), run)
	if err != nil || other.Run == "" {
		return err
	}
	return &HeldError{Lock: other, Want: run}
}

// verify tells whether the lock is still the one that was taken.
func (l Lock) verify(ctx context.Context, q querier) error {
	var fence int64
	err := q.QueryRowContext(ctx, `SELECT fence FROM locks WHERE resource = ? AND run = ?`, l.Resource, l.Run).Scan(&fence)
	if errors.Is(err, sql.ErrNoRows) || err == nil && fence != l.Fence {
		return fmt.Errorf("%w: fence %d of %s is gone", ErrFenced, l.Fence, l.Resource)
	}
	return err
}

// leave says that no engine process is behind the lock any more; free gives up
// the lock itself.
func (l Lock) leave(ctx context.Context, q querier, free bool) error {
	run := l.Run
	if free {
		run = ""
	}
	_, err := q.ExecContext(ctx, `UPDATE locks SET pid = 0, run = ? WHERE resource = ? AND fence = ?`, run, l.Resource, l.Fence)
	return err
}
