package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// History returns the events of a run after seq, oldest first.
func (j *Journal) History(ctx context.Context, run string, after int64) ([]Event, error) {
	if _, err := j.runOf(ctx, j.db, run); err != nil {
		return nil, err
	}
	return eventsOf(ctx, j.db, run, after)
}

func eventsOf(ctx context.Context, q querier, run string, after int64) ([]Event, error) {
	rows, err := q.QueryContext(ctx, `SELECT body FROM events WHERE run = ? AND seq > ? ORDER BY seq`, run, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		var e Event
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, fmt.Errorf("event after %d of %s: %w", after+int64(len(events)), run, err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// ErrChain is a history that was changed after it was written.
var ErrChain = errors.New("the history was changed after it was written")

// VerifyChain checks a run's history: numbers without gaps, each event's hash,
// each link to the one before, the head in the run's row, and the head that
// was noted outside the database. It returns how many events are sound.
func (j *Journal) VerifyChain(ctx context.Context, run string) (int64, error) {
	r, err := j.runOf(ctx, j.db, run)
	if err != nil {
		return 0, err
	}
	noted, err := j.notedHead(run)
	if err != nil {
		return 0, err
	}
	rows, err := j.db.QueryContext(ctx, `SELECT seq, body, hash FROM events WHERE run = ? ORDER BY seq`, run)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var last head
	for rows.Next() {
		var (
			seq  int64
			body []byte
			hash string
			e    Event
		)
		if err := rows.Scan(&seq, &body, &hash); err != nil {
			return last.Seq, err
		}
		if err := json.Unmarshal(body, &e); err != nil {
			return last.Seq, fmt.Errorf("%w: event %d: %w", ErrChain, seq, err)
		}
		switch {
		case seq != last.Seq+1 || e.Seq != seq:
			return last.Seq, fmt.Errorf("%w: after event %d comes %d (it says %d)", ErrChain, last.Seq, seq, e.Seq)
		case e.Prev != last.Hash:
			return last.Seq, fmt.Errorf("%w: event %d follows %.12s, but event %d is %.12s", ErrChain, seq, e.Prev, last.Seq, last.Hash)
		case hashOf(body) != hash:
			return last.Seq, fmt.Errorf("%w: event %d hashes to %.12s, recorded as %.12s", ErrChain, seq, hashOf(body), hash)
		case seq == noted.Seq && hash != noted.Hash:
			return last.Seq, fmt.Errorf("%w: event %d is %.12s, but was noted outside as %.12s", ErrChain, seq, hash, noted.Hash)
		}
		last = head{Seq: seq, Hash: hash}
	}
	if err := rows.Err(); err != nil {
		return last.Seq, err
	}
	if last.Seq < noted.Seq {
		return last.Seq, fmt.Errorf("%w: it ends at event %d, but %d was noted outside", ErrChain, last.Seq, noted.Seq)
	}
	// The run may have moved on since its row was read.
	if last.Seq < r.Seq || last.Seq == r.Seq && last.Hash != r.headHash {
		return last.Seq, fmt.Errorf("%w: it ends at event %d (%.12s), its head says %d (%.12s)", ErrChain, last.Seq, last.Hash, r.Seq, r.headHash)
	}
	return last.Seq, nil
}

// head is the end of a chain. It is also noted in a file of its own, so that a
// database cut short, rows and head alike, is found out.
type head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

func (j *Journal) headPath(run string) string {
	return filepath.Join(j.dir, "heads", run+".json")
}

func (j *Journal) notedHead(run string) (head, error) {
	b, err := os.ReadFile(j.headPath(run))
	if errors.Is(err, os.ErrNotExist) {
		return head{}, nil
	}
	if err != nil {
		return head{}, err
	}
	var h head
	if err := json.Unmarshal(b, &h); err != nil {
		return head{}, fmt.Errorf("%s: %w", j.headPath(run), err)
	}
	return h, nil
}

// noteHead writes the head beside the database, atomically. It may lag behind
// the journal, never run ahead of it: it is written after the commit.
func (j *Journal) noteHead(run string, h head) error {
	path := j.headPath(run)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".head-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // a no-op once renamed
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
