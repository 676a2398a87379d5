package updates

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/updates/mar"
)

// Borrow lets a package be read where it lies, for as long as the builder is in
// use, instead of keeping a copy in the store. It returns what jobs name it by.
// It must not be called while other methods run.
func (b *Builder) Borrow(path string) (cache.Digest, error) {
	f, err := filesystem.OpenRegular(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d, err := cache.SumOf(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if b.borrowed == nil {
		b.borrowed = map[cache.Digest]string{}
	}
	b.borrowed[d] = path
	return d, nil
}

// open opens a package of the store, or a borrowed one. The caller closes it.
func (b *Builder) open(ctx context.Context, d cache.Digest) (*archive, error) {
	path, ok := b.borrowed[d]
	if !ok {
		r, err := b.Store.Get(ctx, d)
		if err != nil {
			return nil, err
		}
		return openFile(r, r.Size())
	}
	f, err := openBorrowed(path, d)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	a, err := openFile(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// openBorrowed opens the file that was borrowed as d, if it still is that one.
// What is hashed is what stays open and is read. A file for each from the start
// would spare the second hash, but a release has more packages than a process
// may have files open; and it would not tell of one that was written over.
func openBorrowed(path string, d cache.Digest) (*os.File, error) {
	f, err := filesystem.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	got, err := cache.SumOf(f)
	switch {
	case err != nil:
		err = fmt.Errorf("%s: %w", path, err)
	case got != d:
		err = fmt.Errorf("%s changed while it was in use: its SHA-256 was %s, is %s; run this again when nobody writes there", path, d, got)
	default:
		return f, nil
	}
	return nil, errors.Join(err, f.Close())
}

// openFile opens the package in r, which is closed with it.
func openFile(r interface {
	io.ReaderAt
	io.Closer
}, size int64,
) (*archive, error) {
	parsed, err := mar.Parse(r, size)
	var a *archive
	if err == nil {
		a, err = openArchive(parsed)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	a.Closer = r
	return a, nil
}
