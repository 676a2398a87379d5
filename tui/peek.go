package tui

import (
	"context"
	"fmt"
	"slices"

	"slipway/release/engine"
)

// maxPeeks bounds the releases whose journal is read for the list.
const maxPeeks = 6

// peek is a release as the list shows it.
type peek struct {
	snap  *engine.Snapshot
	board board
}

// peeks looks into the releases that are not finished, and into the newest, so
// that the list can tell why one does not move and what happened lately. What
// did not change since before is not counted again.
func peeks(ctx context.Context, src Source, runs []engine.Run, before map[string]peek) (map[string]peek, error) {
	now := map[string]peek{}
	for i, r := range runs {
		if len(now) == maxPeeks {
			break
		}
		if i > 0 && isOver(r.Standing) {
			continue
		}
		s, err := src.Snapshot(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		p := before[r.ID]
		if p.snap == nil || p.snap.Run.Seq != s.Run.Seq {
			p.board = count(s)
		}
		p.snap = s
		now[r.ID] = p
	}
	return now, nil
}

// recent are the latest events of the releases in sight, newest first.
func (m *Model) recent(w int) []string {
	type news struct {
		run string
		engine.Event
	}
	var all []news
	for id, p := range m.peeks {
		for _, e := range p.snap.Events {
			if isNews(e) {
				all = append(all, news{id, e})
			}
		}
	}
	slices.SortFunc(all, func(a, b news) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return int(b.Seq - a.Seq)
	})
	l := m.look
	lines := make([]string, 0, len(all))
	for _, e := range all[:min(len(all), 20)] {
		text := fmt.Sprintf(" %s  %s %s", e.At.UTC().Format("15:04:05Z"), l.fit(l.safe(e.run), min(24, w/3)), l.safe(eventLine(e.Event)))
		if e.By != "" {
			text += ", by " + l.safe(e.By)
		}
		lines = append(lines, l.fit(text, w))
	}
	return lines
}
