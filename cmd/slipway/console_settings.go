package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"

	"slipway/tui"
)

// consoleSettings are one person's: nothing in them touches a release.
type consoleSettings struct {
	Keys    map[string][]string `yaml:"keys"`    // act → keys, over the standard ones
	Filters map[string]string   `yaml:"filters"` // name → query
}

// settingsPath is where a person's own settings lie.
func settingsPath() string { return filepath.Join(xdg("XDG_CONFIG_HOME", ".config"), "console.yaml") }

// settings reads the person's keys and filters into the console's surroundings.
func settings(env *tui.Env) error {
	path := settingsPath()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var s consoleSettings
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	err = dec.Decode(&s)
	if err == nil || errors.Is(err, io.EOF) { // no file, or nothing in it
		env.Keys, err = tui.Keys(s.Keys)
	}
	if err != nil {
		return fail(exitConfig, fmt.Errorf("%s: %w", path, err), "docs/console.md, \"Your own keys and filters\"")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Filters)) {
		env.Filters = append(env.Filters, tui.Filter{Name: name, Query: s.Filters[name]})
	}
	return nil
}
