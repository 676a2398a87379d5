package engine

import (
	"testing"
	"time"
)

// A graph that never ran is estimated by what its tasks took in other runs.
func TestEstimate(t *testing.T) {
	j := testJournal(t)
	for task, ms := range map[string]int{"a": 2000, "b": 3000} {
		if _, err := j.db.Exec(`INSERT INTO durations (product, task, n, usual) VALUES ('skiff', ?, 1, ?)`, task, ms); err != nil {
			t.Fatal(err)
		}
	}
	g := testGraph("a", "b: a", "gate: b", "new: gate")
	for product, wanted := range map[string]time.Duration{"skiff": 5 * time.Second, "another": 0} {
		eta, err := j.Estimate(t.Context(), product, g)
		if err != nil {
			t.Fatal(err)
		}
		want(t, product, eta, wanted)
	}
}
