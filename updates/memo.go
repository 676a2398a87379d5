package updates

import (
	"sync"

	"slipway/cache"
)

// memo remembers, for as long as one verb runs, what entries unpack to and
// what patches give. Nothing of it is read from the disk, so verifying by it
// is still verifying by applying: once per distinct bytes.
type memo struct {
	mu    sync.Mutex
	cells map[made]*cell
}

// made names contents: an entry's bytes, and for a patch the old file.
type made struct {
	packed, old cache.Digest
}

type cell struct {
	once sync.Once
	blob cache.Blob
	err  error
}

func newMemo() *memo { return &memo{cells: map[made]*cell{}} }

func (m *memo) do(id made, make func() (cache.Blob, error)) (cache.Blob, error) {
	m.mu.Lock()
	c := m.cells[id]
	if c == nil {
		c = &cell{}
		m.cells[id] = c
	}
	m.mu.Unlock()
	c.once.Do(func() { c.blob, c.err = make() })
	return c.blob, c.err
}
