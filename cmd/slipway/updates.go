package main

import (
	"github.com/spf13/cobra"
)

func (a *app) updatesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "updates",
		Short: "prove updates by applying them, prove what clients are told, plan partials",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(a.updatesVerifyCommand(), a.updatesCheckCommand(), a.updatesPreviewCommand(), a.updatesLiveCommand(), a.updatesAdviseCommand())
	return cmd
}
