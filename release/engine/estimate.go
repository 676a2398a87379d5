package engine

import (
	"context"
	"time"

	"slipway/release/pipeline"
)

// Left is how long the task will still take, if it takes what it usually does;
// 0 when that is unknown, or people decide it.
func (t TaskView) Left(now time.Time) time.Duration {
	switch {
	case t.State == pipeline.Passed || t.Kind == pipeline.KindGate:
		return 0
	case t.State == pipeline.Running:
		return max(0, t.Usual-t.Took(now))
	}
	return t.Usual
}

// estimate is how long the rest will take, if it takes what it usually does.
func (v *View) estimate(s Snapshot, now time.Time) (time.Duration, []int) {
	return pipeline.Forecast(v.g.Graph, func(i int) time.Duration { return s.Tasks[i].Left(now) }, v.slots)
}

// Estimate is how long a graph that has not begun will take by former runs of
// its product; 0 when none of its tasks ever ran. What is found by key takes
// less.
func (j *Journal) Estimate(ctx context.Context, product string, g pipeline.Graph) (time.Duration, error) {
	usual, err := usualOf(ctx, j.db, product)
	if err != nil {
		return 0, err
	}
	eta, _ := pipeline.Forecast(g, func(i int) time.Duration { return usual[g.Tasks[i].ID] }, (&Engine{}).slots)
	return eta, nil
}

// usualOf reads what each task of a product usually takes.
func usualOf(ctx context.Context, q querier, product string) (map[string]time.Duration, error) {
	rows, err := q.QueryContext(ctx, `SELECT task, usual FROM durations WHERE product = ?`, product)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	usual := map[string]time.Duration{}
	for rows.Next() {
		var id string
		var ms int64
		if err := rows.Scan(&id, &ms); err != nil {
			return nil, err
		}
		usual[id] = time.Duration(ms) * time.Millisecond
	}
	return usual, rows.Err()
}
