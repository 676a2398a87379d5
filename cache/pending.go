package cache

import (
	"context"
	"errors"
	"os"
	"path"
	"runtime"
	"sync"

	"slipway/cache/filesystem"
)

// pending is a temporary file of this process's session. It cannot lie beside
// its final place, for the name is known only when all bytes are; tmp/ is on
// the same file system, so the rename is as atomic.
type pending struct {
	d    *disk
	f    *os.File
	name string
	done bool
}

func (d *disk) Create(context.Context) (Pending, error) {
	if err := d.begin(); err != nil {
		return nil, err
	}
	name := path.Join(tmpDir, d.session, d.next())
	f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	p := &pending{d: d, f: f, name: name}
	if err := f.Chmod(fileMode); err != nil { // whatever the umask
		p.Abort()
		return nil, err
	}
	return p, nil
}

func (p *pending) Write(b []byte) (int, error) { return p.f.Write(b) }

// syncers is how many files are flushed at once. A journal commits many
// flushes together: small files took 5 times less time than one by one (go test
// -bench "Put|Batch").
const syncers = 16

func (d *disk) Commit(ctx context.Context, all []Finished) error {
	if err := syncAll(ctx, all); err != nil {
		return err
	}
	touched := map[Class]bool{}
	for _, f := range all {
		p := f.Pending.(*pending)
		err := d.root.Rename(p.name, path.Join(string(f.Class), f.Name))
		if err != nil && runtime.GOOS == "windows" && d.Has(f.Class, f.Name) {
			// Windows may not replace a file that somebody reads. An entry of
			// that name serves as well as ours, or is found out when it is read.
			p.Abort()
			continue
		}
		if err != nil {
			return err
		}
		p.done = true
		if err := p.f.Close(); err != nil {
			return err
		}
		touched[f.Class] = true
	}
	for c := range touched {
		if err := filesystem.SyncDir(d.dirs[c]); err != nil {
			return err
		}
	}
	return nil
}

func syncAll(ctx context.Context, all []Finished) error {
	next := make(chan *pending)
	errs := make([]error, min(syncers, len(all)))
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for p := range next {
				errs[i] = errors.Join(errs[i], p.f.Sync())
			}
		})
	}
	for _, f := range all {
		if ctx.Err() == nil {
			next <- f.Pending.(*pending)
		}
	}
	close(next)
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

func (p *pending) Abort() {
	if p.done {
		return
	}
	p.done = true
	p.f.Close()
	p.d.root.Remove(p.name)
}
