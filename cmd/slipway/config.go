package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"slipway/release"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "check and show the product's slipway.yaml",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.configCheckCommand(), a.configShowCommand(), a.configSchemaCommand())
	return cmd
}

// loadConfig reads the slipway.yaml that the flags and the environment name.
func (a *app) loadConfig(cmd *cobra.Command) (*release.File, error) {
	at := a.configPlace(cmd)
	f, err := release.Load(at.path)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fail(exitConfig, err, "slipway init PRODUCT writes a commented starting file")
	}
	return nil, fail(exitConfig, err, "every field: slipway config schema, docs/file-formats.md")
}

func (a *app) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "read the file strictly; every problem with its line",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.loadConfig(cmd)
			if err != nil {
				return err
			}
			c := f.Config
			fmt.Fprintf(a.stdout, "%s: %s, %s, %s: nothing to complain of\n", f.Path, c.DisplayName,
				counted(len(c.Repositories), "repository", "repositories"), counted(len(c.Platforms), "platform", "platforms"))
			return nil
		},
	}
}

func (a *app) configShowCommand() *cobra.Command {
	var origin bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "print every value in force, defaults included",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.loadConfig(cmd)
			if err != nil {
				return err
			}
			lines, err := f.Lines(origin)
			if err != nil {
				return err
			}
			if origin {
				for _, p := range []struct {
					name string
					at   place
				}{{"config", a.configPlace(cmd)}, {"state", a.statePlace()}, {"cache", a.cachePlace()}} {
					fmt.Fprintf(a.stdout, "%s = %q   # %s\n", p.name, p.at.path, p.at.origin)
				}
			}
			_, err = a.stdout.Write(lines)
			return err
		},
	}
	cmd.Flags().BoolVar(&origin, "origin", false, "say where each value comes from")
	return cmd
}

func (a *app) configSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of slipway.yaml, for editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b, err := release.SchemaJSON()
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(b)
			return err
		},
	}
}
