package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"slipway/release/pipeline"
)

// ledger writes one run's history. Everything that one step of the engine
// decides goes into one transaction: one fsync for many tasks, and nothing
// half-told after a crash.
type ledger struct {
	conn *sql.Conn
	run  string
	lock Lock // zero for a command applied while no engine runs
	seq  int64
	hash string

	prepared map[string]*sql.Stmt
}

func openLedger(ctx context.Context, j *Journal, run string) (*ledger, error) {
	conn, err := j.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &ledger{conn: conn, run: run, prepared: map[string]*sql.Stmt{}}, nil
}

func (l *ledger) close() {
	for _, s := range l.prepared {
		s.Close()
	}
	l.conn.Close()
}

// within runs step in one transaction under the write lock of the database,
// after making sure that the run's own lock is still ours.
func (l *ledger) within(ctx context.Context, step func() error) error {
	// What was decided is written even when the engine is being told to end.
	ctx = context.WithoutCancel(ctx)
	if err := l.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := l.recall(ctx)
	if err == nil {
		err = step()
	}
	if err == nil {
		err = l.exec(ctx, `UPDATE runs SET head_seq = ?, head_hash = ? WHERE id = ?`, l.seq, l.hash, l.run)
	}
	if err == nil {
		err = l.exec(ctx, "COMMIT")
	}
	if err != nil {
		l.conn.ExecContext(ctx, "ROLLBACK") // the error that led here is the one to tell
	}
	return err
}

// recall reads the head of the chain and checks the fence.
func (l *ledger) recall(ctx context.Context) error {
	if l.lock.Fence != 0 {
		if err := l.lock.verify(ctx, l.conn); err != nil {
			return err
		}
	}
	head, err := l.stmt(ctx, `SELECT head_seq, head_hash FROM runs WHERE id = ?`)
	if err != nil {
		return err
	}
	err = head.QueryRowContext(ctx, l.run).Scan(&l.seq, &l.hash)
	if err == sql.ErrNoRows {
		l.seq, l.hash = 0, ""
		return nil
	}
	return err
}

func (l *ledger) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := l.prepared[query]; ok {
		return s, nil
	}
	s, err := l.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	l.prepared[query] = s
	return s, nil
}

func (l *ledger) exec(ctx context.Context, query string, args ...any) error {
	s, err := l.stmt(ctx, query)
	if err != nil {
		return err
	}
	if _, err = s.ExecContext(ctx, args...); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// event appends to the chain.
func (l *ledger) event(ctx context.Context, e Event) (int64, error) {
	e.Seq, e.Prev = l.seq+1, l.hash
	e.At = e.At.UTC().Truncate(time.Millisecond)
	body, hash, err := e.seal()
	if err != nil {
		return 0, err
	}
	if err := l.exec(ctx, `INSERT INTO events (run, seq, body, hash) VALUES (?,?,?,?)`, l.run, e.Seq, body, hash); err != nil {
		return 0, err
	}
	l.seq, l.hash = e.Seq, hash
	return e.Seq, nil
}

// taskRow is where one task stands, as journalled.
type taskRow struct {
	state   pipeline.State
	attempt int
	key     string
	cached  bool
	started int64
	ended   int64
	trouble pipeline.Trouble
}

func (l *ledger) task(ctx context.Context, id string, r taskRow) error {
	return l.exec(ctx, `INSERT OR REPLACE INTO tasks
		(run, task, state, attempt, key, cached, started, ended, class, cause, text) VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
		l.run, id, string(r.state), r.attempt, r.key, r.cached, r.started, r.ended,
		string(r.trouble.Class), r.trouble.Cause, r.trouble.Text)
}

func taskRows(ctx context.Context, q querier, run string) (map[string]taskRow, error) {
	rows, err := q.QueryContext(ctx,
		`SELECT task, state, attempt, key, cached, started, ended, class, cause, text FROM tasks WHERE run = ?`, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]taskRow{}
	for rows.Next() {
		var id string
		var r taskRow
		if err := rows.Scan(&id, &r.state, &r.attempt, &r.key, &r.cached, &r.started, &r.ended,
			&r.trouble.Class, &r.trouble.Cause, &r.trouble.Text); err != nil {
			return nil, err
		}
		all[id] = r
	}
	return all, rows.Err()
}

// learn folds a duration into what is usual: the mean, leaning on the last
// few runs so that it follows a product that grows.
func (l *ledger) learn(ctx context.Context, product, task string, took time.Duration) error {
	return l.exec(ctx, `INSERT INTO durations (product, task, n, usual) VALUES (?1, ?2, 1, ?3)
		ON CONFLICT DO UPDATE SET usual = (usual * min(n, 4) + ?3) / (min(n, 4) + 1), n = n + 1`,
		product, task, took.Milliseconds())
}

func (l *ledger) standing(ctx context.Context, s pipeline.Standing, halt *Halt, ended time.Time) error {
	text := ""
	if halt != nil {
		b, err := json.Marshal(halt)
		if err != nil {
			return err
		}
		text = string(b)
	}
	return l.exec(ctx, `UPDATE runs SET standing = ?, halt = ?, ended = ? WHERE id = ?`, string(s), text, millis(ended), l.run)
}

// signoffsOf reads what people said at the gates of a run, oldest first.
func signoffsOf(ctx context.Context, q querier, run string) ([]pipeline.Signoff, error) {
	rows, err := q.QueryContext(ctx, `SELECT body FROM signoffs WHERE run = ? ORDER BY seq`, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []pipeline.Signoff
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		var s pipeline.Signoff
		if err := json.Unmarshal([]byte(body), &s); err != nil {
			return nil, fmt.Errorf("sign-off of %s: %w", run, err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
