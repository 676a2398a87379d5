package updates

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"slipway/cache"
	"slipway/updates/mar"
)

// member is an entry of a package in the making.
type member struct {
	Name string     `json:"name"`
	Mode uint32     `json:"mode"`
	Blob cache.Blob `json:"blob"` // as stored: an .xz stream
}

// assemble makes the archive of the members, or finds the one it made before:
// making a release again then costs no more than looking.
func (b *Builder) assemble(ctx context.Context, members []member, channel, version string) (cache.Blob, error) {
	list, err := json.Marshal(members)
	if err != nil {
		return cache.Blob{}, err
	}
	key := cache.Key{Space: "mar", Parts: map[string]string{
		"members": string(cache.Sum(list)), "channel": channel, "version": version, "writer": marVersion,
	}}
	made := false
	v, err := b.Store.DoProven(ctx, key, func(ctx context.Context) (cache.Value, error) {
		made = true
		blob, err := b.writeMAR(ctx, members, channel, version)
		return cache.Value{Blobs: []cache.Blob{blob}}, err
	}, func(ctx context.Context, v cache.Value) error {
		if made {
			return nil
		}
		return b.proveMAR(ctx, v, members, channel, version)
	})
	if err != nil {
		return cache.Blob{}, err
	}
	return v.Blobs[0], nil
}

// writeMAR streams the members into one archive in the store.
func (b *Builder) writeMAR(ctx context.Context, members []member, channel, version string) (cache.Blob, error) {
	c := mar.Contents{Channel: channel, Version: version}
	for _, m := range members {
		c.Entries = append(c.Entries, mar.Content{
			Name: m.Name, Mode: m.Mode, Size: m.Blob.Size,
			Open: func() (io.ReadCloser, error) { return b.Store.Get(ctx, m.Blob.Digest) },
		})
	}
	return b.Store.PutFrom(ctx, func(w io.Writer) error { return mar.Write(w, c) })
}

// proveMAR holds a kept archive against the members, byte for byte. All that
// Parse accepts has been written by Write, so equal parts are equal archives.
func (b *Builder) proveMAR(ctx context.Context, v cache.Value, members []member, channel, version string) error {
	kept, err := v.Only(math.MaxInt64)
	if err != nil {
		return err
	}
	r, err := b.Store.Get(ctx, kept.Digest)
	if err != nil {
		return err
	}
	defer r.Close()
	disk := &noting{ReaderAt: r}
	err = isMAR(disk, r.Size(), members, channel, version)
	if disk.err != nil {
		return disk.err
	}
	return cache.Disproof(err)
}

// noting keeps the error of a disk, of which the parser would make a finding.
type noting struct {
	io.ReaderAt
	err error
}

func (n *noting) ReadAt(p []byte, off int64) (int, error) {
	got, err := n.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return got, err
}

func isMAR(r io.ReaderAt, size int64, members []member, channel, version string) error {
	a, err := mar.Parse(r, size)
	if err != nil {
		return err
	}
	if a.Channel != channel || a.Version != version || len(a.Signatures) > 0 || len(a.Entries) != len(members) {
		return errors.New("is another package")
	}
	for i, m := range members {
		e := a.Entries[i]
		packed, err := a.Bytes(i, mar.MaxSize)
		if err != nil {
			return err
		}
		if e.Name != m.Name || e.Mode != m.Mode || cache.Sum(packed) != m.Blob.Digest {
			return fmt.Errorf("entry %d is not %q as packed", i+1, m.Name)
		}
	}
	return nil
}
