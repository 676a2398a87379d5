package main

import (
	"context"
	"sync"

	"slipway/tui"
)

// askedKeys are the keys of the release that is looked at. They are asked once,
// beside the console: a key may be kept by a slow program or by a person, and no
// look at the journal waits for either.
type askedKeys struct {
	mu     sync.Mutex
	run    string
	keys   []tui.KeyFacts
	loaded bool
	stop   context.CancelFunc
	asking sync.WaitGroup
}

// ask begins to ask the keys of a run, unless that was done. Those of the run
// before are not waited for any more.
func (k *askedKeys) ask(run string, open func(context.Context) []tui.KeyFacts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.run == run {
		return
	}
	if k.stop != nil {
		k.stop()
	}
	ctx, stop := context.WithCancel(context.Background()) // it outlives the look that began it
	k.run, k.keys, k.loaded, k.stop = run, nil, false, stop
	k.asking.Go(func() {
		keys := open(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		if ctx.Err() == nil { // or it tells only that it was interrupted
			k.keys, k.loaded = keys, true
		}
	})
}

// told is what the keys answered so far.
func (k *askedKeys) told() (keys []tui.KeyFacts, loaded bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys, k.loaded
}

// close ends what still asks.
func (k *askedKeys) close() {
	k.mu.Lock()
	if k.stop != nil {
		k.stop()
	}
	k.mu.Unlock()
	k.asking.Wait()
}
