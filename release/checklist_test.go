package release

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"slipway/release/pipeline"
)

const checklist = `checklist:
  notes: {question: "are the release notes published?", link: "https://wiki.skiff.example/notes", roles: {writer: 1}}
  support: {question: "does support know?", before: push}
  freeze: {question: "is the tree closed?", before: go-to-build, kinds: [beta]}
`

// What people do beside the tasks stands in the graph, and its gate waits for it.
func TestChecklist(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.write("slipway.yaml", testConfig+checklist)
	gates := func(version string) map[string]pipeline.Task {
		found := map[string]pipeline.Task{}
		for _, task := range Graph(p.plan(version, 1)).Tasks {
			if task.Kind == pipeline.KindGate {
				found[task.ID] = task
			}
		}
		return found
	}
	g := gates("1.0")
	var gate pipeline.Gate
	if err := json.Unmarshal(g["checklist/notes"].Args, &gate); err != nil {
		t.Fatal(err)
	}
	if gate.Question != "are the release notes published? https://wiki.skiff.example/notes" || gate.Roles["writer"] != 1 || gate.Plan == "" {
		t.Errorf("notes: %+v", gate)
	}
	if !slices.Contains(g["ship"].Needs, "checklist/notes") || !slices.Contains(g["push"].Needs, "checklist/support") || len(g["go-to-build"].Needs) != 0 {
		t.Errorf("ship needs %q, push %q, go-to-build %q", g["ship"].Needs, g["push"].Needs, g["go-to-build"].Needs)
	}
	if _, ok := g["checklist/freeze"]; ok {
		t.Error("a chore of betas stands in a release")
	}
	if g := gates("2.0b1"); !slices.Contains(g["go-to-build"].Needs, "checklist/freeze") {
		t.Errorf("of a beta go-to-build needs %q", g["go-to-build"].Needs)
	}
	for bad, want := range map[string]string{
		`{question: ""}`:                           "checklist.a.question: it is empty",
		`{question: why, link: wiki}`:              `checklist.a.link: "wiki"`,
		`{question: why, roles: {}}`:               "checklist.a.roles: names no role",
		`{question: why, before: lunch}`:           "checklist.a.before",
		`{question: why, roles: {coordinator: 0}}`: "checklist.a.roles.coordinator: 0: want how many",
	} {
		if _, err := Parse("slipway.yaml", []byte(testConfig+"checklist: {a: "+bad+"}\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", bad, err, want)
		}
	}
}
