package updates

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"slipway/cache"
)

// maxFile bounds one file of a tree. A package may have 500 MiB, and the
// updater unpacks each file into memory.
const maxFile = 1 << 30

// perWorker is the share of a file that one worker's place is for: a larger
// file takes several, and has as many workers inside the codec. It bounds what
// is in memory at a time.
const perWorker = 32 << 20

// Builder makes and proves updates. Its methods may be called at the same
// time; what they make depends on their job alone, never on Workers, on the
// state of the cache or on each other.
type Builder struct {
	Store   *cache.Store
	Workers int // files in work at the same time; 0: one per processor
	// Progress, when set, is told of each file that begins or is done.
	Progress func(Progress)

	borrowed map[cache.Digest]string // see Borrow
	most     int64                   // bytes that a package may unpack to, for tests; 0: maxUnpacked
}

func (b *Builder) workers() int {
	if b.Workers > 0 {
		return b.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// MAR is a package that was made.
type MAR struct {
	Blob      cache.Digest `json:"blob"`
	Size      int64        `json:"size"`
	Type      string       `json:"package"` // complete or partial
	ChannelID string       `json:"channel_id"`
	Version   string       `json:"version"`
	Entries   int          `json:"entries"` // the manifest included
	Patches   int          `json:"patches,omitempty"`
	// Whole is how many changed files ship whole because no patch was smaller.
	Whole int `json:"whole,omitempty"`
	// Exceeds says by how many bytes a partial is larger than the complete it
	// stands beside; such a partial is of no use to anybody.
	Exceeds int64 `json:"exceeds,omitempty"`
	// Unforced are the forced paths that the new tree does not have: a slip, or
	// of another platform.
	Unforced []string `json:"unforced,omitempty"`
	// Dropped names what was left out: by DropUncarriable, and manifests.
	Dropped []string `json:"dropped,omitempty"`
}

// each calls do for 0 to n-1, at most workers at a time, of which a large item
// counts as several. The first error stops what has not begun; all errors that
// came are returned, in order.
func (b *Builder) each(ctx context.Context, n int, size func(int) int64, do func(ctx context.Context, i, workers int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	total := b.workers()
	free := make(chan struct{}, total) // only this loop takes, so taking several cannot deadlock
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		need := 1
		if size != nil {
			need = int(min(1+size(i)/perWorker, int64(total)))
		}
		for range need {
			free <- struct{}{}
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			if errs[i] = do(ctx, i, need); errs[i] != nil {
				cancel(errs[i])
			}
			for range need {
				<-free
			}
		})
	}
	wg.Wait()
	kept := errs[:0]
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			kept = append(kept, err)
		}
	}
	if len(kept) > 0 {
		return errors.Join(kept...)
	}
	return context.Cause(ctx)
}
