package engine

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// schemaVersion is raised with each change of the tables; a journal of a newer
// one is refused, never guessed at.
const schemaVersion = 1

const schema = `
CREATE TABLE graphs (
	digest TEXT PRIMARY KEY,
	body   BLOB NOT NULL              -- graph and versions of its kinds, JSON
) WITHOUT ROWID;
CREATE TABLE runs (
	id        TEXT PRIMARY KEY,       -- skiff-1.2-build1
	product   TEXT NOT NULL,
	version   TEXT NOT NULL,
	build     INTEGER NOT NULL,
	channel   TEXT NOT NULL,
	plan      TEXT NOT NULL,          -- digest
	plan_body BLOB NOT NULL,
	origin    TEXT NOT NULL,          -- the plan's file, from which its relative paths start
	graph     TEXT NOT NULL,          -- digest
	tasks     INTEGER NOT NULL,
	began     INTEGER NOT NULL,       -- Unix milliseconds, as all times here
	began_by  TEXT NOT NULL,
	standing  TEXT NOT NULL,
	halt      TEXT NOT NULL DEFAULT '', -- who paused or stopped it, JSON
	ended     INTEGER NOT NULL DEFAULT 0,
	head_seq  INTEGER NOT NULL DEFAULT 0,
	head_hash TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE locks (
	resource TEXT PRIMARY KEY,        -- product/channel
	run      TEXT NOT NULL,           -- holder, empty when free
	by       TEXT NOT NULL,
	why      TEXT NOT NULL,
	since    INTEGER NOT NULL,
	fence    INTEGER NOT NULL,        -- grows with each engine that takes it
	host     TEXT NOT NULL,
	boot     TEXT NOT NULL,           -- empty; as start, of journals from before engines locked a file
	pid      INTEGER NOT NULL,        -- of the engine process on host; 0 when it left
	start    TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE events (
	run  TEXT NOT NULL,
	seq  INTEGER NOT NULL,            -- from 1 without gaps
	body BLOB NOT NULL,               -- JSON, with the hash of the event before
	hash TEXT NOT NULL,               -- SHA-256 of body
	PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE tasks (                      -- where each task stands after the last event
	run     TEXT NOT NULL,
	task    TEXT NOT NULL,
	state   TEXT NOT NULL,
	attempt INTEGER NOT NULL,
	key     TEXT NOT NULL,
	cached  INTEGER NOT NULL,
	started INTEGER NOT NULL,
	ended   INTEGER NOT NULL,
	class   TEXT NOT NULL,
	cause   TEXT NOT NULL,
	text    TEXT NOT NULL,
	PRIMARY KEY (run, task)
) WITHOUT ROWID;
CREATE TABLE progress (                   -- overwritten, not journalled
	run   TEXT NOT NULL,
	task  TEXT NOT NULL,
	done  INTEGER NOT NULL,
	total INTEGER NOT NULL,
	unit  TEXT NOT NULL,
	heard INTEGER NOT NULL,           -- last output or progress
	PRIMARY KEY (run, task)
) WITHOUT ROWID;
CREATE TABLE results (
	key  TEXT PRIMARY KEY,
	out  TEXT NOT NULL,
	body BLOB NOT NULL,
	run  TEXT NOT NULL,               -- who made it
	task TEXT NOT NULL,
	made INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE signoffs (
	run  TEXT NOT NULL,
	body TEXT NOT NULL,
	seq  INTEGER NOT NULL,            -- the event that recorded it
	PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE commands (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	run      TEXT NOT NULL,
	sent     INTEGER NOT NULL,
	body     TEXT NOT NULL,
	answered INTEGER NOT NULL DEFAULT 0,
	refusal  TEXT NOT NULL DEFAULT '',
	answer   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX commands_open ON commands (run) WHERE answered = 0;
CREATE TABLE durations (
	product TEXT NOT NULL,
	task    TEXT NOT NULL,
	n       INTEGER NOT NULL,
	usual   INTEGER NOT NULL,         -- milliseconds
	PRIMARY KEY (product, task)
) WITHOUT ROWID;
`

// rolloutIndex holds only what was said of rollouts, a handful of events among
// tens of thousands, so that no list of releases has to read them all. Journals
// that were begun without it get it when they are opened.
const rolloutIndex = `CREATE INDEX IF NOT EXISTS events_rollout ON events (run, seq) WHERE ` + ofRollout + `;`

// Journal is the state directory: journal.db and the task logs. Any number of
// processes may have it open.
type Journal struct {
	db  *sql.DB
	dir string
}

// Open opens the journal of a state directory, making it when there is none.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "journal.db")
	// FULL costs an fsync per commit and is what survives a power cut: NORMAL
	// may lose the last commits, and "was this signed?" must not be lost.
	db, err := sql.Open("sqlite", "file:"+path+
		"?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	j := &Journal{db: db, dir: dir}
	if err := j.migrate(context.Background()); err != nil {
		db.Close()
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

// Close closes the journal.
func (j *Journal) Close() error { return j.db.Close() }

// Dir is the state directory.
func (j *Journal) Dir() string { return j.dir }

func (j *Journal) migrate(ctx context.Context) error {
	have, err := j.version(ctx, j.db)
	if err == nil && have == schemaVersion {
		_, err = j.db.ExecContext(ctx, rolloutIndex)
		return err
	}
	if err != nil {
		return err
	}
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Another process may have made the tables while this one waited.
	if have, err = j.version(ctx, tx); err != nil || have == schemaVersion {
		return err
	}
	if have != 0 {
		return fmt.Errorf("written by a newer slipway: schema %d, this one knows %d", have, schemaVersion)
	}
	if _, err := tx.ExecContext(ctx, schema+rolloutIndex+fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion)); err != nil {
		return err
	}
	return tx.Commit()
}

func (j *Journal) version(ctx context.Context, q querier) (n int, err error) {
	err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&n)
	return n, err
}

// querier is a database, a connection or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
