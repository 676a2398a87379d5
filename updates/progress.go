package updates

import (
	"slices"
	"sync"
)

// Progress is how far a step of a long verb is: Done of Total files are, and of
// those in work Path began first.
type Progress struct {
	Step  string `json:"step"` // "read", "compress", "patch", "unpack", "apply", "verify"
	Path  string `json:"path"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// teller counts the files of one step for Progress.
type teller struct {
	b      *Builder
	mu     sync.Mutex
	p      Progress
	inWork []string
}

func (b *Builder) tell(step string, total int) *teller {
	return &teller{b: b, p: Progress{Step: step, Total: total}}
}

// begin tells that work on a file begins; what it returns, that it is over.
func (t *teller) begin(path string) (over func()) {
	if t.b.Progress == nil {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inWork = append(t.inWork, path)
	t.tell()
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.p.Done++
		at := slices.Index(t.inWork, path)
		t.inWork = slices.Delete(t.inWork, at, at+1)
		t.tell()
	}
}

func (t *teller) tell() {
	if len(t.inWork) > 0 {
		t.p.Path = t.inWork[0]
	}
	t.b.Progress(t.p)
}
