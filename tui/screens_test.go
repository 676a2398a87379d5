package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// Replay steps through the events that were news, and the whole frame is that
// of the moment.
func TestReplaySteps(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "H", "p")
	r, ok := s.top().(*replayScreen)
	if !ok {
		t.Fatalf("p leads to %s", s.top().name())
	}
	var passed []int
	for range 4 {
		passed = append(passed, r.then.Counts.Passed)
		s.press("left")
	}
	// Approval, failure, build/mac ok, tag/main ok: that a build began is no news.
	if want := []int{2, 2, 2, 1}; !reflect.DeepEqual(passed, want) {
		t.Errorf("passed at each step: %v, want %v", passed, want)
	}
	s.press("g")
	if frame := plainText(s.Frame()); r.then.Counts.Waiting != len(s.snap.Tasks) || !strings.Contains(frame, "the release began") {
		t.Errorf("at the beginning:\n%s", frame)
	}
	before := len(s.src.sent)
	s.press("R", "R", "P", "y", "Z", "A", "esc")
	if len(s.src.sent) != before || s.top().name() != screenHistory {
		t.Errorf("the past took orders: %+v, on %s", s.src.sent, s.top().name())
	}
}

// The history is read once, and then only what is new.
func TestHistoryReadsOnlyWhatIsNew(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "H")
	for range 3 {
		s.run_(s.poll())
	}
	if h := s.top().(*historyScreen); len(h.events) != 6 {
		t.Errorf("%d events, want 6", len(h.events))
	}
}

func TestEarlierAttempts(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "F", "enter", "enter")
	task := s.top().(*taskScreen)
	for _, want := range []string{"repack.2.log", "repack.1.log", "repack.2.log"} {
		s.run_(s.poll())
		if !strings.HasSuffix(task.log.Path, want) {
			t.Errorf("the log is %s, want %s", task.log.Path, want)
		}
		s.press("a")
	}
}

// n goes from error to error, N back.
func TestErrorsOfALog(t *testing.T) {
	log := taskLog{Log: Log{Lines: []string{"a", "error: one", "b", "c", "exit status 2", "errors: no", "exit status 0"}}, stay: true}
	var at []int
	for _, a := range []act{actError, actError, actError, actErrorUp, actErrorUp} {
		log.move(a, 3)
		at = append(at, log.top)
	}
	if want := []int{1, 4, 4, 1, 1}; !slices.Equal(at, want) {
		t.Errorf("went to %v, want %v", at, want)
	}
}

// What is copied goes to the terminal and into a file; what would act where it
// is pasted is spelled.
func TestCopy(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "F", "enter", "enter")
	s.run_(s.poll())
	s.press("y")
	_, cmd := s.Update(tea.KeyPressMsg{Code: 'l', Text: "l"})
	for _, c := range cmd().(tea.BatchMsg) {
		s.Update(c())
	}
	if len(s.src.kept) != 1 || strings.ContainsAny(s.src.kept[0], "\x1b\x07") || !strings.HasPrefix(s.src.kept[0], "merging strings\nl05.properties:88: ERROR ja\\x1b") {
		t.Errorf("kept %q", s.src.kept)
	}
	if frame := plainText(s.Frame()); !strings.Contains(frame, "also in /state/clipboard") {
		t.Errorf("the toast does not say where:\n%s", frame)
	}
}

func TestFiltersOfTheList(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	for query, want := range map[string]int{
		"": 2, "state:done": 1, "state:run": 1, "state:done,running": 2, "channel:beta": 0, "channel:rel 1.1": 1, "by:asmith product:skiff": 2, "nothing": 0,
	} {
		h := s.top().(*home)
		h.setFilter(query)
		if got := len(h.rows(s.Model)); got != want {
			t.Errorf("%q finds %d releases, want %d", query, got, want)
		}
	}
}

func TestSavedFilters(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "t", "/", "down")
	tasks := s.top().(*tasksScreen)
	if tasks.query != "platform:mac" {
		t.Errorf("down brings %q", tasks.query)
	}
	if s.press("down"); tasks.query != "" {
		t.Errorf("past the last one there is %q, want what was there before", tasks.query)
	}
	s.env.Filters, s.line.saved = nil, 0
	if s.press("l1", "down"); tasks.query != "l1" {
		t.Errorf("without saved filters, down leaves %q of what was typed", tasks.query)
	}
	s.env.Filters = []Filter{{"mac", "platform:mac"}}
	s.press("esc", "esc", ":", "tasks: mac", "enter")
	if top, ok := s.top().(*tasksScreen); !ok || top.query != "platform:mac" {
		t.Errorf("the palette leads to %s", s.top().name())
	}
}

// What stands around a task: what it needs, itself, what needs it.
func TestAround(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "t", "/", "repack/mac/l03", "enter", "d")
	var ids []string
	for _, i := range s.top().(*tasksScreen).find(s.Model) {
		ids = append(ids, s.snap.Tasks[i].ID)
	}
	if want := []string{"repack/mac/l03", "partial/mac/l03"}; !slices.Equal(ids, want) {
		t.Errorf("around it: %v, want %v", ids, want)
	}
}

// A gate opens where people sign, from whatever list.
func TestGateOpensItsApprovals(t *testing.T) {
	s := sit(Look{}, 120, 36, newFake(20))
	s.press("enter", "t", "/", "state:held", "enter", "enter")
	if s.top().name() != screenGates {
		t.Errorf("a gate opens %s", s.top().name())
	}
}

// The forecast names what decides: the chain, or a pool with more work than it
// takes at once.
func TestForecastNamesWhatDecides(t *testing.T) {
	src := newFake(20)
	s := sit(Look{}, 120, 36, src)
	s.press("enter", "c")
	if frame := plainText(s.Frame()); !strings.Contains(frame, `The pool "cpu" decides`) {
		t.Errorf("work of many slots:\n%s", frame)
	}
	src.snap.ETA = chainOf(src.snap)
	s.run_(s.poll())
	if frame := plainText(s.Frame()); !strings.Contains(frame, "The chain below decides: 2 tasks") {
		t.Errorf("one chain:\n%s", frame)
	}
	src.snap.ETA = 0
	s.run_(s.poll())
	if frame := plainText(s.Frame()); !strings.Contains(frame, "No forecast") {
		t.Errorf("nothing known:\n%s", frame)
	}
}

// Keys that have not answered are not keys that nobody named.
func TestSlowKeys(t *testing.T) {
	src := newFake(20)
	src.slowKeys = true
	s := sit(Look{}, 120, 36, src)
	s.press("enter", "s")
	s.run_(s.poll())
	if frame := plainText(s.Frame()); !strings.Contains(frame, "asking the keys …") || strings.Contains(frame, "names no key") {
		t.Errorf("while the keys are asked:\n%s", frame)
	}
	src.slowKeys = false
	s.run_(s.poll())
	if frame := plainText(s.Frame()); strings.Contains(frame, "asking the keys") {
		t.Errorf("when they answered:\n%s", frame)
	}
}
