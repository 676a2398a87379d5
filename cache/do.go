package cache

import (
	"context"
	"errors"
	"fmt"
)

// Do returns the result kept under key, or makes it and keeps it. Callers that
// ask for one key at the same time wait for one make; other processes may make
// the same again, to the same bytes.
//
// A result counts only if its record says it belongs to key and all its blobs
// are here and hash right; else what is bad is put aside and the result made
// anew. With Options.Secret a record must carry our seal.
func (s *Store) Do(ctx context.Context, key Key, make func(context.Context) (Value, error)) (Value, error) {
	return s.DoProven(ctx, key, make, nil)
}

// DoProven is Do for results that can be proven: a patch by applying it and
// hashing what comes out. prove is called with a result that this store just
// made (then its error is DoProven's error); without Options.Secret also with a
// kept one, once per process. A kept result for which it gives a
// [DisproofError] is put aside and made anew; any other error, of a full disk
// say, proves nothing and is DoProven's own. With a secret a seal vouches for kept results, and what lacks ours is
// put aside: a planted patch may apply well and still bloat every update.
func (s *Store) DoProven(
	ctx context.Context, key Key,
	make func(context.Context) (Value, error),
	prove func(context.Context, Value) error,
) (Value, error) {
	if err := key.check(); err != nil {
		return Value{}, err
	}
	for {
		c, mine := s.join(key)
		if mine {
			defer s.leave(key, c) // even if make panics
			c.value, c.seconds, c.err = s.do(ctx, key, make, prove)
			c.cut = c.err != nil && ctx.Err() != nil
			return c.value, c.err
		}
		select {
		case <-ctx.Done():
			return Value{}, ctx.Err()
		case <-c.done:
		}
		// Whoever made it may have been cancelled; that says nothing to us.
		if !c.cut {
			if c.err == nil {
				s.count(key.Space, hit(c.value, c.seconds))
			}
			return c.value, c.err
		}
		if err := ctx.Err(); err != nil {
			return Value{}, err
		}
	}
}

// DisproofError says that a result is not what its key promises, and why.
type DisproofError struct{ Why error }

func (e *DisproofError) Error() string { return e.Why.Error() }
func (e *DisproofError) Unwrap() error { return e.Why }

// Disproof makes an error the proof that a result is wrong; nil stays nil.
func Disproof(why error) error {
	if why == nil {
		return nil
	}
	return &DisproofError{why}
}

// Disprovef is Disproof of fmt.Errorf.
func Disprovef(format string, args ...any) error { return Disproof(fmt.Errorf(format, args...)) }

// call is one result being looked up or made in this process.
type call struct {
	done    chan struct{}
	value   Value
	seconds float64
	err     error
	cut     bool // the maker was cancelled, with whatever error
}

func (s *Store) join(key Key) (c *call, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := key.Digest().Hex()
	if c, ok := s.calls[name]; ok {
		return c, false
	}
	c = &call{done: make(chan struct{}), err: errors.New("the step that made this result panicked")}
	s.calls[name] = c
	return c, true
}

func (s *Store) leave(key Key, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, key.Digest().Hex())
	close(c.done)
}

func (s *Store) do(
	ctx context.Context, key Key,
	make func(context.Context) (Value, error),
	prove func(context.Context, Value) error,
) (Value, float64, error) {
	r, err := s.lookup(ctx, key, prove)
	if err == nil {
		s.count(key.Space, hit(r.Value, r.Seconds))
		return r.Value, r.Seconds, nil
	}
	if !errors.Is(err, ErrMissing) {
		return Value{}, 0, err
	}
	start := s.now()
	v, err := make(ctx)
	if err != nil {
		return Value{}, 0, err
	}
	took := max(s.now().Sub(start).Seconds(), 0)
	if prove != nil {
		if err := prove(ctx, v); err != nil {
			return Value{}, 0, fmt.Errorf("%s just made: %w", key.Space, err)
		}
	}
	r, err = s.keep(ctx, record{V: recordVersion, Key: key, Value: v, Seconds: took})
	if err == nil {
		s.count(key.Space, miss(took))
	}
	return r.Value, took, err
}

// lookup returns the trusted record under key, or an error that is ErrMissing
// when the result has to be made.
func (s *Store) lookup(ctx context.Context, key Key, prove func(context.Context, Value) error) (record, error) {
	name := key.Digest().Hex()
	f, err := s.open(ctx, Results, name)
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	text, err := readRecord(f)
	if err != nil {
		return record{}, fmt.Errorf("record of %s: %w", key.Space, err)
	}
	r, sum, sealed, err := decodeRecord(text, s.seal)
	if err != nil {
		return record{}, s.quarantine(Results, name, f, err.Error())
	}
	if got := r.Key.Digest(); got.Hex() != name {
		return record{}, s.quarantine(Results, name, f, "is the record of another key, "+string(got))
	}
	for _, blob := range r.Value.Blobs {
		b, err := s.Get(ctx, blob.Digest)
		if err != nil {
			return record{}, err
		}
		size := b.Size()
		b.Close()
		if size != blob.Size {
			return record{}, s.quarantine(Results, name, f, fmt.Sprintf("says %d bytes for %s, which has %d", blob.Size, blob.Digest, size))
		}
	}
	switch {
	case sealed || s.provenAs(name) == sum:
		return r, nil
	case len(s.seal) > 0:
		// It may be right, and still not the bytes that we would have made.
		return record{}, s.quarantine(Results, name, f, "was not sealed here: whoever wrote it may have planted it")
	case prove == nil:
		s.remember(name, sum)
		return r, nil
	}
	err = prove(ctx, r.Value)
	if errors.As(err, new(*DisproofError)) {
		return record{}, s.quarantine(Results, name, f, "is disproved: "+err.Error())
	}
	if err != nil { // it may be good all the same
		return record{}, fmt.Errorf("proving %s: %w", key.Space, err)
	}
	s.remember(name, sum)
	return r, nil
}

// keep writes the record with our seal, remembers that it is proven, and
// returns it as a later lookup will: through JSON.
func (s *Store) keep(ctx context.Context, r record) (record, error) {
	b, err := r.encode(s.seal)
	if err != nil {
		return record{}, err
	}
	r, sum, _, err := decodeRecord(b, s.seal)
	if err != nil {
		return record{}, fmt.Errorf("result of %s: %w", r.Key.Space, err)
	}
	p, err := s.b.Create(ctx)
	if err != nil {
		return record{}, err
	}
	defer p.Abort()
	if _, err := p.Write(b); err != nil {
		return record{}, err
	}
	name := r.Key.Digest().Hex()
	if err := s.b.Commit(ctx, []Finished{{p, Results, name}}); err != nil {
		return record{}, err
	}
	s.remember(name, sum)
	return r, nil
}

func (s *Store) remember(name string, sum Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proven[name] = sum
}

func (s *Store) provenAs(name string) Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proven[name]
}
