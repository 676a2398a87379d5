package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func noop(name string) Kind {
	return Typed(name, 1, func(context.Context, Call, map[string]string) (Result[string], error) {
		return Result[string]{}, nil
	}, nil)
}

func TestCheckTellsEverythingThatIsWrong(t *testing.T) {
	kinds := Registry{"work": noop("work")}
	for _, tc := range []struct {
		name  string
		graph Graph
		want  string
	}{
		{"sound", graphOf("a", "b: a"), ""},
		{"twice", graphOf("a", "a"), `task "a": named twice, as tasks 1 and 2`},
		{"unknown need", graphOf("a: x"), `task "a": needs "x", which is not in the graph`},
		{"itself", graphOf("a: a"), `task "a": needs itself`},
		{"order", graphOf("a: b", "b"), `task "a": stands before "b", which it needs`},
		{"cycle", graphOf("a: b", "b: a"), `task "a": needs "b", which needs it: a cycle`},
		{"need twice", graphOf("a", "b: a a"), `task "b": needs "a" twice`},
		{"dots", graphOf("a/../b"), `name part "..": want it neither empty, nor dots, nor starting with a dash`},
		{"dash", graphOf("-x"), `name part "-x"`},
		{"blank", graphOf("a b"), `not ' '`},
		{"kind", Graph{Tasks: []Task{{ID: "a", Kind: "wrok", Effect: Pure}}}, `unknown kind "wrok"`},
		{"effect", Graph{Tasks: []Task{{ID: "a", Kind: "work", Effect: "twice"}}}, `effect "twice": want pure, idempotent or once`},
		{"once", Graph{Tasks: []Task{{ID: "a", Kind: "work", Effect: Once}}}, `cannot ask whether it already happened (no probe)`},
		{"try", Graph{Tasks: []Task{{ID: "a", Kind: "work", Effect: Pure, Try: TryPolicy{Timeout: -1}}}}, `want nothing negative`},
		{"gate", Graph{Tasks: []Task{{ID: "a", Kind: KindGate, Args: json.RawMessage(`{}`)}}}, `a gate without roles`},
		{"gate quorum", Graph{Tasks: []Task{{ID: "a", Kind: KindGate, Args: json.RawMessage(`{"roles":{"qa":2},"people":{"qa":["ann"]}}`)}}}, `role "qa" needs 2 people, but only 1 may fill it`},
		{"gate args", Graph{Tasks: []Task{{ID: "a", Kind: KindGate, Args: json.RawMessage(`{"rolls":{}}`)}}}, `unknown field "rolls"`},
	} {
		got := errors.Join(tc.graph.Check(kinds)...)
		switch {
		case tc.want == "" && got != nil:
			t.Errorf("%s: got %v", tc.name, got)
		case tc.want != "" && (got == nil || !strings.Contains(got.Error(), tc.want)):
			t.Errorf("%s:\n got %v\nwant %s", tc.name, got, tc.want)
		}
	}
}

func TestKeyNamesWhatDecidesTheBytes(t *testing.T) {
	base := Task{ID: "a", Kind: "partial", Args: json.RawMessage(`{"b":1,"a":2}`), Outputs: []string{"x.mar"}}
	key := func(t Task, version int, needs ...string) string {
		k, err := Key(t, version, needs)
		if err != nil {
			panic(err)
		}
		return k
	}
	k := key(base, 1, "o1", "o2")

	same := base
	same.ID, same.Title, same.Pool, same.Platform, same.Try = "b", "other", "mac", "win64", TryPolicy{Attempts: 9}
	same.Args = json.RawMessage(` {"a": 2, "b": 1} `)
	want(t, "names, places and layout do not enter", key(same, 1, "o1", "o2"), k)

	differs := func(what, other string) {
		t.Helper()
		if other == k {
			t.Errorf("%s: same key", what)
		}
	}
	differs("version", key(base, 2, "o1", "o2"))
	differs("output", key(base, 1, "o1", "o3"))
	differs("order of needs", key(base, 1, "o2", "o1"))
	args := base
	args.Args = json.RawMessage(`{"a":2,"b":3}`)
	differs("argument", key(args, 1, "o1", "o2"))
	kind := base
	kind.Kind = "complete"
	differs("kind", key(kind, 1, "o1", "o2"))
}

func TestOutputIgnoresOrder(t *testing.T) {
	a := Raw{Files: []File{{Name: "b", Digest: "2"}, {Name: "a", Digest: "1"}}, Facts: json.RawMessage(`{"y":1,"x":2}`)}
	b := Raw{Files: []File{{Name: "a", Digest: "1"}, {Name: "b", Digest: "2"}}, Facts: json.RawMessage(`{"x":2, "y":1}`)}
	oa, _ := Output(a)
	ob, _ := Output(b)
	want(t, "output", oa, ob)
}

func TestDeclaredOutputsAreAContract(t *testing.T) {
	sum := digest(nil)
	task := Task{ID: "a", Outputs: []string{"x.mar"}}
	for _, tc := range []struct {
		files []File
		want  string
	}{
		{[]File{{Name: "x.mar", Digest: sum}, {Name: "extra", Digest: sum}}, ""},
		{nil, `ended without its declared output "x.mar"; it left nothing`},
		{[]File{{Name: "y.mar", Digest: sum}}, `it left "y.mar"`},
		{[]File{{Name: "x.mar", Digest: "sha256:12"}}, `want sha256: and 64 hex digits`},
		{[]File{{Name: "x.mar", Digest: sum}, {Name: "x.mar", Digest: sum}}, `output "x.mar" is named twice`},
	} {
		err := CheckOutputs(task, Raw{Files: tc.files})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%v: got %v, want %q", tc.files, err, tc.want)
		}
	}
}

func TestCausesGroup(t *testing.T) {
	tasks := []Task{
		{ID: "l10n/win64/ja", Platform: "win64", Locale: "ja"},
		{ID: "l10n/mac/de", Platform: "mac", Locale: "de"},
		{ID: "sign/mac", Platform: "mac"},
	}
	whys := []Trouble{
		TroubleOf(tasks[0], errors.New("l10n/win64/ja: ja lacks key tabs-pin on win64\nmore")),
		TroubleOf(tasks[1], errors.New("l10n/mac/de: de lacks key tabs-pin on mac")),
		TroubleOf(tasks[2], Fail(Infra, "timestamp server down", errors.New("503"))),
	}
	groups := GroupCauses(tasks, whys)
	if len(groups) != 2 || groups[0].Cause != "TASK: … lacks key tabs-pin on …" || len(groups[0].Tasks) != 2 || groups[1].Class != Infra {
		t.Errorf("got %+v", groups)
	}
	want(t, "whole words only", replaceWord("decode de, de", "de"), "decode …, …")
}

// A disk that fills fails hundreds of tasks in as many words: people read one
// cause, and it is tried again, whatever the tasks took it for.
func TestFullDiskIsOneCause(t *testing.T) {
	var tasks []Task
	var whys []Trouble
	for _, err := range []error{
		&os.PathError{Op: "write", Path: "/cache/tmp/A.1", Err: syscall.ENOSPC},
		Fail(Input, "a build step failed", &os.PathError{Op: "write", Path: "/logs/B", Err: syscall.EDQUOT}),
	} {
		tasks, whys = append(tasks, Task{ID: "a"}), append(whys, TroubleOf(Task{ID: "a"}, err))
	}
	groups := GroupCauses(tasks, whys)
	if len(groups) != 1 || groups[0].Class != Infra || groups[0].Cause != "a disk is full" || !strings.Contains(groups[0].Text, "/cache/tmp/A.1") {
		t.Errorf("got %+v", groups)
	}
}

func TestForecast(t *testing.T) {
	g := graphOf("a", "b: a", "c: a", "d: b c")
	left := []time.Duration{0, 4 * time.Second, time.Second, 2 * time.Second}
	eta, path := Forecast(g, func(i int) time.Duration { return left[i] }, func(string) int { return 0 })
	want(t, "critical path", eta, 6*time.Second)
	if len(path) != 2 || path[0] != 1 || path[1] != 3 {
		t.Errorf("path: got %v, want [1 3]", path)
	}
	eta, _ = Forecast(g, func(i int) time.Duration { return left[i] }, func(string) int { return 1 })
	want(t, "one slot", eta, 7*time.Second)
}

func TestWhyIsOneLine(t *testing.T) {
	for _, tc := range []struct {
		stand Stand
		want  string
	}{
		{Stand{Standing: Done}, ""},
		{Stand{Standing: AtGate, Engine: true, Gates: []Waited{{"publish", []Missing{{"releng", 1, 2}}}}}, "waiting at publish: 1 of 2 sign-offs (releng)"},
		{Stand{Standing: Pausing, Engine: true, PausedBy: "jdoe 12:02Z: lunch"}, "paused by jdoe 12:02Z: lunch"},
		{Stand{Standing: Moving, Counts: Counts{Waiting: 3}}, "no engine is running"},
		{Stand{Standing: Moving, Engine: true, Counts: Counts{Running: 1}}, ""},
		{Stand{Standing: Moving, Engine: true, Counts: Counts{Retrying: 1}}, "waiting: 1 task will be tried again"},
		{Stand{Standing: Broken, Engine: true, Counts: Counts{Failed: 2}, Causes: []Cause{{Cause: "disk full"}}}, "2 tasks failed: disk full"},
		{Stand{Standing: Broken, HaltedBy: "jdoe: it crashes", Counts: Counts{Failed: 1}, Causes: []Cause{{Cause: "halted"}}}, "rollout halted by jdoe: it crashes; 1 task failed: halted"},
		{Stand{Standing: Done, HaltedBy: "jdoe: it crashes"}, "rollout halted by jdoe: it crashes"},
	} {
		want(t, string(tc.stand.Standing), Why(tc.stand), tc.want)
	}
}
