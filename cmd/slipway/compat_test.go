package main

import (
	"io/fs"
	"slices"
	"testing"
)

// TestStatMode: "app" and "app.exe" as stat of Microsoft's C library reports them.
func TestStatMode(t *testing.T) {
	for _, c := range []struct {
		system, name string
		mode         fs.FileMode
		want         uint32
	}{
		{"windows", "app", 0o666, 0o666},
		{"windows", "dir/App.EXE", 0o666, 0o777},
		{"windows", "run.bat", 0o444, 0o555},
		{"linux", "app.exe", 0o644, 0o644},
	} {
		if got := statMode(c.system, c.name, c.mode); got != c.want {
			t.Errorf("%s, %s %o: got %o, want %o", c.system, c.name, c.mode, got, c.want)
		}
	}
}

// TestDropInNames: a copy of slipway by another program's name is that program.
func TestDropInNames(t *testing.T) {
	for _, name := range []string{"mar", "tools/mar.exe", "MAR.EXE"} {
		if got := asCompat([]string{name, "-t", "x"}); !slices.Equal(got, []string{"slipway", "compat", "mar", "-t", "x"}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := asCompat([]string{"slipway.exe", "mar"}); got[0] != "slipway.exe" {
		t.Errorf("got %q", got)
	}
}
