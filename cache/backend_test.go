package cache

import (
	"bytes"
	"context"
	"io/fs"
	"sync"
	"testing"
	"time"
)

// memory is a second backend, as small as one can be: what a remote store has
// to do, and no more.
type memory struct {
	mu      sync.Mutex
	entries map[Class]map[string]*kept
}

type kept struct {
	b    []byte
	used time.Time
}

type keptFile struct {
	*bytes.Reader
	used time.Time
}

func (f keptFile) Close() error    { return nil }
func (f keptFile) Used() time.Time { return f.used }

type keptPending struct{ bytes.Buffer }

func (f keptFile) Stamp() (Stamp, bool) { return Stamp{}, false }

func (m *memory) Open(_ context.Context, c Class, name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.entries[c][name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return keptFile{bytes.NewReader(k.b), k.used}, nil
}

func (m *memory) Create(context.Context) (Pending, error) { return &keptPending{}, nil }

func (m *memory) Commit(_ context.Context, all []Finished) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range all {
		if m.entries[f.Class] == nil {
			m.entries[f.Class] = map[string]*kept{}
		}
		m.entries[f.Class][f.Name] = &kept{b: bytes.Clone(f.Pending.(*keptPending).Bytes())}
	}
	return nil
}

func (p *keptPending) Abort() {}

func (m *memory) Has(c Class, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.entries[c][name] != nil
}

func (m *memory) Touch(c Class, name string, t time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[c][name].used = t
	return nil
}

func (m *memory) Remove(c Class, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries[c], name)
	return nil
}

func (m *memory) Quarantine(c Class, name string, _ File) error { return m.Remove(c, name) }

func (m *memory) List(_ context.Context, c Class, yield func(Listed) error) error {
	m.mu.Lock()
	var all []Listed
	for name, k := range m.entries[c] {
		all = append(all, Listed{name, int64(len(k.b)), k.used})
	}
	m.mu.Unlock()
	for _, l := range all {
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

// The store asks nothing of its backend but what the interface says.
func TestAnotherBackend(t *testing.T) {
	m := &memory{entries: map[Class]map[string]*kept{}}
	s := New(m, Options{Secret: []byte("secret")})
	d := &differ{s: s, patch: "the patch"}
	d.run(t)
	d.run(t)
	if d.made != 1 {
		t.Errorf("made %d times, want once", d.made)
	}
	// Whatever a backend does to the bytes, the store notices.
	for name, k := range m.entries[Blobs] {
		k.b[0] ^= 1
		v, err := s.Verify(t.Context(), false)
		must(t, err)
		if len(v.Bad) != 1 || v.Bad[0].Name != name {
			t.Errorf("found %v", v.Bad)
		}
	}
	d.run(t)
	if d.made != 2 {
		t.Errorf("made %d times, want once more", d.made)
	}
	_, err := s.Trim(t.Context(), TrimOptions{})
	must(t, err)
	st, err := s.Stats(t.Context())
	must(t, err)
	if st.Blobs != 0 || len(st.Results) != 0 {
		t.Errorf("after trimming: %+v", st)
	}
	must(t, s.Close())
}
