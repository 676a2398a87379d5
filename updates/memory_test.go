package updates

import (
	"bytes"
	"context"
	"io/fs"
	"sync"
	"time"

	"slipway/cache"
)

// memory is a cache backend that forgets: for runs without a cache.
type memory struct {
	mu   sync.Mutex
	data map[string][]byte
}

func newMemory() *memory { return &memory{data: map[string][]byte{}} }

func (m *memory) Open(_ context.Context, c cache.Class, name string) (cache.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.data[string(c)+name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return memoryFile{bytes.NewReader(b)}, nil
}

func (m *memory) Create(context.Context) (cache.Pending, error) { return &memoryPending{}, nil }

func (m *memory) Has(c cache.Class, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.data[string(c)+name]
	return ok
}

func (m *memory) Touch(cache.Class, string, time.Time) error { return nil }

func (m *memory) Remove(c cache.Class, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.data, string(c)+name)
	return nil
}

func (m *memory) Quarantine(c cache.Class, name string, _ cache.File) error { return m.Remove(c, name) }

func (m *memory) List(context.Context, cache.Class, func(cache.Listed) error) error { return nil }

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error    { return nil }
func (memoryFile) Used() time.Time { return time.Now() }

func (memoryFile) Stamp() (cache.Stamp, bool) { return cache.Stamp{}, false }

func (m *memory) Commit(_ context.Context, all []cache.Finished) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range all {
		m.data[string(f.Class)+f.Name] = f.Pending.(*memoryPending).Bytes()
	}
	return nil
}

type memoryPending struct{ bytes.Buffer }

func (*memoryPending) Abort() {}
