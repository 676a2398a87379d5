package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"slipway/release/pipeline"
)

// keep stores a result unless its key has one: the first stored wins, and what
// is stored is what comes back. Replace is for a result whose bytes are gone.
func (l *ledger) keep(ctx context.Context, key, task string, out string, raw pipeline.Raw, now time.Time, replace bool) (string, pipeline.Raw, error) {
	if replace {
		if err := l.exec(ctx, `DELETE FROM results WHERE key = ?`, key); err != nil {
			return "", raw, err
		}
	}
	body, err := json.Marshal(raw)
	if err != nil {
		return "", raw, err
	}
	s, err := l.stmt(ctx, `INSERT INTO results (key, out, body, run, task, made) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING`)
	if err != nil {
		return "", raw, err
	}
	res, err := s.ExecContext(ctx, key, out, body, l.run, task, millis(now))
	if err != nil {
		return "", raw, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return out, raw, err
	}
	out, raw, _, err = l.result(ctx, key)
	return out, raw, err
}

func (l *ledger) result(ctx context.Context, key string) (out string, raw pipeline.Raw, ok bool, err error) {
	s, err := l.stmt(ctx, selectResult)
	if err != nil {
		return "", raw, false, err
	}
	return scanResult(s.QueryRowContext(ctx, key), key)
}

// Result returns what is stored under a task's key.
func (j *Journal) Result(ctx context.Context, key string) (pipeline.Raw, bool, error) {
	_, raw, ok, err := resultOf(ctx, j.db, key)
	return raw, ok, err
}

const selectResult = `SELECT out, body FROM results WHERE key = ?`

func resultOf(ctx context.Context, q querier, key string) (out string, raw pipeline.Raw, ok bool, err error) {
	return scanResult(q.QueryRowContext(ctx, selectResult, key), key)
}

// scanResult reads a row of selectResult.
func scanResult(row *sql.Row, key string) (out string, raw pipeline.Raw, ok bool, err error) {
	var body []byte
	err = row.Scan(&out, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", raw, false, nil
	}
	if err != nil {
		return "", raw, false, err
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return "", raw, false, fmt.Errorf("result %s: %w", key, err)
	}
	return out, raw, true, nil
}
