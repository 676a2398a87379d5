package release

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// What was taken back lies in a directory for each release, with who did it. A
// resumption puts it back, until a release that ships takes its place.

func withdrawnDir(product, release string) string {
	return path.Join(ausBase, "withdrawn", product, release)
}

func (p *Plan) withdrawnDir() string {
	return withdrawnDir(p.blobProduct(), p.releaseName(p.Version, p.Build))
}

// notWithdrawn refuses to put live what was taken back when a part of it was
// live already: the step was killed, or failed, and is made again.
func (s *site) notWithdrawn(args publishSnippetsArgs) error {
	h, err := readWithdrawn(s.root.FS(), withdrawnDir(args.Product, args.Release))
	if err != nil || h == nil {
		return err
	}
	return pipeline.Fail(pipeline.Policy, "the release was taken back", fmt.Errorf("%w %s; slipway rollout resume lifts it", ErrHalted, *h))
}

// supersede removes the answers that were withdrawn on the channels that the
// release ships on: they are never to be offered again. Those of other channels
// stay, with the note of who halted them.
func (s *site) supersede(args publishSnippetsArgs) error {
	top := withdrawnDir(args.Product, "")
	releases, err := fs.ReadDir(s.root.FS(), top)
	if err != nil {
		return notThere(err)
	}
	for _, release := range releases {
		dir := path.Join(top, release.Name())
		var ours []string
		others := false
		err := s.walk(dir, func(name string) error {
			if slices.Contains(args.Channels, path.Base(path.Dir(name))) {
				ours = append(ours, name)
			} else if name != path.Join(dir, aus.HaltedFile) {
				others = true
			}
			return nil
		})
		if err == nil && len(ours) > 0 && !others {
			ours, err = nil, s.retire(dir)
		}
		for _, name := range ours {
			if err == nil {
				err = s.remove(name)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readWithdrawn reads who took a release away; nil when nobody did.
func readWithdrawn(root fs.FS, dir string) (*RolloutHalt, error) {
	text, err := fs.ReadFile(root, path.Join(dir, aus.HaltedFile))
	if err != nil {
		return nil, notThere(err)
	}
	h := new(RolloutHalt)
	return h, json.Unmarshal(text, h)
}
