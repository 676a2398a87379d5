package release

import (
	"encoding/json"
	"path"
	"slices"
	"time"

	"slipway/release/pipeline"
)

// Stages in the order of the release checklist. A stage is a row of the board
// and the first part of its tasks' names; each is a verb of its own too.
const (
	stageGo       = "go-to-build"
	stageChores   = "checklist"
	stageTag      = "tag"
	stageSource   = "source"
	stageBuild    = "build"
	stagePrograms = "programs"
	stageRepack   = "repack"
	stagePartner  = "partner"
	stageInstall  = "installer"
	stageUpdates  = "updates"
	stageSign     = "sign"
	stageSnippets = "snippets"
	stagePublish  = "publish"
	stageVerify   = "verify"
	stageQA       = "qa"
	stagePush     = "push"
	stageShip     = "ship"
	stageRollout  = "rollout"
	stageMail     = "mail"
)

// Stages are the stages that a person can run alone, in order.
var Stages = []string{stageTag, stageSource, stageBuild, stageRepack, stagePartner, stageUpdates, stageSign, stageSnippets, stagePublish, stageVerify, stageMail}

// Graph is the plan as tasks: a pure function, so the same plan is always the
// same graph. It reads from top to bottom like the release checklist; each
// step is in a file of its own name, with its tasks and the kind behind them.
func Graph(p *Plan) pipeline.Graph {
	g := &graph{
		plan: p, digest: string(p.Digest()),
		packages: map[cell]string{}, mars: map[cell][]string{}, outputs: map[string][]string{},
		partnerOf: map[string]PlannedPartner{}, installers: map[string][]string{},
	}

	g.gate(stageGo, stageGo, "go to build?", p.Config.Gates.GoToBuild, g.chores(stageGo)...)
	toPush, toShip := g.chores(stagePush), g.chores(stageShip)
	g.mail("go-to-build", stageGo)
	tagged := g.tags(stageGo)
	g.mail("build-submitted", tagged...)
	source := g.source()
	for _, id := range g.platforms() {
		g.build(id)
	}
	for _, id := range g.platforms() {
		g.signPrograms(id)
	}
	for _, id := range g.platforms() {
		g.repacks(id)
	}
	g.partners()
	for _, id := range g.platforms() {
		g.allInstallers(id)
	}
	for _, id := range g.platforms() {
		g.updates(id)
	}
	signed := g.sign(source)
	checksums := g.checksums(signed)
	answers, test := g.snippets()
	candidates, private := g.candidates(append(signed, checksums))
	verified := g.verify(candidates)
	if test != "" {
		verified.updates = append(verified.updates, test)
	}
	if up := g.uploadCandidate(candidates, test); up != "" {
		verified.builds, verified.updates = append(verified.builds, up), append(verified.updates, up)
	}
	g.mail("candidates-ready", verified.builds...)
	g.request("signoff-needed", union(verified.builds, verified.updates)...)

	g.gate("qa-builds", stageQA, "QA signed off the builds?", p.Config.Gates.QABuilds, append([]string{candidates}, verified.builds...)...)
	g.gate("qa-updates", stageQA, "QA signed off the updates?", p.Config.Gates.QAUpdates, append([]string{candidates}, verified.updates...)...)
	g.gate(stagePush, stagePush, "push to the mirrors?", p.Config.Gates.Push,
		slices.Concat([]string{"qa-builds", "qa-updates", candidates}, private, toPush)...)
	g.request("push-request", "qa-builds", "qa-updates")
	released := g.uploadRelease(g.release(candidates))
	g.mail("push", released)
	g.request("ship-request", released)
	g.gate(stageShip, stageShip, p.shipQuestion(), p.Config.Gates.Ship, append([]string{released}, toShip...)...)
	g.ship(released, answers)
	return pipeline.Graph{Tasks: g.tasks}
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, id := range b {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// cell is a square of the board.
type cell struct{ platform, locale string }

type graph struct {
	plan       *Plan
	digest     string
	tasks      []pipeline.Task
	packages   map[cell]string   // the task that leaves the package
	mars       map[cell][]string // the tasks that leave its MARs, complete first
	outputs    map[string][]string
	partnerOf  map[string]PlannedPartner // by the task that makes a build of theirs
	installers map[string][]string       // the tasks that make them, by the package's
}

func (g *graph) platforms() []string { return sortedKeys(g.plan.Config.Platforms) }

// add puts a task at the end and returns its ID.
func (g *graph) add(t pipeline.Task, args any) string {
	text, err := json.Marshal(args)
	if err != nil {
		panic(err) // arguments are structs of strings, numbers and times
	}
	t.Args = text
	if t.Lane == "" {
		t.Lane = t.Platform
	}
	if t.Effect == "" {
		t.Effect = pipeline.Pure
	}
	if t.Try.Attempts == 0 {
		t.Try = local
	}
	g.tasks = append(g.tasks, t)
	g.outputs[t.ID] = t.Outputs
	return t.ID
}

// How often, and how long, by what a task depends on.
var (
	// local work fails for a reason that the same input brings again; one more
	// attempt covers a full disk that somebody cleared.
	local = pipeline.TryPolicy{Attempts: 2, Backoff: 2 * time.Second, Quiet: 10 * time.Minute}
	// remote work meets the world's hiccups: most of Mozilla's were transient
	// network errors and clone timeouts.
	remote = pipeline.TryPolicy{Attempts: 5, Backoff: 2 * time.Second, Timeout: 30 * time.Minute, Quiet: 10 * time.Minute}
	// slow work runs for hours; silence is shown, and kills nothing.
	slow = pipeline.TryPolicy{Attempts: 2, Backoff: 10 * time.Second, Quiet: 20 * time.Minute}
)

func (g *graph) gate(id, stage, question string, roles map[string]int, needs ...string) {
	g.addGate(id, stage, question, roles, 0, needs...)
}

// addGate: with a soak, it is opened too early until its first need stood so
// long.
func (g *graph) addGate(id, stage, question string, roles map[string]int, soak time.Duration, needs ...string) {
	g.add(pipeline.Task{
		ID: id, Title: question, Stage: stage, Kind: pipeline.KindGate, Needs: needs,
	}, pipeline.Gate{Name: id, Question: question, Plan: g.digest, Roles: roles, People: g.people(roles), Soak: soak})
}

// people are those who may fill the roles of a gate, where they are named.
func (g *graph) people(roles map[string]int) map[string][]string {
	people := map[string][]string{}
	for role := range roles {
		if who, ok := g.plan.Config.Roles[role]; ok {
			people[role] = who
		}
	}
	return people
}

// chores are the gates of what people do before another gate.
func (g *graph) chores(before string) []string {
	var ids []string
	v, err := ParseVersion(g.plan.Config.VersionScheme, g.plan.Version)
	for _, name := range sortedKeys(g.plan.Config.Checklist) {
		chore := g.plan.Config.Checklist[name]
		if chore.Before != before || err == nil && chore.Kinds != nil && !slices.Contains(chore.Kinds, v.Kind().String()) {
			continue
		}
		question := chore.Question
		if chore.Link != "" {
			question += " " + chore.Link
		}
		id := stageChores + "/" + name
		g.gate(id, stageChores, question, chore.Roles)
		ids = append(ids, id)
	}
	return ids
}

// packageName is a package's path below the candidate's directory, which is
// also the name of the file that a task leaves.
func (g *graph) packageName(id, locale string) string {
	p := g.plan.Config.Platforms[id]
	return path.Join(p.Directory, locale, g.fill(p.Name))
}

func (g *graph) fill(pattern string) string {
	return fillIn(pattern, g.plan.Config.Product, g.plan.Version, g.plan.Build, g.plan.Date)
}
