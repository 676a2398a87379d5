package updates

import (
	"fmt"
	"io"

	"slipway/updates/mar"
	"slipway/updates/xz"
)

// Info is what a package says about itself.
type Info struct {
	Type      string `json:"package"` // complete or partial
	ChannelID string `json:"channel_id"`
	Version   string `json:"version"`
	Size      int64  `json:"size"`
	Entries   int    `json:"entries"`
	BCJ       string `json:"bcj"` // the filter of its whole files; also arm, which we never use
}

// archive is an open package: entries by name and the parsed manifest.
type archive struct {
	*mar.Archive
	io.Closer                // of the file, where [Builder.open] opened it
	entries   map[string]int // position by name
	manifest  Manifest
}

// openArchive reads the manifest of a package. Each entry the manifest names is
// there, none is read twice.
func openArchive(parsed *mar.Archive) (*archive, error) {
	a := indexed(parsed)
	text, err := a.read(ManifestName, maxManifest)
	if err != nil {
		return nil, err
	}
	if a.manifest, err = ParseManifest(text); err != nil {
		return nil, err
	}
	for _, in := range a.manifest.Lines {
		if name := in.Entry(); name != "" {
			if _, ok := a.entries[name]; !ok {
				return nil, refuse(mar.Crashes, "%v: the archive has no entry %q", in, name)
			}
		}
	}
	return a, checkOnce(a.manifest.Lines)
}

func indexed(parsed *mar.Archive) *archive {
	a := &archive{Archive: parsed, entries: make(map[string]int, len(parsed.Entries))}
	for i, e := range parsed.Entries {
		a.entries[e.Name] = i
	}
	return a
}

// packed returns an entry as it is stored.
func (a *archive) packed(name string) ([]byte, error) {
	i, ok := a.entries[name]
	if !ok {
		return nil, refuse(mar.Crashes, "the archive has no entry %q", name)
	}
	return a.Bytes(i, mar.MaxSize)
}

// entry is the index's line about an entry that is there.
func (a *archive) entry(name string) mar.Entry { return a.Entries[a.entries[name]] }

// read returns an entry unpacked.
func (a *archive) read(name string, limit int64) ([]byte, error) {
	packed, err := a.packed(name)
	if err != nil {
		return nil, err
	}
	data, err := unpackEntry(packed, limit)
	if err != nil {
		return nil, fmt.Errorf("entry %q: %w", name, err)
	}
	return data, nil
}

func (a *archive) info() (Info, error) {
	info := Info{
		Type: a.manifest.Type, ChannelID: a.Channel, Version: a.Version,
		Size: a.Size, Entries: len(a.Entries), BCJ: BCJNone,
	}
	packed, err := a.packed(ManifestName) // packed like every whole file
	if err != nil {
		return info, err
	}
	stream, err := xz.Inspect(packed)
	for _, block := range stream.Blocks {
		if len(block.Filters) > 1 {
			info.BCJ = xz.FilterName(block.Filters[0])
		}
	}
	return info, err
}
