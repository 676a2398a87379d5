package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"slipway/release/pipeline"
)

// afresh brings the journal up to date with what was found and asks once more
// for what had failed: running a release again is how one says "try again". Who
// chose what to try again since it last ran has said it better.
func (d *driver) afresh(ctx context.Context, chosen bool) error {
	for i := range d.m.Len() {
		if _, _, gate := d.m.Gate(i); !chosen && d.m.State(i) == pipeline.Failed && !gate {
			if err := d.m.Retry(i); err != nil {
				return err
			}
		}
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	orphans, err := d.reconcile(ctx)
	if err != nil || orphans == 0 {
		return err
	}
	_, err = d.event(ctx, Event{
		Type: RunEvent, At: d.now(), What: "recovered",
		Text: fmt.Sprintf("%s under way when the last engine died", tasks(orphans)),
	})
	return err
}

// chosen tells whether somebody asked for a retry since an engine last told of
// itself: when it ended or, killed, when it began.
func (l *ledger) chosen(ctx context.Context) (bool, error) {
	rows, err := l.conn.QueryContext(ctx, `SELECT body FROM events WHERE run = ? ORDER BY seq DESC`, l.run)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		var e Event
		if err := rows.Scan(&body); err != nil {
			return false, err
		}
		if err := json.Unmarshal(body, &e); err != nil {
			return false, err
		}
		switch {
		case e.Type == RunEvent:
			return false, nil
		case e.Type == CommandEvent && e.What == verbRetry:
			return true, nil
		}
	}
	return false, rows.Err()
}
