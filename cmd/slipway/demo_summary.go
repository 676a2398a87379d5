package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"slipway/release/engine"
	"slipway/release/pipeline"
)

// openGates are the gates of a release that wait for people now, with a role
// that has yet to sign.
func (d *demo) openGates(ctx context.Context, name string) ([]heldGate, error) {
	j, err := engine.Open(filepath.Join(d.dir, "state"))
	if err != nil {
		return nil, err
	}
	defer j.Close()
	snap, err := j.Look(ctx, name, time.Now())
	if err != nil {
		return nil, err
	}
	var open []heldGate
	for _, g := range snap.Gates {
		if g.State == pipeline.Held && len(g.Missing) > 0 {
			open = append(open, heldGate{g.Task, g.Missing[0].Role})
		}
	}
	return open, nil
}

type heldGate struct{ name, role string }

// summary says where everything lies, what the cache saved, and what to type.
func (d *demo) summary(ctx context.Context) error {
	d.say("\nSkiff 1.0, 1.1 and 1.2 are shipped. What lies where in %s:", d.shown)
	for _, place := range [][2]string{
		{"slipway.yaml", "how Skiff is released; change it and plan a 1.3"},
		{"remotes", "the repositories, with their new branches and tags"},
		{"plans", "what each release was made of, by revision and digest"},
		{"publish/skiff/candidates", "what testers got"},
		{"publish/skiff/releases", "what users get: packages, MARs, signatures, checksums, KEY"},
		{"publish/aus", "what clients are answered: snippets, update.xml, release blobs"},
		{"publish/product-details", "the lists that websites read"},
		{"mail", "the mails, from go to build to ship"},
		{"state, cache", "journal, task logs and mirrors; bytes that need not be made again"},
	} {
		files, bytes := d.measure(place[0])
		d.say("  %-26s %11s %9s   %s", place[0], counted(files, "file", "files"), humanize.Bytes(bytes), place[1])
	}
	d.say("\nWhat the cache saved:")
	cmd := d.command(ctx, "cache", "stats")
	cmd.Stdout, cmd.Stderr = d.out, d.talk
	if err := cmd.Run(); err != nil {
		return err
	}
	d.say("\nNext, in %s:", d.shown)
	for _, line := range []string{
		"slipway --state state --cache cache                                   the console",
		"slipway --state state history skiff-1.2-build1                        who did what, hash-chained",
		"slipway mar info publish/skiff/releases/1.2/update/win64/de/skiff-1.1-1.2.partial.mar",
		"gpg --import publish/skiff/releases/1.2/KEY; gpg --verify publish/skiff/releases/1.2/SHA256SUMS.asc",
		"slipway init                                                          a product of your own (docs/tutorial.md)",
	} {
		d.say("  %s", line)
	}
	return nil
}

// measure counts the files and bytes below some places of the demo.
func (d *demo) measure(places string) (files int, bytes uint64) {
	for _, place := range strings.Split(places, ", ") {
		// What cannot be read is not counted: this is a summary, not a check.
		_ = filepath.WalkDir(filepath.Join(d.dir, place), func(_ string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil
			}
			if info, err := e.Info(); err == nil {
				files, bytes = files+1, bytes+uint64(info.Size())
			}
			return nil
		})
	}
	return files, bytes
}
