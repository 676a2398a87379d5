package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "print slipway's version, and the Go version that built it",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version := ownVersion()
			if *asJSON {
				out := lines{w: a.stdout}
				return out.put("summary", map[string]string{"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
			}
			fmt.Fprintf(a.stdout, "slipway %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

func ownVersion() string {
	if b, ok := debug.ReadBuildInfo(); ok {
		return b.Main.Version
	}
	return "(unknown)"
}
