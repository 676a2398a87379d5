package filesystem

import (
	"context"
	"errors"
	"os"
	"time"
)

// lockPoll is how often a lock that another holds is asked for: a person waits.
const lockPoll = 20 * time.Millisecond

// WaitLock is [Lock] until ctx ends, with the cause of that as its error. It tries
// at least once.
func WaitLock(ctx context.Context, f *os.File) error {
	for {
		if err := TryLock(f); !errors.Is(err, ErrLocked) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lockPoll):
		}
	}
}
