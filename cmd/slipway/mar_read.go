package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/release/text"
	"slipway/updates"
	"slipway/updates/mar"
)

func (a *app) marInfoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "info MAR",
		Short: "what kind of package it is, for which channel and version, how signed",
		Args:  cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return parsedMAR(args[0], func(archive *mar.Archive) error {
			info, err := updates.ReadInfo(archive)
			if err != nil {
				return err
			}
			signatures := []string{}
			for _, s := range archive.Signatures {
				signatures = append(signatures, fmt.Sprintf("%s, %d bytes", s.Algorithm, len(s.Bytes)))
			}
			if *asJSON {
				return (&lines{w: a.stdout}).put("summary", struct {
					updates.Info
					Signatures []string `json:"signatures"`
				}{info, signatures})
			}
			fmt.Fprintf(a.stdout, "type       %s\nchannel    %s\nversion    %s\nsize       %d\nentries    %d\nbcj        %s\n",
				info.Type, text.Sanitize(info.ChannelID), text.Sanitize(info.Version), info.Size, info.Entries, info.BCJ)
			if len(signatures) == 0 {
				signatures = []string{"none"}
			}
			for _, s := range signatures {
				fmt.Fprintf(a.stdout, "signature  %s\n", s)
			}
			return nil
		})
	}
	return cmd
}

func (a *app) marListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list MAR",
		Short: "list the entries: size as stored, mode, name",
		Args:  cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return parsedMAR(args[0], func(archive *mar.Archive) error {
			json := &lines{w: a.stdout}
			for _, e := range archive.Entries {
				if !*asJSON {
					fmt.Fprintf(a.stdout, "%10d  %04o  %s\n", e.Size, e.Mode, text.Sanitize(e.Name))
					continue
				}
				err := json.put("entry", map[string]any{"name": e.Name, "size": e.Size, "mode": fmt.Sprintf("%04o", e.Mode), "offset": e.Offset})
				if err != nil {
					return err
				}
			}
			if *asJSON {
				return json.put("summary", map[string]any{"entries": len(archive.Entries), "size": archive.Size})
			}
			return nil
		})
	}
	return cmd
}

func (a *app) marExtractCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "extract MAR DIR",
		Short: "write the entries, unpacked, to a new directory",
		Args:  cobra.ExactArgs(2),
	}
	raw := cmd.Flags().Bool("raw", false, "write the entries as they are stored, in xz")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, stop := interruptible(cmd.Context(), 0)
		defer stop()
		err := parsedMAR(args[0], func(archive *mar.Archive) error {
			return updates.Extract(ctx, archive, args[1], *raw)
		})
		if stopped := interrupted(ctx, err, args[1]+" was not made"); stopped != nil {
			return stopped
		}
		return err
	}
	return cmd
}

func (a *app) marCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check MAR…",
		Short: "find all that the updater refuses, crashes on, or silently does wrong",
		Long: `Reads container, manifest and every entry, and names each fault with what the
updater makes of it. A note is no fault: a package that is not signed, say, waits
for its signature. Whether patches give the right files is told by "slipway
updates verify".`,
		Args: cobra.MinimumNArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		json := &lines{w: a.stdout}
		bad := 0
		var unread []error
		for _, path := range args {
			unread = append(unread, withMAR(path, func(r io.ReaderAt, size int64) error {
				findings := updates.Check(r, size)
				if updates.MustNotShip(findings) {
					bad++
				}
				for _, f := range findings {
					if err := a.finding(json, *asJSON, path, f); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		if *asJSON {
			if err := json.put("summary", map[string]any{"packages": len(args), "bad": bad}); err != nil {
				return err
			}
		}
		if err := errors.Join(unread...); err != nil {
			return err
		}
		if bad > 0 {
			return fail(exitCheckFailed, fmt.Errorf("%d of %d packages must not ship", bad, len(args)), "")
		}
		return nil
	}
	return cmd
}

func (a *app) finding(json *lines, asJSON bool, path string, f mar.Finding) error {
	if asJSON {
		return json.put("finding", map[string]any{
			"mar": path, "level": f.Level.String(), "offset": f.Offset, "what": f.What, "code": f.Code, "outcome": mar.Outcome(f.Code),
		})
	}
	_, err := fmt.Fprintf(a.stdout, "%s: %s: %s; %s\n", text.Sanitize(path), f.Level, text.Sanitize(f.What), mar.Outcome(f.Code))
	return err
}
