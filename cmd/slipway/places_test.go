package main

import (
	"path/filepath"
	"testing"
)

// TestPlacesWithoutHome: nothing of ours lands in the directory that is packed.
func TestPlacesWithoutHome(t *testing.T) {
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "not/absolute")
	if got := xdg("XDG_CACHE_HOME", ".cache"); !filepath.IsAbs(got) {
		t.Errorf("the cache is %q", got)
	}
}
