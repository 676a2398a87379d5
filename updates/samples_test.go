package updates

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/cache"
)

const (
	sampleChannel = "sample-channel"
	sampleVersion = "12.0"
)

// The trees of the samples give the MARs that Mozilla's scripts made of them:
// same entries in the same order with the same modes and contents, same
// manifest line by line.
func TestCompleteIsMozillas(t *testing.T) {
	b := newBuilder(t, 2)
	for _, name := range []string{"old", "new"} {
		got, err := b.Complete(t.Context(), CompleteJob{
			Tree: sampleTree(t, b, name), ChannelID: sampleChannel, Version: sampleVersion, BCJ: BCJX86,
		})
		if err != nil {
			t.Fatal(err)
		}
		want := sampleMAR(t, b, name+".complete")
		if d := cmp.Diff(contentsOf(t, b, want, false), contentsOf(t, b, got.Blob, false)); d != "" {
			t.Errorf("%s: Mozilla's (-) and ours (+):\n%s", name, d)
		}
		tree, info, err := b.Unpack(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tree.Digest(), sampleTree(t, b, name); got != want {
			t.Errorf("%s unpacks to tree %s, want %s", name, got, want)
		}
		if info.BCJ != BCJX86 || info.ChannelID != sampleChannel || info.Version != sampleVersion {
			t.Errorf("%s: info %+v", name, info)
		}
	}
}

// Partials differ from the scripts' in two things only: a file whose mode alone
// changed is added (the scripts lose the change), and a directory that is both
// vanished and named by removed-files is removed once.
func TestPartialIsMozillas(t *testing.T) {
	b := newBuilder(t, 2)
	for _, format := range []string{FormatBsdiff, FormatZucchini} {
		t.Run(format, func(t *testing.T) {
			got, err := b.Partial(t.Context(), PartialJob{
				From:   Source{MAR: sampleMAR(t, b, "old.complete")},
				To:     Source{MAR: sampleMAR(t, b, "new.complete")},
				Format: format,
			})
			if err != nil {
				t.Fatal(err)
			}
			want := manifestOf(t, b, sampleMAR(t, b, format+".partial"))
			want = slices.Insert(want, slices.Index(want, `patch "dir/text.patch" "dir/text"`)+1, `add "dir/same.txt"`)
			i := slices.Index(want, `rmdir "gone/"`)
			want = slices.Delete(want, i, i+1)
			if d := cmp.Diff(want, manifestOf(t, b, got.Blob)); d != "" {
				t.Errorf("Mozilla's (-) and ours (+):\n%s", d)
			}
			var shared []entry
			for _, e := range contentsOf(t, b, got.Blob, true) {
				if e.Name != "dir/same.txt" && e.Name != ManifestName {
					shared = append(shared, e)
				}
			}
			wantEntries := contentsOf(t, b, sampleMAR(t, b, format+".partial"), true)
			for i := range wantEntries {
				wantEntries[i].Mode |= 0o044 // the real generator's patches are 0600
			}
			if d := cmp.Diff(wantEntries[1:], shared); d != "" {
				t.Errorf("Mozilla's (-) and ours (+):\n%s", d)
			}
			if got.ChannelID != sampleChannel || got.Version != sampleVersion || got.Exceeds != 0 {
				t.Errorf("got %+v", got)
			}
			tree, err := b.Apply(t.Context(), ApplyJob{Tree: sampleTree(t, b, "old"), MAR: got.Blob})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tree.Digest(), sampleTree(t, b, "new"); got != want {
				t.Errorf("applied: tree %s, want %s", got, want)
			}
		})
	}
}

// Mozilla's own packages turn old into new, but for the mode they lose.
func TestApplyMozillas(t *testing.T) {
	b := newBuilder(t, 2)
	lost := getTree(t, b, sampleTree(t, b, "new"))
	for i, e := range lost.Entries {
		if e.Path == "dir/same.txt" {
			lost.Entries[i].Mode = 0o644
		}
	}
	for name, want := range map[string]cache.Digest{
		"bsdiff.partial": lost.Digest(), "zucchini.partial": lost.Digest(),
		"new.complete": sampleTree(t, b, "new"), "new.signed": sampleTree(t, b, "new"),
	} {
		tree, err := b.Apply(t.Context(), ApplyJob{Tree: sampleTree(t, b, "old"), MAR: sampleMAR(t, b, name)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := tree.Digest(); got != want {
			t.Errorf("%s gives tree %s, want %s", name, got, want)
		}
	}
}

type entry struct {
	Name string
	Mode uint32
	Data string
}

// contentsOf lists the entries, unpacked; patches by name only if asked, for
// ours are made by another differ.
func contentsOf(t *testing.T, b *Builder, d cache.Digest, namesOfPatches bool) []entry {
	t.Helper()
	var out []entry
	opened(t, b, d, func(a *archive) {
		for _, e := range a.Entries {
			data, err := a.read(e.Name, maxFile)
			if err != nil {
				t.Fatal(err)
			}
			if namesOfPatches && (e.Name == ManifestName || len(e.Name) > 6 && e.Name[len(e.Name)-6:] == ".patch") {
				data = nil
			}
			out = append(out, entry{e.Name, e.Mode, string(data)})
		}
	})
	return out
}
