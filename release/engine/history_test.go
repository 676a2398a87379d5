package engine

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEveryEditOfTheHistoryIsFound(t *testing.T) {
	for _, tc := range []struct{ name, sql, want string }{
		{"an event changed", `UPDATE events SET body = replace(body, '"by":"ann"', '"by":"bob"') WHERE seq = 1`, "event 1 hashes to"},
		{"changed with its hash", `UPDATE events SET hash = 'ff' WHERE seq = 1`, "event 1 hashes to"},
		{"one taken out", `DELETE FROM events WHERE seq = 2`, "after event 1 comes 3"},
		{"the first taken out", `DELETE FROM events WHERE seq = 1`, "after event 0 comes 2"},
		{"the end cut off", `DELETE FROM events WHERE seq > 2`, "ends at event 2"},
		{"cut off with its head", `DELETE FROM events WHERE seq > 2; UPDATE runs SET head_seq = 2, head_hash = (SELECT hash FROM events WHERE seq = 2)`, "ends at event 2, but 4 was noted outside"},
		{"one added", `INSERT INTO events SELECT run, 5, replace(body, '"seq":4', '"seq":5'), hash FROM events WHERE seq = 4`, "event 5 follows"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j, w := testJournal(t), &world{}
			e := &Engine{Journal: j, Kinds: w.kinds(), Now: time.Now}
			if _, err := e.Run(t.Context(), testSpec(testGraph("a"))); err != nil {
				t.Fatal(err)
			}
			want(t, "sound", verifyChain(t, j), int64(4))
			if _, err := j.db.Exec(tc.sql); err != nil {
				t.Fatal(err)
			}
			_, err := j.VerifyChain(t.Context(), testRun)
			if !errors.Is(err, ErrChain) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestAnUnknownRunIsNamed(t *testing.T) {
	j := testJournal(t)
	if _, err := j.View(t.Context(), "nope"); !errors.Is(err, ErrNoRun) || err.Error() != `no such run: "nope"` {
		t.Errorf("view: %v", err)
	}
	if _, err := j.Send(t.Context(), Command{Run: "nope", Verb: "pause"}, time.Now); !errors.Is(err, ErrNoRun) {
		t.Errorf("send: %v", err)
	}
	if _, err := j.VerifyChain(t.Context(), "nope"); !errors.Is(err, ErrNoRun) {
		t.Errorf("verify: %v", err)
	}
}

func TestANewerJournalIsRefused(t *testing.T) {
	j := testJournal(t)
	if _, err := j.db.Exec(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(j.Dir()); err == nil || !strings.Contains(err.Error(), "written by a newer slipway: schema 99, this one knows 1") {
		t.Errorf("got %v", err)
	}
}
