package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// noon is when every test looks at the console.
var noon = time.Date(2026, 11, 21, 12, 41, 7, 0, time.UTC)

// fake is a made-up release under way: what a coordinator sees in the middle
// of a busy day, hostile text included.
type fake struct {
	runs []engine.Run
	snap *engine.Snapshot
	sent []engine.Command
	ran  [][]string
	kept []string
	log  Log

	rollout RolloutFacts
	asked   []context.Context // by the form, and for verbs
	noPlan  error

	slowKeys bool // they have not answered yet
}

const hostile = "ja\x1b]0;owned\x07 \x1b[2J missing key \u202e\"tabs\" 日本語 العربية\r\n"

func newFake(locales int) *fake {
	platforms := []string{"linux64", "mac", "win64"}
	s := &engine.Snapshot{At: noon}
	add := func(id, stage, platform, locale string, state pipeline.State) *engine.TaskView {
		s.Tasks = append(s.Tasks, engine.TaskView{Task: &pipeline.Task{
			ID: id, Title: id, Pool: "cpu", Stage: stage, Platform: platform, Locale: locale, Kind: stage, Try: pipeline.TryPolicy{Attempts: 3},
		}, State: state, Usual: 40 * time.Second})
		s.Counts.Add(state, 1)
		t := &s.Tasks[len(s.Tasks)-1]
		if state == pipeline.Passed || state == pipeline.Failed {
			t.Attempt, t.Started, t.Ended = 1, noon.Add(-3*time.Minute), noon.Add(-2*time.Minute)
		}
		if state == pipeline.Running {
			t.Attempt, t.Started = 1, noon.Add(-time.Duration(len(s.Tasks))*time.Second)
		}
		return t
	}
	add("tag/main", "tag", "", "", pipeline.Passed)
	for _, p := range platforms {
		add("build/"+p, "build", p, "", pipeline.Passed)
	}
	for pi, p := range platforms {
		for i := range locales {
			state := pipeline.Passed
			switch {
			case i > locales*4/5:
				state = pipeline.Waiting
			case i > locales*3/4:
				state = pipeline.Running
			case i == 5 && pi > 0:
				state = pipeline.Failed
			}
			t := add(fmt.Sprintf("repack/%s/l%02d", p, i), "repack", p, fmt.Sprintf("l%02d", i), state)
			if state == pipeline.Failed {
				t.Attempt = 2
				t.Trouble = pipeline.Trouble{Class: pipeline.Input, Cause: hostile, Text: hostile}
			}
		}
	}
	for _, p := range platforms {
		for i := range locales {
			t := add(fmt.Sprintf("partial/%s/l%02d", p, i), "partial", p, fmt.Sprintf("l%02d", i), pipeline.Waiting)
			t.Needs = []string{fmt.Sprintf("repack/%s/l%02d", p, i)}
		}
	}
	gate := pipeline.Gate{Name: "push", Question: "QA signed off the builds?", Plan: "sha256:4be1", Roles: map[string]int{"coordinator": 1, "qa": 1}}
	args, err := json.Marshal(gate)
	if err != nil {
		panic(err)
	}
	g := add("gate/push", "push", "", "", pipeline.Held)
	for i := range s.Tasks {
		if s.Tasks[i].Stage == "partial" {
			g.Needs = append(g.Needs, s.Tasks[i].ID)
		}
	}
	g.Kind, g.Args, g.Key = pipeline.KindGate, args, "sha256:"+strings.Repeat("ab", 32)
	mirrors := add("push/mirrors", "push", "", "", pipeline.Waiting)
	mirrors.Title, mirrors.Needs = "push to mirrors", []string{"gate/push"}
	s.Gates = []engine.GateView{{
		Task: "gate/push", Gate: gate, State: pipeline.Held, Key: g.Key,
		Signoffs: []pipeline.Signoff{{Gate: "gate/push", Role: "qa", By: "kwong", Reason: "smoke tests \x1b[31mgreen", At: noon.Add(-5 * time.Minute)}},
		Missing:  []pipeline.Missing{{Role: "coordinator", Need: 1}},
	}}
	s.Run = engine.Run{
		ID: "skiff-1.2-build2", Product: "skiff", Version: "1.2", Build: 2, Channel: "release", Plan: "sha256:" + strings.Repeat("4be1", 16),
		Began: noon.Add(-4 * time.Hour), By: "asmith", Standing: pipeline.Moving, Tasks: len(s.Tasks), Counts: s.Counts, Seq: 1918,
		Lock: engine.Lock{Run: "skiff-1.2-build2", Engine: true},
	}
	for _, t := range s.Tasks {
		if t.State == pipeline.Failed {
			if len(s.Causes) == 0 {
				s.Causes = []pipeline.Cause{{Class: pipeline.Input, Cause: hostile}}
			}
			s.Causes[0].Tasks = append(s.Causes[0].Tasks, t.ID)
		}
	}
	s.Events = []engine.Event{
		{Seq: 1, At: noon.Add(-2 * time.Minute), Type: engine.TaskEvent, Task: "repack/mac/l05", From: pipeline.Running, To: pipeline.Failed, Cause: hostile},
		{Seq: 2, At: noon.Add(-time.Minute), Type: engine.TaskEvent, Task: "repack/linux64/l30", From: pipeline.Running, To: pipeline.Passed},
	}
	s.Why = "waiting at push: 0 of 1 sign-offs (coordinator)"
	s.ETA = 102 * time.Minute
	for i, t := range s.Tasks { // one chain: what runs, what needs it, the push
		if t.State == pipeline.Running && len(s.Path) == 0 || t.ID == "push/mirrors" {
			s.Path = append(s.Path, i)
		}
	}
	old := engine.Run{
		ID: "skiff-1.1-build1", Product: "skiff", Version: "1.1", Build: 1, Channel: "release", Began: noon.Add(-700 * time.Hour), By: "asmith",
		Standing: pipeline.Done, Tasks: 10, Counts: pipeline.Counts{Passed: 10},
	}
	return &fake{
		snap: s, runs: []engine.Run{s.Run, old},
		log: Log{Path: "/state/logs/repack.log", Total: 3, Lines: []string{"merging strings", "l05.properties:88: ERROR " + hostile, "gave up"}},
	}
}

func (f *fake) Runs(context.Context) ([]engine.Run, error) { return f.runs, nil }
func (f *fake) Snapshot(context.Context, string) (*engine.Snapshot, error) {
	s := *f.snap
	return &s, nil
}

func (f *fake) Log(_ context.Context, _, _ string, attempt, _ int) (Log, error) {
	l := f.log
	l.Path = fmt.Sprintf("/state/logs/repack.%d.log", attempt)
	return l, nil
}

func (f *fake) Task(context.Context, string, engine.TaskView) (TaskFacts, error) {
	return TaskFacts{
		Inputs: []FileFacts{{"build/skiff.tar.xz", "sha256:" + strings.Repeat("9d", 32), 78_400_000}},
		Attempts: []AttemptFacts{
			{2, noon.Add(-3 * time.Minute), time.Minute, pipeline.Failed, hostile},
			{1, noon.Add(-9 * time.Minute), 2 * time.Minute, pipeline.Retrying, "no route to host"},
		},
	}, nil
}

func (f *fake) Product() Product {
	return Product{Config: "slipway.yaml", Name: "skiff", Title: "Skiff"}
}
func (f *fake) Chain(context.Context, string) (int64, error) { return 3, nil }
func (f *fake) Send(_ context.Context, c engine.Command) (string, error) {
	f.sent = append(f.sent, c)
	return "noted", nil
}

func (f *fake) Keep(_ context.Context, text string) (string, error) {
	f.kept = append(f.kept, text)
	return "/state/clipboard", nil
}

func (f *fake) Exec(ctx context.Context, args []string) (string, error) {
	f.ran, f.asked = append(f.ran, args), append(f.asked, ctx)
	return "ok", nil
}

func (f *fake) History(_ context.Context, _ string, after int64) ([]engine.Event, error) {
	events := []engine.Event{
		{At: noon.Add(-time.Hour), Type: engine.RunEvent, What: "began", By: "asmith"},
		{At: noon.Add(-50 * time.Minute), Type: engine.TaskEvent, Task: "tag/main", To: pipeline.Passed},
		{At: noon.Add(-45 * time.Minute), Type: engine.TaskEvent, Task: "build/mac", From: pipeline.Waiting, To: pipeline.Running},
		{At: noon.Add(-40 * time.Minute), Type: engine.TaskEvent, Task: "build/mac", From: pipeline.Running, To: pipeline.Passed},
		{At: noon.Add(-30 * time.Minute), Type: engine.TaskEvent, Task: "repack/mac/l05", To: pipeline.Failed, Cause: hostile},
		{At: noon.Add(-5 * time.Minute), Type: engine.ApprovalEvent, What: "approve", Task: "gate/push", Role: "qa", By: "kwong", Text: "green", Prev: strings.Repeat("ab", 32)},
	}
	for i := range events {
		events[i].Seq = int64(i + 1)
	}
	return events[min(after, int64(len(events))):], nil
}

func (f *fake) Facts(context.Context, string) (Facts, error) {
	return Facts{
		Cache:   CacheFacts{Lookups: 39412, Hits: 34714, Spaces: []SpaceFacts{{"patch", 30000, 29000, 50 * time.Hour}, {"xz", 9412, 5714, 80 * time.Minute}}, BytesSaved: 145e9, TimeSaved: 51*time.Hour + 20*time.Minute, Size: 412e9},
		Updates: []UpdateFacts{{From: "1.1", Done: 81, Total: 103, Complete: 784e6, Partial: 91e6, Cached: 75, Took: 14 * time.Minute}},
		Keys: []KeyFacts{
			{Purpose: "OpenPGP", Name: "Skiff Release", Fingerprint: "BA699D19C81748904FBCF0D4B41BB66A6DBA017B", Algorithm: "EdDSA 255", Expires: noon.Add(28 * 24 * time.Hour)},
			{Purpose: "MAR", Name: "Skiff MAR", Fingerprint: strings.Repeat("7F3A", 16), Algorithm: "RSA 4096", Problem: "the file is readable by others"},
		},
		Signed:  []SignFacts{{"openpgp", 301, 6, 402, 1}, {"mar", 12, 0, 90, 0}},
		Mails:   []MailFacts{{Subject: "go to build Skiff 1.2", To: "release-drivers@skiff.example", State: "written", When: noon, Text: "We are go to build\nSkiff 1.2 build 2."}},
		Rollout: f.rollout, KeysLoaded: !f.slowKeys,
	}, nil
}

func (f *fake) Suggest(ctx context.Context) (Suggestion, error) {
	f.asked = append(f.asked, ctx)
	return Suggestion{
		Version: "1.3", Build: 1, Repositories: []string{"main", "l10n"}, Priors: []string{"1.2", "1.1", "1.0"}, Usual: []string{"1.2", "1.1"},
		Recent: map[string][]Commit{
			"main": {{strings.Repeat("3f", 20), "vlad", "2026-11-20", "tide: mind the sill"}, {strings.Repeat("88", 20), "flod", "2026-11-19", "bump"}},
			"l10n": {{strings.Repeat("9a", 20), "kwong", "2026-11-18", "ja: springs"}},
		},
	}, nil
}

func (f *fake) Preview(ctx context.Context, d Draft) (Preview, error) {
	f.asked = append(f.asked, ctx)
	if f.noPlan != nil {
		return Preview{}, f.noPlan
	}
	return Preview{
		Candidate: "skiff-" + d.Version + "-build1", Digest: "sha256:" + strings.Repeat("4b", 32),
		Lines:  []string{"3 platforms: linux64, mac, win64", "6 locales", "partials from " + strings.Join(d.From, ", ")},
		Stages: []StagePreview{{"tag", 2}, {"build", 3}, {"repack", 18}, {"partial", 36}, {"sign", 110}, {"push", 2}, {"ship", 1}}, Estimate: 295 * time.Minute,
		Since: "skiff-1.2-build2", Differences: []string{"~ locales.ja.revision: a91c02f → b77e410", "+ locales.sat.revision: 77aa00"},
		Checked: []string{"tags: SKIFF_1_3_BUILD1 is free", "keys: OpenPGP can sign"},
		Mail:    "Subject: go to build Skiff " + d.Version + "\n\nWe are go to build.",
	}, nil
}

func (f *fake) Begin(_ context.Context, d Draft) (string, error) {
	f.ran = append(f.ran, []string{"begin", d.Version})
	return f.snap.Run.ID, nil
}
