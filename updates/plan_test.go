package updates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/updates/mar"
)

// The ways in which our partials are not the scripts', on purpose, and what a
// partial does in unusual cases. Each is applied, and the result compared.
func TestPartialLines(t *testing.T) {
	prose := strings.Repeat("all work and no play makes jack a dull boy. ", 40)
	ext := "distribution/extensions/x@y/e"
	tests := []struct {
		name     string
		old, new []file
		force    []string
		want     []string
	}{
		{
			name: "mode alone",
			old:  []file{{"run", 0o644, "x"}}, new: []file{{"run", 0o755, "x"}},
			want: []string{`add "run"`},
		}, {
			name: "mode and bytes: a patch would keep the old mode",
			old:  []file{{"run", 0o644, prose}}, new: []file{{"run", 0o755, prose + "y"}},
			want: []string{`add "run"`},
		}, {
			name: "only who may write changed: no update carries that",
			old:  []file{{"f", 0o664, "x"}}, new: []file{{"f", 0o600, "x"}},
		}, {
			name: "patched",
			old:  []file{{"f", 0, prose}}, new: []file{{"f", 0, prose + "y"}},
			want: []string{`patch "f.patch" "f"`},
		}, {
			name: "empty old or new",
			old:  []file{{"a", 0, ""}, {"b", 0, prose}}, new: []file{{"a", 0, prose}, {"b", 0, ""}},
			want: []string{`add "b"`, `add "a"`},
		}, {
			name: "a file that is called as another's patch would be",
			old:  []file{{"a", 0, prose}, {"A.patch", 0, "x"}, {"b", 0, prose}, {"b.patch/c", 0, "x"}},
			new:  []file{{"a", 0, prose + "y"}, {"A.patch", 0, "y"}, {"b", 0, prose + "y"}, {"b.patch/c", 0, "y"}},
			want: []string{`add "b.patch/c"`, `patch "b.patch.patch" "b"`, `patch "a.patch.patch" "a"`, `add "A.patch"`},
		}, {
			name: "patch not smaller",
			old:  []file{{"f", 0, "a"}}, new: []file{{"f", 0, "b"}},
			want: []string{`add "f"`},
		}, {
			name: "forced by exact path, equal",
			old:  []file{{"d/f", 0, prose}, {"f", 0, prose}}, new: []file{{"d/f", 0, prose}, {"f", 0, prose}},
			force: []string{"f"}, want: []string{`add "f"`},
		}, {
			name: "forced file of an extension",
			old:  []file{{ext, 0, prose}}, new: []file{{ext, 0, prose}},
			force: []string{ext}, want: []string{`add-if "distribution/extensions/x@y" "` + ext + `"`},
		}, {
			name: "signature files",
			old:  []file{{"libnss3.chk", 0, prose}}, new: []file{{"libnss3.chk", 0, prose + "y"}},
			want: []string{`add "libnss3.chk"`},
		}, {
			name: "a file becomes a directory",
			old:  []file{{"a", 0, "x"}}, new: []file{{"a/b", 0, "x"}},
			want: []string{`remove "a"`, `add "a/b"`},
		}, {
			name: "a name changes its case",
			old:  []file{{"Doc/README", 0, "x"}}, new: []file{{"doc/readme", 0, "y"}},
			want: []string{`remove "Doc/README"`, `add "doc/readme"`, `rmdir "Doc/"`},
		}, {
			name: "two files change places",
			old:  []file{{"a", 0, prose + "1"}, {"b", 0, "2" + prose}}, new: []file{{"a", 0, "2" + prose}, {"b", 0, prose + "1"}},
			want: []string{`patch "b.patch" "b"`, `patch "a.patch" "a"`},
		}, {
			name: "vanished directories, children first",
			old:  []file{{"d/e/f", 0, "x"}, {"d/g", 0, "x"}},
			want: []string{`remove "d/g"`, `remove "d/e/f"`, `rmdir "d/e/"`, `rmdir "d/"`},
		}, {
			name: "removed-files that are gone anyway",
			old:  []file{{"d/f", 0, "x"}}, new: []file{{"removed-files", 0, "d/\nd/f\nnever/*\n"}},
			want: []string{`add "removed-files"`, `remove "d/f"`, `rmrfdir "never/"`, `rmdir "d/"`},
		}, {
			name: "spaces and equal files beside",
			old:  []file{{"a b", 0, "x"}, {"same", 0, "s"}}, new: []file{{"a  b", 0, "x"}, {"same", 0, "s"}},
			want: []string{`add "a  b"`, `remove "a b"`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(t, 2)
			complete := func(files []file) built {
				d := putTree(t, b, files...)
				m, err := b.Complete(t.Context(), CompleteJob{Tree: d, ChannelID: "c", Version: "1", MakePrecomplete: true})
				if err != nil {
					t.Fatal(err)
				}
				return built{Source{MAR: m.Blob}, m.Size}
			}
			old, new := complete(tt.old), complete(tt.new)
			got, err := b.Partial(t.Context(), PartialJob{From: old.Source, To: new.Source, Force: tt.force})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, l := range manifestOf(t, b, got.Blob)[1:] {
				if l != `add "precomplete"` { // in every partial
					lines = append(lines, l)
				}
			}
			if d := cmp.Diff(tt.want, lines); d != "" {
				t.Errorf("want (-), got (+):\n%s", d)
			}
			_, err = b.Verify(t.Context(), VerifyJob{Updates: []Update{
				{Name: "partial", From: old.Source, MAR: got.Blob, To: new.Source},
				{Name: "complete", From: old.Source, MAR: new.MAR, To: new.Source},
				{Name: "complete on nothing", MAR: new.MAR, To: new.Source},
			}})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

type built struct {
	Source
	size int64
}

func TestRefusedTrees(t *testing.T) {
	pre := file{"precomplete", 0, "remove \"precomplete\"\n"}
	tests := []struct {
		name     string
		old, new []file
		code     int
		say      string
	}{
		{"directory becomes file", []file{pre, {"a/b", 0, "x"}}, []file{pre, {"a", 0, "x"}}, mar.NotAFile, `"a" is a directory of the old tree`},
		{"directory becomes file on Windows", []file{pre, {"A/b", 0, "x"}}, []file{pre, {"a", 0, "x"}}, mar.NotAFile, `"A" is a directory of the old tree`},
		{"two names, one file", nil, []file{pre, {"README", 0, "x"}, {"Readme", 0, "x"}}, mar.Accepts, `"Readme": differs from "README" only in case`},
		{"name of a device on Windows", nil, []file{pre, {"aux.txt", 0, "x"}}, mar.Accepts, "is a device on Windows"},
		{"name with dots", nil, []file{pre, {"a..b", 0, "x"}}, mar.ParseError, `holds ".."`},
		{"name with quote", nil, []file{pre, {`a"b`, 0, "x"}}, mar.ParseError, "cannot stand in a manifest"},
		{"removed-files names a file of the tree", nil, []file{pre, {"f", 0, "x"}, {"removed-files", 0, "f"}}, mar.Accepts, `would delete "f"`},
		{"removed-files names a directory of the tree", nil, []file{pre, {"d/f", 0, "x"}, {"removed-files", 0, "d/*"}}, mar.Accepts, `would delete "d/f"`},
		{"removed-files names a file in another case", nil, []file{pre, {"foo.dll", 0, "x"}, {"removed-files", 0, "Foo.dll"}}, mar.Accepts, `would delete "foo.dll"`},
		{"removed-files names a directory in another case", nil, []file{pre, {"d/f", 0, "x"}, {"removed-files", 0, "D/*"}}, mar.Accepts, `would delete "d/f"`},
		{"removed-files takes a file for a directory", nil, []file{pre, {"plugins", 0, "x"}, {"removed-files", 0, "plugins/"}}, mar.NotADir, `names a file of the new tree, "plugins"`},
		{"removed-files takes a directory for a file", nil, []file{pre, {"d/e/f", 0, "x"}, {"removed-files", 0, "d"}}, mar.NotAFile, `names a directory of the new tree, with "d/e/f"`},
		{"removed-files climbs", nil, []file{pre, {"removed-files", 0, "../x"}}, mar.ParseError, `holds ".."`},
		{"broken precomplete", nil, []file{{"precomplete", 0, "add \"x\"\n"}}, mar.ParseError, "unknown instruction"},
	}
	for _, tt := range tests {
		b := newBuilder(t, 1)
		_, err := b.Partial(t.Context(), PartialJob{
			From: Source{Tree: putTree(t, b, tt.old...)}, To: Source{Tree: putTree(t, b, tt.new...)},
			ChannelID: "c", Version: "1",
		})
		if err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.say)
			continue
		}
		if code, ok := CodeOf(err); !ok || code != tt.code {
			t.Errorf("%s: code %d, want %d", tt.name, code, tt.code)
		}
	}
}
