package updates

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// shipSteps makes the entries of a partial and, knowing which changed files
// go as patches, its manifest.
func (b *Builder) shipSteps(ctx context.Context, steps []step, formats []string, whole packing) (Manifest, []member, error) {
	var ships []int // steps that carry an entry
	for i, s := range steps {
		if s.file.Blob != "" {
			ships = append(ships, i)
		}
	}
	lines := make([]Instruction, len(steps))
	for i, s := range steps {
		lines[i] = s.line
	}
	members := make([]member, len(ships))
	patch := patchPacking(whole)
	told := b.tell("patch", len(ships))
	size := func(i int) int64 { return max(steps[ships[i]].file.Size, steps[ships[i]].old.Size) }
	err := b.each(ctx, len(ships), size, func(ctx context.Context, i, workers int) error {
		s := steps[ships[i]]
		defer told.begin(s.file.Path)()
		m := member{Name: s.file.Path, Mode: shipMode(s.file.Mode)}
		var used string
		var err error
		if s.old.Blob == "" {
			m.Blob, err = b.pack(ctx, s.file.Blob, whole, workers)
		} else {
			m.Blob, used, err = b.patchOrWhole(ctx, change{s.old.Blob, s.file.Blob, whole, patch}, formats, workers)
		}
		if err != nil {
			return fmt.Errorf("%q: %w", s.file.Path, err)
		}
		if used != "" {
			lines[ships[i]] = patchLine(s.file.Path)
			m.Mode = 0o644
		}
		members[i] = m
		return nil
	})
	if err != nil {
		return Manifest{}, nil, err
	}
	nameApart(lines, ships, members)
	return Manifest{Type: TypePartial, Lines: lines}, members, nil
}

// nameApart names the entries of patches, and none as a whole file is: a tree may
// hold both f and f.patch.
func nameApart(lines []Instruction, ships []int, members []member) {
	taken := map[string]bool{}
	for i, m := range members {
		for p := m.Name; !lines[ships[i]].Patches() && p != "."; p = path.Dir(p) {
			taken[strings.ToLower(p)] = true
		}
	}
	for i := range members {
		line := &lines[ships[i]]
		if !line.Patches() {
			continue
		}
		for taken[strings.ToLower(line.Patch)] {
			line.Patch += ".patch"
		}
		taken[strings.ToLower(line.Patch)] = true
		members[i].Name = line.Patch
	}
}

func candidates(steps []step) (n int) {
	for _, s := range steps {
		if s.old.Blob != "" {
			n++
		}
	}
	return n
}
