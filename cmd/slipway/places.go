package main

import (
	"os"
	"os/user"
	"path/filepath"

	"github.com/spf13/cobra"
)

// place is a directory or file that slipway was told of, and by what.
type place struct {
	path, origin string
}

// choose applies the precedence flag > SLIPWAY_* > default. Only places come
// from the environment: what a release does is in files that can be reviewed.
func choose(flag, name, env string, changed bool, standard func() string) place {
	if changed {
		return place{flag, "--" + name}
	}
	if v := os.Getenv(env); v != "" {
		return place{v, env}
	}
	return place{standard(), "default"}
}

func (a *app) configPlace(cmd *cobra.Command) place {
	return choose(a.config, "config", "SLIPWAY_CONFIG", cmd.Flags().Changed("config"), func() string { return "slipway.yaml" })
}

// statePlace is where journals, task logs and git mirrors lie.
func (a *app) statePlace() place {
	return choose(a.state, "state", "SLIPWAY_STATE", a.state != "", func() string { return xdg("XDG_STATE_HOME", ".local/state") })
}

// cachePlace is where bytes and keyed results lie.
func (a *app) cachePlace() place {
	return choose(a.cache, "cache", "SLIPWAY_CACHE", a.cache != "", func() string { return xdg("XDG_CACHE_HOME", ".cache") })
}

// xdg is slipway's directory by the XDG base directory specification, which
// says to ignore a value that is not absolute.
func xdg(env, below string) string {
	base := os.Getenv(env)
	if !filepath.IsAbs(base) {
		base = filepath.Join(home(), below)
	}
	return filepath.Join(base, "slipway")
}

// home is the user's directory, also where HOME is not set (under systemd, say):
// a cache in the working directory would be packed with what is packed there.
func home() string {
	if dir := os.Getenv("HOME"); dir != "" {
		return dir
	}
	if u, err := user.Current(); err == nil && u.HomeDir != "" {
		return u.HomeDir
	}
	return "/"
}
