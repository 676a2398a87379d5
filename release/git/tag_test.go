package git

import (
	"errors"
	"strings"
	"testing"
)

func TestTagPushesABumpAndAnnotatedTags(t *testing.T) {
	url, revs := remote(t)
	done, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := sh(t, url, "rev-parse", "SKIFF_1_1_BUILD1^{commit}"); got != done.Revision || got == revs[1] {
		t.Errorf("tag marks %s, report says %s, revision was %s", got, done.Revision, revs[1])
	}
	if got := sh(t, url, "show", "SKIFF_1_1_RELEASE:version.txt"); got != "1.1.1" {
		t.Errorf("version.txt at the tag = %q, want 1.1.1", got)
	}
	if got := sh(t, url, "ls-tree", "--format=%(objectmode)", "SKIFF_1_1_RELEASE", "version.txt"); got != "100644" {
		t.Errorf("mode of version.txt = %s, want it kept", got)
	}
	if got := sh(t, url, "cat-file", "-t", "SKIFF_1_1_BUILD1"); got != "tag" {
		t.Errorf("BUILD1 is a %s, want an annotated tag", got)
	}
	if got := sh(t, url, "rev-parse", "SKIFF11_2026030110_RELBRANCH~1"); got != revs[1] {
		t.Errorf("the branch grows from %s, want %s", got, revs[1])
	}
}

func TestTagTwiceMovesNothingAndMirrorsAgree(t *testing.T) {
	url, revs := remote(t)
	first, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	before := sh(t, url, "show-ref")
	m := testMirror(t, url) // another machine
	again, err := m.Tag(t.Context(), job(revs[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	if after := sh(t, url, "show-ref"); after != before {
		t.Errorf("refs moved:\n%s\n---\n%s", before, after)
	}
	if again.Revision != first.Revision || again.Tags["SKIFF_1_1_BUILD1"] != first.Tags["SKIFF_1_1_BUILD1"] {
		t.Errorf("second run reports %+v, first %+v", again, first)
	}
	if _, there, err := m.Probe(t.Context(), job(revs[1])); err != nil || !there {
		t.Errorf("Probe = %v, %v; want true", there, err)
	}
}

func TestTagRefusesWhatItDoesNotOwn(t *testing.T) {
	for _, c := range []struct {
		name, want string
		spoil      func(t *testing.T, url string, revs [2]string)
	}{
		{"a tag on another commit", "marks another commit", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "-a", "-m", "early", "SKIFF_1_1_BUILD1", revs[0])
		}},
		{"a lightweight tag", "lightweight", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "SKIFF_1_1_BUILD1", revs[1])
		}},
		{"a renamed tag", "calls itself \"OTHER\"", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "-a", "-m", "x", "OTHER", revs[1])
			sh(t, url, "update-ref", "refs/tags/SKIFF_1_1_BUILD1", sh(t, url, "rev-parse", "refs/tags/OTHER"))
		}},
		{"a tag of a tag", "marks a tag", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "tag", "-a", "-m", "x", "INNER", revs[1])
			sh(t, url, "tag", "-a", "-m", "x", "SKIFF_1_1_BUILD1", "INNER")
		}},
		{"a branch of the same name", "somebody else's", func(t *testing.T, url string, revs [2]string) {
			sh(t, url, "branch", "SKIFF11_2026030110_RELBRANCH", revs[0])
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, revs := remote(t)
			c.spoil(t, url, revs)
			before := sh(t, url, "show-ref")
			_, err := testMirror(t, url).Tag(t.Context(), job(revs[1]), nil)
			var conflict *Conflict
			if !errors.As(err, &conflict) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error = %v, want a conflict with %q", err, c.want)
			}
			if len(conflict.Have) != 40 || len(conflict.Want) != 40 {
				t.Errorf("conflict shows %q and %q, want both ids", conflict.Have, conflict.Want)
			}
			if after := sh(t, url, "show-ref"); after != before {
				t.Errorf("refs changed:\n%s", after)
			}
		})
	}
}

func TestRespinMovesReleaseTagOnlyFromWhereThePlanSaw(t *testing.T) {
	url, revs := remote(t)
	m := testMirror(t, url)
	first := job(revs[0])
	first.Branch, first.Changes = "", nil
	if _, err := m.Tag(t.Context(), first, nil); err != nil {
		t.Fatal(err)
	}
	second := job(revs[1])
	second.Branch, second.Changes, second.Tags = "", nil, []string{"SKIFF_1_1_BUILD2", "SKIFF_1_1_RELEASE"}
	if _, err := m.Tag(t.Context(), second, nil); err == nil {
		t.Fatal("the release tag moved though the plan did not say so")
	}
	second.Leave = map[string]string{"SKIFF_1_1_RELEASE": revs[0]}
	if _, err := m.Tag(t.Context(), second, nil); err != nil {
		t.Fatal(err)
	}
	if got := sh(t, url, "rev-parse", "SKIFF_1_1_RELEASE^{commit}"); got != revs[1] {
		t.Errorf("release tag marks %s, want %s", got, revs[1])
	}
}
