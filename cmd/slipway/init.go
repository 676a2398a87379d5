package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
)

// starting is the worked example that init writes; Skiff stands for the product.
//
//go:embed starting.yaml
var starting string

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init PRODUCT",
		Short: "write a commented slipway.yaml to start from; never overwrites",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := a.configPlace(cmd).path
			lower := strings.ToLower(args[0])
			shown := args[0]
			if shown == lower && shown != "" {
				shown = strings.ToUpper(shown[:1]) + shown[1:]
			}
			text := strings.NewReplacer("Skiff", shown, "skiff", lower, "SKIFF", strings.ToUpper(strings.ReplaceAll(lower, "-", "_"))).Replace(starting)
			if _, err := release.Parse(path, []byte(text)); err != nil {
				return usage(fmt.Errorf("product %q: want letters, digits and dashes, beginning with a letter", args[0]), "slipway init Skiff")
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return fail(exitConflict, fmt.Errorf("%s exists; init never overwrites", path), "slipway init "+args[0]+" --config other.yaml")
			}
			if err != nil {
				return err
			}
			if _, err := f.WriteString(text); err != nil {
				return errors.Join(err, f.Close(), os.Remove(path))
			}
			if err := errors.Join(f.Sync(), f.Close()); err != nil {
				return err
			}
			next := "slipway config check"
			if cmd.Flags().Changed("config") {
				next += " --config " + path
			}
			fmt.Fprintf(a.stdout, "wrote %s; edit it, then: %s\n", path, next)
			return nil
		},
	}
}
