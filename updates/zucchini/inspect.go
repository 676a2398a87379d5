package zucchini

// An Info tells what a patch says of itself, for lists and linters.
type Info struct {
	OldSize, NewSize uint32
	OldCRC, NewCRC   uint32 // CRC-32 of IEEE 802.3, the ordinary one
	Elements         []ElementInfo
}

// An ElementInfo describes one element.
type ElementInfo struct {
	Type             Type
	OldOffset        uint32
	OldSize          uint32
	NewOffset        uint32
	NewSize          uint32
	Equivalences     int // blocks copied from old
	ExtraBytes       int // bytes of new that the patch brings along
	RawCorrections   int // copied bytes corrected one by one
	ReferenceBytes   int // bytes of reference deltas
	ExtraTargetBytes int // bytes of targets that old's references do not have
}

// Inspect reads a patch without applying it. It fails where the updater would
// refuse the patch for its form.
func Inspect(patch []byte) (Info, error) {
	c, err := parse(patch)
	if err != nil {
		return Info{}, err
	}
	info := Info{OldSize: c.oldSize, NewSize: c.newSize, OldCRC: c.oldCRC, NewCRC: c.newCRC}
	for i := range c.elements {
		e := &c.elements[i]
		about := ElementInfo{
			Type:      e.kind,
			OldOffset: e.oldAt, OldSize: e.oldSize,
			NewOffset: e.newAt, NewSize: e.newSize,
			Equivalences:   e.equivalenceCount,
			ExtraBytes:     len(e.extra),
			RawCorrections: len(e.rawDiffs),
			ReferenceBytes: len(e.referenceDeltas),
		}
		for _, p := range e.pools {
			about.ExtraTargetBytes += len(p.targets)
		}
		info.Elements = append(info.Elements, about)
	}
	return info, nil
}
