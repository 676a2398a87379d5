package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// progressEvery bounds how often running tasks' progress is written: views
// need no more, and each time costs an fsync.
const progressEvery = time.Second

type asked struct {
	id  int64
	cmd Command
}

// commands reads the run's unanswered commands, oldest first.
func (d *driver) commands(ctx context.Context) ([]asked, error) {
	s, err := d.stmt(ctx, `SELECT id, body FROM commands WHERE run = ? AND answered = 0 ORDER BY id`)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, d.info.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []asked
	for rows.Next() {
		var a asked
		var body string
		if err := rows.Scan(&a.id, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &a.cmd); err != nil {
			return nil, fmt.Errorf("command %d: %w", a.id, err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// asked tells whether commands wait, and whether the lock is still ours. It is
// called all the time, so it first asks whether anyone else wrote at all.
func (d *driver) asked(ctx context.Context) (bool, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := d.stmt(ctx, `PRAGMA data_version`)
	if err != nil {
		return false, err
	}
	var version int64
	if err := s.QueryRowContext(ctx).Scan(&version); err != nil || version == d.version {
		return false, err
	}
	if err := d.lock.verify(ctx, d.conn); err != nil {
		return false, err
	}
	waiting, err := d.commands(ctx)
	if err == nil {
		d.version = version
	}
	return len(waiting) > 0, err
}

// flush writes the progress of running tasks where views can read it.
func (d *driver) flush(ctx context.Context) error {
	fresh := map[int]progress{}
	for i, a := range d.running {
		if p := a.latest(); p != d.reported[i] {
			fresh[i] = p
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return d.within(ctx, func() error {
		for i, p := range fresh {
			d.reported[i] = p
			err := d.exec(context.WithoutCancel(ctx), `INSERT OR REPLACE INTO progress (run, task, done, total, unit, heard) VALUES (?,?,?,?,?,?)`,
				d.info.ID, d.m.Task(i).ID, p.done, p.total, p.unit, millis(p.heard))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// note writes the head of the chain beside the database.
func (d *driver) note() error {
	if d.noted == d.seq {
		return nil
	}
	d.noted = d.seq
	return d.e.Journal.noteHead(d.info.ID, head{Seq: d.seq, Hash: d.hash})
}
