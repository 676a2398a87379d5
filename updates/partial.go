package updates

import (
	"context"
	"errors"
	"fmt"

	"slipway/cache"
	"slipway/updates/mar"
)

// Source is one side of an update: a tree, or the complete MAR of one.
type Source struct {
	Tree cache.Digest `json:"tree,omitempty"`
	MAR  cache.Digest `json:"mar,omitempty"`
}

// PartialJob asks for the MAR that turns From into To.
type PartialJob struct {
	From Source `json:"from"`
	To   Source `json:"to"`
	// The following are To's own when left empty and To is a MAR.
	ChannelID string `json:"channel_id,omitempty"`
	Version   string `json:"version,omitempty"`
	BCJ       string `json:"bcj,omitempty"`

	Preset int      `json:"preset,omitempty"` // xz: 6 (the default) or 9
	Format string   `json:"format,omitempty"` // bsdiff (the default), zucchini, best
	Force  []string `json:"force,omitempty"`  // paths that ship whole even if equal
	// CompleteSize is the size of the complete MAR of To, when To is a tree.
	CompleteSize    int64 `json:"complete_size,omitempty"`
	MakePrecomplete bool  `json:"make_precomplete,omitempty"`
	DropUncarriable bool  `json:"drop_uncarriable,omitempty"`
}

// Check says what is wrong with the job itself, before its trees are looked at.
// A channel id or version that is not there may be To's.
func (j PartialJob) Check() error {
	_, err := wholePacking(j.BCJ, j.Preset)
	errs := []error{err}
	if j.ChannelID != "" {
		errs = append(errs, mar.CheckChannel(j.ChannelID))
	}
	if j.Version != "" {
		errs = append(errs, mar.CheckVersion(j.Version))
	}
	_, err = patchFormats(j.Format)
	return errors.Join(append(errs, err)...)
}

// Partial builds the MAR that turns job.From into job.To. A file whose patch
// would be no smaller ships whole.
func (b *Builder) Partial(ctx context.Context, job PartialJob) (MAR, error) {
	old, _, err := b.side(ctx, job.From)
	if err != nil {
		return MAR{}, fmt.Errorf("partial: from: %w", err)
	}
	to, info, err := b.side(ctx, job.To)
	if err != nil {
		return MAR{}, fmt.Errorf("partial: to: %w", err)
	}
	if job.To.MAR != "" {
		job = job.defaults(info)
	}
	m, err := b.partial(ctx, job, old, to)
	if err != nil {
		return MAR{}, fmt.Errorf("partial to %s: %w", job.Version, err)
	}
	return m, nil
}

func (b *Builder) partial(ctx context.Context, job PartialJob, old, to cache.Tree) (MAR, error) {
	whole, err := wholePacking(job.BCJ, job.Preset)
	if err != nil {
		return MAR{}, err
	}
	formats, err := patchFormats(job.Format)
	if err != nil {
		return MAR{}, err
	}
	// What the old tree holds beyond a MAR's reach no update has ever touched.
	if old, _, err = carriable(old, true); err != nil {
		return MAR{}, fmt.Errorf("from: %w", err)
	}
	to, dropped, removed, err := b.newTree(ctx, to, job.MakePrecomplete, job.DropUncarriable)
	if err != nil {
		return MAR{}, fmt.Errorf("to: %w", err)
	}
	steps, err := planPartial(old, to, removed, job.Force)
	if err != nil {
		return MAR{}, err
	}
	manifest, members, err := b.shipSteps(ctx, steps, formats, whole)
	if err != nil {
		return MAR{}, err
	}
	m, err := b.write(ctx, manifest, members, job.ChannelID, job.Version, whole)
	if err != nil {
		return MAR{}, err
	}
	m.Dropped = dropped
	for _, p := range job.Force {
		if _, ok := to.Lookup(p); !ok {
			m.Unforced = append(m.Unforced, p)
		}
	}
	m.Whole = candidates(steps) - m.Patches
	if job.CompleteSize > 0 {
		m.Exceeds = max(0, m.Size-job.CompleteSize)
	}
	return m, nil
}

// side loads one side of a partial as a tree.
func (b *Builder) side(ctx context.Context, s Source) (cache.Tree, Info, error) {
	switch {
	case s.Tree != "" && s.MAR == "":
		t, err := b.Store.Tree(ctx, s.Tree)
		return t, Info{}, err
	case s.MAR != "" && s.Tree == "":
		return b.Unpack(ctx, s.MAR)
	}
	return cache.Tree{}, Info{}, fmt.Errorf("tree %q and mar %q: want exactly one", s.Tree, s.MAR)
}

// defaults fills what the job leaves to the complete MAR of the new version.
func (j PartialJob) defaults(to Info) PartialJob {
	if j.ChannelID == "" {
		j.ChannelID = to.ChannelID
	}
	if j.Version == "" {
		j.Version = to.Version
	}
	if j.BCJ == "" && to.BCJ == BCJX86 { // what else there is, is not made here
		j.BCJ = to.BCJ
	}
	if j.CompleteSize == 0 {
		j.CompleteSize = to.Size
	}
	return j
}
