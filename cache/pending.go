package cache

import (
	"context"
	"os"
	"path"
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

func (p *pending) Commit(c Class, name string) error {
	if err := p.f.Sync(); err != nil {
		return err
	}
	if err := p.d.root.Rename(p.name, path.Join(string(c), name)); err != nil {
		return err
	}
	p.done = true
	if err := p.f.Close(); err != nil {
		return err
	}
	return p.d.dirs[c].Sync()
}

func (p *pending) Abort() {
	if p.done {
		return
	}
	p.done = true
	p.f.Close()
	p.d.root.Remove(p.name)
}
