package updates

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"slipway/cache"
	"slipway/updates/xz"
)

// packBlocks makes the stream of a jar from blocks that are made once each.
func (b *Builder) packBlocks(ctx context.Context, data []byte, cuts []int, p packing, workers int) ([]byte, error) {
	blocks := make([]xz.Block, len(cuts))
	inner := &Builder{Store: b.Store, Workers: workers}
	err := inner.each(ctx, len(cuts), nil, func(ctx context.Context, i, _ int) error {
		from := 0
		if i > 0 {
			from = cuts[i-1]
		}
		var err error
		blocks[i], err = b.packBlock(ctx, data[from:cuts[i]], p)
		if err != nil {
			return fmt.Errorf("block at %#x: %w", from, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return xz.Assemble(blocks), nil
}

func (b *Builder) packBlock(ctx context.Context, piece []byte, p packing) (xz.Block, error) {
	key := cache.Key{Space: "xz-block", Parts: p.parts(map[string]string{"bytes": string(cache.Sum(piece))}, "")}
	v, err := b.Store.DoProven(ctx, key, func(ctx context.Context) (cache.Value, error) {
		block, err := xz.EncodeBlock(piece, p.options(1))
		if err != nil {
			return cache.Value{}, err
		}
		blob, err := b.Store.PutBytes(ctx, block.Data)
		return cache.Value{Blobs: []cache.Blob{blob}}, err
	}, func(ctx context.Context, v cache.Value) error {
		kept, err := v.Only(maxFile)
		if err != nil {
			return err
		}
		data, err := b.Store.Bytes(ctx, kept.Digest, maxFile)
		if err != nil {
			return err
		}
		block, err := xz.ParseBlock(data)
		if err != nil {
			return cache.Disproof(err)
		}
		got, err := xz.Decode(xz.Assemble([]xz.Block{block}), int64(len(piece)))
		if err == nil && !bytes.Equal(got, piece) {
			err = errors.New("block holds other bytes")
		}
		return cache.Disproof(err)
	})
	if err != nil {
		return xz.Block{}, err
	}
	data, err := b.Store.Bytes(ctx, v.Blobs[0].Digest, maxFile)
	if err != nil {
		return xz.Block{}, err
	}
	return xz.ParseBlock(data)
}
