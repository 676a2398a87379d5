package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/git"
	"slipway/release/text"
)

// suggestPlan prints what is probably next, and the command for it. Nothing
// follows it by itself: whoever types that has read it.
func (a *app) suggestPlan(cmd *cobra.Command) error {
	file, err := a.loadConfig(cmd)
	if err != nil {
		return err
	}
	next, err := release.Suggest(cmd.Context(), file.Config, a.world(file))
	if err != nil {
		return err
	}
	partials := "none: nothing was released before"
	if len(next.Usual) > 0 {
		partials = strings.Join(next.Usual, ", ")
	}
	fmt.Fprintf(a.stdout, "version   %s, build %d\npartials  %s\n", next.Version, next.Build, partials)
	line := fmt.Sprintf("slipway plan %s --build %d", next.Version, next.Build)
	for _, name := range next.Repositories {
		recent, rev := next.Recent[name], "REVISION"
		if len(recent) > 0 {
			rev = recent[0].Revision
		}
		fmt.Fprintf(a.stdout, "\n%s\n", name)
		if len(recent) == 0 {
			fmt.Fprintf(a.stdout, "  unknown: repositories.%s has no branch, or nothing to build on it\n", name)
		}
		for _, c := range recent {
			fmt.Fprintf(a.stdout, "  %.12s  %s  %s: %s\n", c.Revision, c.When.Format("2006-01-02"), text.Sanitize(c.Author), text.Sanitize(c.Subject))
		}
		line += " --rev " + name + "=" + rev
	}
	fmt.Fprintf(a.stdout, "\n%s\n", line)
	return nil
}

func (a *app) world(file *release.File) release.World {
	return release.World{
		Git:     &git.Git{Dir: filepath.Join(a.statePlace().path, "git")},
		Root:    file.Root,
		Publish: os.DirFS(release.Below(file.Root, file.Config.Publish.Directory)),
	}
}
