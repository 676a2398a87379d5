package repack

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/klauspost/compress/flate"

	"slipway/cache"
)

// writeZip packs each file before its header is written, so that headers
// hold sizes and nothing has to follow the data: every unzip reads that, and
// checkZip holds ours to it. Raw headers carry no extra fields; the directory of
// an archive over 4 GiB or 65,534 entries does, those of zip64.
func writeZip(ctx context.Context, w io.Writer, store *cache.Store, list []item, when time.Time) error {
	zw := zip.NewWriter(w)
	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, deflateLevel)
	if err != nil {
		return err
	}
	for _, it := range list {
		packed.Reset()
		h := zipHeader(it, when)
		switch {
		case it.dir:
		case it.Link != "":
			packed.WriteString(it.Link)
			h.CRC32 = crc32.ChecksumIEEE(packed.Bytes())
			h.UncompressedSize64 = uint64(packed.Len())
		default:
			sum := crc32.NewIEEE()
			deflate.Reset(&packed)
			if err := copyBlob(ctx, io.MultiWriter(sum, deflate), store, it.Entry); err != nil {
				return err
			}
			if err := deflate.Close(); err != nil {
				return err
			}
			h.Method = zip.Deflate
			h.CRC32 = sum.Sum32()
			h.UncompressedSize64 = uint64(it.Size)
		}
		h.CompressedSize64 = uint64(packed.Len())
		// Beyond that a raw header would need a zip64 field, which zip.Writer
		// writes in the directory only.
		if it.Size >= saturated || packed.Len() >= saturated {
			return fmt.Errorf("%q: %d bytes; a file of a zip holds less than 4 GiB here, a tar more", it.Path, it.Size)
		}
		fw, err := zw.CreateRaw(h)
		if err != nil {
			return fmt.Errorf("%q: %w", it.Path, err)
		}
		if _, err := fw.Write(packed.Bytes()); err != nil {
			return fmt.Errorf("%q: %w", it.Path, err)
		}
	}
	return zw.Close()
}

func zipHeader(it item, when time.Time) *zip.FileHeader {
	kind := uint32(unixRegular)
	h := &zip.FileHeader{Name: it.Path, CreatorVersion: creatorUnix<<8 | 20, ReaderVersion: 20}
	switch {
	case it.dir:
		kind = unixDir
		h.Name += "/"
		h.ExternalAttrs = 0x10 // MS-DOS's directory bit, for Windows
	case it.Link != "":
		kind = unixSymlink
	}
	h.ExternalAttrs |= (kind | it.Mode) << 16
	if !ascii(h.Name) {
		h.Flags = flagUTF8
	}
	//lint:ignore SA1019 a raw header has no other place for its time, and Modified would add an extra field
	h.ModifiedDate, h.ModifiedTime = dosTime(when)
	return h
}

// dosTime is UTC, for a zip says no zone; it counts from 1980 in two seconds.
func dosTime(t time.Time) (date, clock uint16) {
	t = t.UTC()
	if t.Year() < 1980 {
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	date = uint16(t.Day() | int(t.Month())<<5 | (t.Year()-1980)<<9)
	clock = uint16(t.Second()/2 | t.Minute()<<5 | t.Hour()<<11)
	return date, clock
}
