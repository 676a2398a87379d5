package main

import (
	"path/filepath"
	"time"

	"slipway/release"
	"slipway/release/git"
	"slipway/release/text"
)

// releaseEnv is what a plan's kinds and checks work with; root is where the
// plan's relative paths start. Whoever asks for it closes the store.
func (a *app) releaseEnv(root string) (release.Env, error) {
	store, err := a.openCache()
	if err != nil {
		return release.Env{}, err
	}
	state, err := filepath.Abs(a.statePlace().path)
	return release.Env{
		Store: store, Git: &git.Git{Dir: filepath.Join(state, "git")},
		Root: root, State: state, Cache: a.cachePlace().path, Secrets: new(text.Secrets), Now: time.Now,
	}, err
}
