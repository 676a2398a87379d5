package pipeline

import (
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	tasks := []Task{
		{ID: "repack/win64/de", Title: "repack de for win64", Stage: "repack", Platform: "win64", Locale: "de"},
		{ID: "repack/win64/ja", Stage: "repack", Platform: "win64", Locale: "ja"},
		{ID: "repack/mac/ja-JP-mac", Stage: "repack", Platform: "mac", Locale: "ja-JP-mac"},
		{ID: "sign/win64/de", Stage: "sign", Platform: "win64", Locale: "de"},
	}
	states := []State{Passed, Failed, Failed, Waiting}
	for _, tc := range []struct{ sel, want string }{
		{"", "repack/win64/de repack/win64/ja repack/mac/ja-JP-mac sign/win64/de"},
		{"repack", "repack/win64/de repack/win64/ja repack/mac/ja-JP-mac"},
		{"repack/win64", "repack/win64/de repack/win64/ja"},
		{"*/*/de", "repack/win64/de sign/win64/de"},
		{"repack/win64/de", "repack/win64/de"},
		{"state:failed", "repack/win64/ja repack/mac/ja-JP-mac"},
		{"state:failed platform:win64", "repack/win64/ja"},
		{"locale:ja*,de stage:repack", "repack/win64/de repack/win64/ja repack/mac/ja-JP-mac"},
		{"DE for", "repack/win64/de"},
		{"nothing", ""},
		{"name:repack/mac", "repack/mac/ja-JP-mac"},
		{"name:mac", ""},
		{"name:sign state:waiting", "sign/win64/de"},
	} {
		sel, err := Select(tc.sel)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, task := range tasks {
			if sel.Picks(task, states[i], "") {
				got = append(got, task.ID)
			}
		}
		want(t, tc.sel, strings.Join(got, " "), tc.want)
	}
	for _, bad := range []string{"sate:failed", "state:faild", "repack/[", "locale:["} {
		if _, err := Select(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
