package aus

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// rolloutProof finds the MARs of both releases.
var rolloutProof = Proof{Find: mirror}

// While a rollout lasts, who is in the share and who is not are both led right.
func TestRolloutIsProven(t *testing.T) {
	for _, share := range []int{0, 25, 50} {
		for _, halted := range []bool{false, true} {
			files := published(t, share)
			if halted {
				files["rollout/Lynx/release/"+HaltedFile] = []byte("{}")
			}
			for _, err := range Check(rolled(), listed(files), rolloutProof) {
				t.Errorf("at %d %% (halted: %v): %v", share, halted, err)
			}
		}
	}
	// Before and after, there is one answer for all. The rules of former rollouts
	// stay beside their blobs.
	former := File{"blobs/" + rolled().Priors[0].Name + ".rules.json", []byte("[]")}
	for _, err := range Check(rolled(), append(generate(t, rolled(), XML, Snippets2, Blobs), former), rolloutProof) {
		t.Errorf("for all: %v", err)
	}
}

func TestRolloutFaultsAreFound(t *testing.T) {
	const older = "/11.5/20250901000000/Linux_x86_64-gcc3/de/"
	const live, inside = "update/Lynx" + older + "release/update.xml", "rollout/Lynx/release/answers" + older + "update.xml"
	for _, c := range []struct {
		name   string
		change func(files map[string][]byte)
		want   string
	}{
		{"nothing inside", func(f map[string][]byte) { delete(f, inside) }, inside + " is missing: its clients get no answer"},
		{"nothing outside", func(f map[string][]byte) { delete(f, live) }, live + " is missing: outside the share"},
		{"a loop outside", func(f map[string][]byte) {
			f[live] = []byte(strings.NewReplacer(`"12.0"`, `"11.5"`, "20260101000000", "20250901000000").Replace(string(f[live])))
		}, "(outside the share): is led to 11.5"},
		{"a dead end outside", func(f map[string][]byte) {
			f[live] = []byte(strings.NewReplacer("20260101000000", "20260102000000").Replace(string(f[live])))
		}, "where nobody leads on"},
		{"another size outside", func(f map[string][]byte) {
			f[live] = []byte(strings.Replace(string(f[live]), `size="`, `size="1`, 1))
		}, "clients are told 1"},
		{"forms disagree inside", func(f map[string][]byte) {
			f[inside] = []byte(strings.Replace(string(f[inside]), `"major"`, `"minor"`, 1))
		}, inside + ": type: blob major, xml minor"},
		{"a planted bucket", func(f map[string][]byte) {
			f["rollout/Lynx/release/"+Buckets("Lynx", "12.0.1", 100)[99]] = nil
		}, "26 buckets are open"},
		{"a planted file", func(f map[string][]byte) { f["rollout/Lynx/release/099"] = nil }, "rollout/Lynx/release/099 answers nobody"},
		{"a planted channel", func(f map[string][]byte) { f["rollout/Lynx/releasetest/00"] = nil }, "rollout/Lynx/releasetest/00 answers nobody"},
		{"another release's", func(f map[string][]byte) { f["rollout/Lynx/release/RELEASE"] = []byte("Lynx-12.0-build1\n") }, `names "Lynx-12.0-build1", not Lynx-12.0.1-build2`},
		{"other rules for the server", func(f map[string][]byte) { f["update/nginx-rollout.conf"] = nil }, "update/nginx-rollout.conf is missing, or not"},
		{"other rules for Balrog", func(f map[string][]byte) {
			name := "blobs/Lynx-12.0.1-build2.rules.json"
			f[name] = []byte(strings.Replace(string(f[name]), "25", "99", 1))
		}, "rules.json is missing, or not"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := published(t, 25)
			c.change(files)
			bad := Check(rolled(), listed(files), rolloutProof)
			if !slices.ContainsFunc(bad, func(err error) bool { return strings.Contains(err.Error(), c.want) }) {
				t.Errorf("found %v, want %q", bad, c.want)
			}
		})
	}
}

func listed(files map[string][]byte) (list []File) {
	for name, data := range files {
		list = append(list, File{name, data})
	}
	return list
}

func TestRolloutFiles(t *testing.T) {
	for _, f := range generate(t, rolled(), XML, Blobs) {
		if strings.Contains(f.Name, "rollout") || strings.HasSuffix(f.Name, ".rules.json") {
			golden(t, path.Base(f.Name), f.Data)
		}
	}
	for _, f := range generate(t, lynx(), XML, Blobs) {
		if strings.Contains(f.Name, "rollout") || strings.HasSuffix(f.Name, ".rules.json") {
			t.Errorf("%s is made for a release that is for all at once", f.Name)
		}
	}
}

func TestRolloutName(t *testing.T) {
	const class = "1.0/20260101/Linux/de"
	got, ok := RolloutName("Lynx", "release", "update/Lynx/"+class+"/release/update.xml")
	if want := "rollout/Lynx/release/answers/" + class + "/update.xml"; !ok || got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, name := range []string{
		"update/Lynx/" + class + "/beta/update.xml", "update/Fox/" + class + "/release/update.xml", "update/no-update.xml",
		"update/nginx.conf", "snippets/Lynx/" + class + "/release/complete.txt", "update/Lynx/release/update.xml",
	} {
		if got, ok := RolloutName("Lynx", "release", name); ok {
			t.Errorf("%s became %s", name, got)
		}
	}
}
