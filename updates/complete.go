package updates

import (
	"context"
	"errors"
	"fmt"

	"slipway/cache"
	"slipway/updates/mar"
)

// CompleteJob asks for the MAR that installs a whole tree.
type CompleteJob struct {
	Tree      cache.Digest `json:"tree"` // as Store.PutTree keeps it
	ChannelID string       `json:"channel_id"`
	Version   string       `json:"version"`
	BCJ       string       `json:"bcj,omitempty"`    // none (the default) or x86
	Preset    int          `json:"preset,omitempty"` // xz: 6 (the default) or 9
	// MakePrecomplete writes a precomplete file into a tree that has none.
	MakePrecomplete bool `json:"make_precomplete,omitempty"`
	// DropUncarriable leaves out symbolic links and empty directories, which a
	// MAR cannot hold, instead of refusing the tree.
	DropUncarriable bool `json:"drop_uncarriable,omitempty"`
}

// Check says what is wrong with the job itself, before its tree is looked at.
func (j CompleteJob) Check() error {
	_, err := wholePacking(j.BCJ, j.Preset)
	return errors.Join(mar.CheckChannel(j.ChannelID), mar.CheckVersion(j.Version), err)
}

// Complete builds the MAR that installs job.Tree over any prior version.
func (b *Builder) Complete(ctx context.Context, job CompleteJob) (MAR, error) {
	m, err := b.complete(ctx, job)
	if err != nil {
		return MAR{}, fmt.Errorf("complete of %s: %w", job.Version, err)
	}
	return m, nil
}

func (b *Builder) complete(ctx context.Context, job CompleteJob) (MAR, error) {
	p, err := wholePacking(job.BCJ, job.Preset)
	if err != nil {
		return MAR{}, err
	}
	given, err := b.Store.Tree(ctx, job.Tree)
	if err != nil {
		return MAR{}, err
	}
	t, dropped, removed, err := b.newTree(ctx, given, job.MakePrecomplete, job.DropUncarriable)
	if err != nil {
		return MAR{}, err
	}
	steps, err := planComplete(t, removed)
	if err != nil {
		return MAR{}, err
	}
	members := make([]member, len(t.Entries)) // the first steps are its files
	told := b.tell("compress", len(members))
	err = b.each(ctx, len(members), func(i int) int64 { return steps[i].file.Size },
		func(ctx context.Context, i, workers int) error {
			e := steps[i].file
			defer told.begin(e.Path)()
			blob, err := b.pack(ctx, e.Blob, p, workers)
			if err != nil {
				return fmt.Errorf("%q: %w", e.Path, err)
			}
			members[i] = member{e.Path, shipMode(e.Mode), blob}
			return nil
		})
	if err != nil {
		return MAR{}, err
	}
	manifest := Manifest{Type: TypeComplete}
	for _, s := range steps {
		manifest.Lines = append(manifest.Lines, s.line)
	}
	m, err := b.write(ctx, manifest, members, job.ChannelID, job.Version, p)
	m.Dropped = dropped
	return m, err
}

// write puts the manifest in front of the members and the whole into the store.
func (b *Builder) write(ctx context.Context, m Manifest, members []member, channel, version string, p packing) (MAR, error) {
	if _, err := ParseManifest(m.Bytes()); err != nil {
		return MAR{}, err
	}
	if err := errors.Join(append(checkChanges(m.Lines), checkOnce(m.Lines))...); err != nil {
		return MAR{}, err
	}
	text, err := b.Store.PutBytes(ctx, m.Bytes())
	if err != nil {
		return MAR{}, err
	}
	packed, err := b.pack(ctx, text.Digest, p, 1)
	if err != nil {
		return MAR{}, err
	}
	members = append([]member{{ManifestName, 0o644, packed}}, members...)
	blob, err := b.assemble(ctx, members, channel, version)
	if err != nil {
		return MAR{}, err
	}
	out := MAR{
		Blob: blob.Digest, Size: blob.Size, Type: m.Type,
		ChannelID: channel, Version: version, Entries: len(members),
	}
	for _, in := range m.Lines {
		if in.Patches() {
			out.Patches++
		}
	}
	return out, nil
}
