package updates

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// Jars that a package stores uncompressed (Firefox's omni.ja) hold the text of
// one locale among much that all locales share: 2 of 98 MB in Firefox 153. Cut
// where one gives way to the other, each part an xz block of its own, the
// shared blocks are compressed once for all locales and builds. Blocks do not
// see each other's contents, so every cut costs some size; the rule therefore
// cuts around the locale's entries and nowhere else. Measured in
// docs/decisions/0020-jars-are-cut-around-a-locale.md.

const (
	// minCut is the smallest file that is worth cutting.
	minCut = 4 << 20
	// minShared is the least that may stand between two parts of a locale: less
	// is compressed with them.
	minShared = 1 << 20
	// maxShared is the size of a block, as the encoder itself would choose.
	maxShared = 64 << 20
)

// cutJar returns where the blocks of a file end, or nil for a file that is
// packed in one piece: no stored jar, or one without a locale's entries.
func cutJar(data []byte, blockSize int) []int {
	if len(data) < minCut {
		return nil
	}
	return cutAround(jarEntries(data), len(data), blockSize)
}

func cutAround(entries []jarEntry, size, blockSize int) []int {
	if len(entries) == 0 {
		return nil
	}
	// Spans of the locale's entries, with what precedes the first entry and
	// the directory behind the last: offsets, which differ with every locale.
	type span struct{ from, to int }
	spans := []span{{0, entries[0].from}}
	for _, e := range entries {
		if e.locale {
			spans = append(spans, span{e.from, e.to})
		}
	}
	if len(spans) == 1 {
		return nil
	}
	spans = append(spans, span{entries[len(entries)-1].to, size})
	joined := spans[:1]
	for _, s := range spans[1:] {
		if last := &joined[len(joined)-1]; s.from-last.to < minShared {
			last.to = s.to
		} else {
			joined = append(joined, s)
		}
	}
	var cuts []int
	at := 0
	cut := func(to int) {
		if to > at {
			cuts, at = append(cuts, to), to
		}
	}
	for _, s := range joined {
		for _, e := range entries { // the shared part before s, in blocks of at most blockSize
			if e.from > at && e.to > at+blockSize && e.from <= s.from {
				cut(e.from)
			}
		}
		cut(s.from)
		cut(s.to)
	}
	return cuts
}

// jarEntry is the stretch of one entry, header and contents, up to the next.
type jarEntry struct {
	from, to int
	locale   bool
}

// jarEntries lists the entries of a zip by place, if it is a plain one that
// stores most of its bytes; else none. The directory may stand in front of the
// entries, as in Firefox's jars, or behind.
func jarEntries(data []byte) []jarEntry {
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	if end < 0 || len(data)-end < 22 {
		return nil
	}
	count := int(binary.LittleEndian.Uint16(data[end+10:]))
	size := uint64(binary.LittleEndian.Uint32(data[end+12:]))
	offset := uint64(binary.LittleEndian.Uint32(data[end+16:]))
	if offset+size > uint64(end) {
		return nil
	}
	directory := data[offset : offset+size]
	entries := make([]jarEntry, 0, count)
	var stored uint64
	for range count {
		if len(directory) < 46 || !bytes.HasPrefix(directory, []byte("PK\x01\x02")) {
			return nil
		}
		u16 := func(at int) int { return int(binary.LittleEndian.Uint16(directory[at:])) }
		nameEnd := 46 + u16(28)
		next := nameEnd + u16(30) + u16(32)
		if next > len(directory) {
			return nil
		}
		packed, from := uint64(binary.LittleEndian.Uint32(directory[20:])), uint64(binary.LittleEndian.Uint32(directory[42:]))
		if from+packed > uint64(end) {
			return nil
		}
		if u16(10) == 0 {
			stored += packed
		}
		entries = append(entries, jarEntry{from: int(from), to: int(from + packed), locale: ofLocale(string(directory[46:nameEnd]))})
		directory = directory[next:]
	}
	if stored < uint64(len(data))/2 {
		return nil
	}
	slices.SortFunc(entries, func(a, b jarEntry) int { return a.from - b.from })
	limit := end
	if offset > 0 && len(entries) > 0 && int(offset) > entries[len(entries)-1].from {
		limit = int(offset)
	}
	for i := range entries {
		entries[i].to = limit
		if i+1 < len(entries) {
			entries[i].to = entries[i+1].from
		}
		if entries[i].from >= entries[i].to {
			return nil
		}
	}
	return entries
}

// ofLocale says whether an entry belongs to one locale by where it stands, in
// the layout of Mozilla's jars and web extensions.
func ofLocale(name string) bool {
	top, rest, _ := strings.Cut(name, "/")
	switch top {
	case "localization", "dictionaries", "_locales", "locale":
		return true
	case "chrome":
		_, below, _ := strings.Cut(rest, "/")
		return strings.HasPrefix(below, "locale/")
	}
	return path.Base(name) == "multilocale.txt"
}
