package release

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
	"slipway/repack"
	"slipway/updates/aus"
)

// rolling is a release whose answers are written, with steps to call by hand.
type rolling struct {
	t    testing.TB
	env  Env
	plan *Plan
	tar  cache.Digest
	root string
}

const rollingClass = "91.0/20210801000000/p0/en-US"

func newRolling(t testing.TB) *rolling {
	t.Helper()
	return openRolling(t, t.TempDir())
}

// openRolling sets it up in a directory, where it may have been before.
func openRolling(t testing.TB, dir string) *rolling {
	t.Helper()
	store, err := cache.Open(filepath.Join(dir, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	r := &rolling{
		t: t, root: dir, plan: rollingPlan(),
		env: Env{Store: store, Root: dir, State: filepath.Join(dir, "state"), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }},
	}
	var tree cache.Tree
	for _, name := range []string{
		"update/Lynx/" + rollingClass + "/release/update.xml",
		"update/Lynx/" + rollingClass + "/releasetest/update.xml",
		"snippets/Lynx/91.0/p0/20210801000000/en-US/release/complete.txt",
		"blobs/Lynx-92.0.1-build1.json", "update/no-update.xml",
	} {
		blob, err := store.PutBytes(t.Context(), []byte("new "+name))
		if err != nil {
			t.Fatal(err)
		}
		tree.Entries = append(tree.Entries, cache.Entry{Path: name, Mode: 0o644, Size: blob.Size, Blob: blob.Digest})
	}
	tree.Sort()
	tar, err := repack.Pack(t.Context(), store, tree, repack.Tar, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	r.tar = tar.Digest
	return r
}

func rollingPlan() *Plan {
	c := Config{
		Product: "lynx", Publish: Publish{Directory: "pub"},
		Platforms: map[string]Platform{"p0": {Archive: "tar", BuildTargets: []string{"p0"}}},
		Updates: Updates{
			Rollout:  []int{25, 50},
			Channels: map[string]Channel{"release": {URL: "https://lynx.example/"}, "releasetest": {Test: true, URL: "https://t.example/"}},
		},
	}
	c.fill()
	return &Plan{Candidate: "lynx-92.0.1-build1", Version: "92.0.1", Build: 1, BuildID: "20210901000000", Config: c}
}

// step makes one step as the task of the graph would, of the plan as it is now.
func (r *rolling) step(share int) error {
	r.t.Helper()
	ctx := context.Background()
	first := share == r.plan.Config.Updates.Rollout[0]
	args := rolloutArgs{
		publishSnippetsArgs: publishSnippetsArgs{Publish: "pub", Which: liveAnswers, Product: "Lynx", Release: r.plan.releaseName(r.plan.Version, r.plan.Build), Versions: []string{"91.0"}, Channels: []string{"release", "releasetest"}, Planned: planned{Product: "lynx", Scheme: "mozilla", Version: "92.0", Knows: []string{"91.0"}}},
		Throttled:           r.plan.throttled(), Version: r.plan.Version, Share: share, First: first,
	}
	c := call(pipeline.Task{ID: rolloutTask(share)})
	c.Needs = []pipeline.Raw{{Files: []pipeline.File{{Name: liveAnswers, Digest: string(r.tar)}}, Facts: json.RawMessage("1")}}
	_, err := r.env.rollout(ctx, c, args)
	return err
}

func (r *rolling) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rolling) state() RolloutState {
	r.t.Helper()
	all, err := r.env.Rollouts(r.plan)
	if err != nil || len(all) != 1 {
		r.t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

func (r *rolling) dir() string {
	return filepath.Join(r.root, "pub", filepath.FromSlash(rolloutDir("Lynx", "release")))
}

// open lists the buckets that are offered the release, sorted.
func (r *rolling) open() (open []string) {
	r.t.Helper()
	entries, err := os.ReadDir(r.dir())
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	for _, e := range entries {
		if aus.IsBucket(e.Name()) {
			open = append(open, e.Name())
		}
	}
	slices.Sort(open)
	return open
}
