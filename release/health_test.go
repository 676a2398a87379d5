package release

import (
	"strings"
	"testing"

	"slipway/release/pipeline"
)

// More users are offered a release only after the product's own check says so; the
// first share is what it measures.
func TestHealthHoldsAShareBack(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.ship("1.0", 1)
	p.write("slipway.yaml", strings.Replace(rolloutConfig, "  soak: 24h\n", "  health: [sh, health.sh]\n", 1))
	p.write("health.sh", `echo "$SLIPWAY_RELEASE $SLIPWAY_SHARE" >>asked; test -e well || { echo "crashes: 4 of 1000"; exit 1; }`)
	p.source("1.1", "second")
	plan := p.plan("1.1", 1)
	err := p.run(plan)
	if err == nil || pipeline.ClassOf(err) != pipeline.Policy || !strings.Contains(err.Error(), "rollout/50: sh: ") || !strings.Contains(err.Error(), "crashes: 4 of 1000") {
		t.Fatalf("got %s %v", pipeline.ClassOf(err), err)
	}
	if got := p.read("asked"); got != "Skiff-1.1-build1 50\n" {
		t.Errorf("asked %q", got)
	}
	states, err := p.env.Rollouts(plan)
	if err != nil || states[0].Share != 25 {
		t.Errorf("%+v, %v: want the first share to stand", states, err)
	}

	p.write("well", "")
	if err := p.run(plan); err != nil {
		t.Fatal(err)
	}
	if got := p.read("asked"); !strings.HasSuffix(got, "50\nSkiff-1.1-build1 50\nSkiff-1.1-build1 100\n") {
		t.Errorf("asked %q", got)
	}
	for bad, want := range map[string]string{
		"  health: [sh, health.sh]\n  make-precomplete":         "there is no rollout whose steps it could hold back",
		"  rollout: [25]\n  health: [\"\"]\n  make-precomplete": "updates.health: names no program",
	} {
		if _, err := Parse("slipway.yaml", []byte(strings.Replace(testConfig, "  make-precomplete", bad, 1))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", bad, err, want)
		}
	}
}
