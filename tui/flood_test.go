package tui

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// flood is a release of 5,000 tasks in which 1,000 tasks a second change their
// state: what one look at the journal finds, a quarter of a second each.
type flood struct {
	src  *fake
	at   int
	last int64
}

func newFlood() *flood { return &flood{src: newFake(830)} }

// next is the snapshot after 250 more events; the old one is never changed.
func (f *flood) next() *engine.Snapshot {
	s := *f.src.snap
	s.Tasks = slices.Clone(s.Tasks)
	states := []pipeline.State{pipeline.Running, pipeline.Passed, pipeline.Waiting}
	for range 1000 * int(pollEvery/time.Millisecond) / 1000 {
		t := &s.Tasks[f.at%len(s.Tasks)]
		to := states[f.at%len(states)]
		s.Counts.Add(t.State, -1)
		s.Counts.Add(to, 1)
		t.State = to
		f.at += 7 // a stride that visits all of them
	}
	f.last++
	s.Run.Seq, s.Run.Counts = s.Run.Seq+f.last, s.Counts
	f.src.snap = &s
	return &s
}

func (f *flood) turn(s *seat) {
	snap := f.next()
	s.Update(pollMsg{run: s.run, runs: f.src.runs, snap: snap, board: count(snap)})
	s.Frame()
}

// After a flood the frame is that of a console which only just opened.
func TestFloodEndsInTheModel(t *testing.T) {
	f := newFlood()
	s := sit(Look{Color: true}, 120, 36, f.src)
	s.press("enter")
	for range 40 {
		f.turn(s)
	}
	fresh := sit(Look{Color: true}, 120, 36, f.src)
	fresh.press("enter")
	if got, want := plainText(s.Frame()), plainText(fresh.Frame()); got != want {
		t.Errorf("after the flood:\n%s\na fresh start:\n%s", got, want)
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	if mem.HeapInuse > 300<<20 {
		t.Errorf("%d MB of heap", mem.HeapInuse>>20)
	}
}

// The share of one core that 1,000 events a second on 5,000 tasks cost: count,
// Update and frame of each look. The limit is 10 %.
func BenchmarkFlood(b *testing.B) {
	f := newFlood()
	s := sit(Look{Color: true}, 120, 36, f.src)
	s.press("enter")
	for b.Loop() {
		f.turn(s)
	}
	perLook := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(len(f.src.snap.Tasks)), "tasks")
	b.ReportMetric(100*perLook/pollEvery.Seconds(), "%core")
}

// From a key to its frame, among 10,000 tasks. The limit is 50 ms.
func BenchmarkKeyToFrame(b *testing.B) {
	s := sit(Look{Color: true}, 120, 36, newFake(1660))
	s.press("enter", "t")
	for b.Loop() {
		s.press("j")
		s.Frame()
	}
}
