package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"slipway/release/text"
	"slipway/updates/aus"
)

func (a *app) updatesCheckCommand() *cobra.Command {
	var places, redirects []string
	var policy aus.URLPolicy
	cmd := &cobra.Command{
		Use:   "check RELEASE.json DIR",
		Short: "prove every URL, size and hash that clients are told, and that none is left behind",
		Long: `Reads RELEASE.json (who is out there and what is offered; shipping a release
leaves it in aus/releases) and the files below DIR that answer clients: snippets,
update.xml, blobs, static rules. Every URL must lead, by --map, to a file of the
size and hash that is told; every kind of client must be led to the newest
release, by steps that each go up.

URLs of a redirector (bouncer) lead where --redirect says: URL and target with a
space between, both with {names}. What the URL has in the place of a name goes
into the target; a {bouncer} that RELEASE.json knows brings its {ftp} and
{platform}.`,
		Example: `  slipway updates check pub/aus/releases/Skiff-1.1-build1.json pub/aus \
    --map https://download.skiff.example/skiff/=pub/skiff/
  slipway updates check RELEASE.json aus --map https://cdn.example/=pub/ --redirect \
    'https://dl.example/?product=skiff-{version}-complete&os={bouncer}&lang={locale}
     https://cdn.example/skiff/releases/{version}/update/{ftp}/{locale}/skiff-{version}.complete.mar'`,
		Args: cobra.ExactArgs(2),
	}
	f := cmd.Flags()
	f.StringArrayVar(&places, "map", nil, "files of `URL=DIR` lie there (repeatable)")
	f.StringArrayVar(&redirects, "redirect", nil, "a redirector sends `'URL TARGET'` so (repeatable; the first that fits)")
	f.StringArrayVar(&policy.Hosts, "host", nil, "the only `HOST` that URLs may name (repeatable; default any)")
	f.BoolVar(&policy.AllowHTTP, "allow-http", false, "accept http beside https")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		release, err := readRelease(args[0])
		if err != nil {
			return usage(fmt.Errorf("%s: %w", args[0], err), "")
		}
		files, err := readAnswers(args[1])
		if err != nil {
			return usage(fmt.Errorf("%s: %w", args[1], err), "")
		}
		find, err := finder(release.Platforms, redirects, places)
		if err != nil {
			return usage(err, "slipway updates check --help")
		}
		bad := aus.Check(release, files, aus.Proof{Find: find, URLs: policy})
		out := &lines{w: a.stdout}
		for _, err := range bad {
			if !*asJSON {
				fmt.Fprintln(a.stdout, text.Sanitize(err.Error()))
			} else if err := out.put("finding", map[string]any{"what": err.Error()}); err != nil {
				return err
			}
		}
		if *asJSON {
			if err := out.put("summary", map[string]any{"files": len(files), "bad": len(bad)}); err != nil {
				return err
			}
		}
		if len(bad) > 0 {
			return fail(exitCheckFailed, fmt.Errorf("%d faults in what clients are told", len(bad)), "")
		}
		return nil
	}
	return cmd
}

func readRelease(path string) (*aus.Release, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(aus.Release)
	return r, decodeOnly(b, r)
}

// decodeOnly reads JSON that has no unknown members, and nothing behind it.
func decodeOnly(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more behind the end of the JSON, at byte %d", dec.InputOffset())
	}
	return nil
}

// readAnswers reads what answers clients. What a release says of itself lies
// beside, in releases/, and answers nobody.
func readAnswers(dir string) ([]aus.File, error) {
	var files []aus.File
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(p string, e fs.DirEntry, err error) error {
		if p == "releases" && e != nil && e.IsDir() {
			return fs.SkipDir
		}
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, p)
		files = append(files, aus.File{Name: p, Data: b})
		return err
	})
	return files, err
}
