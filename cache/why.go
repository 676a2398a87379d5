package cache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// Known describes a kept result.
type Known struct {
	Key     Key       `json:"key"`
	Name    Digest    `json:"name"`
	Value   Value     `json:"value"`
	Seconds float64   `json:"seconds"`
	Used    time.Time `json:"used"`
	Sealed  bool      `json:"sealed"`
	Missing []Digest  `json:"missing,omitempty"` // blobs that are not here any more
}

// Difference is a part of a key that two keys do not share. A part that one of
// them lacks is empty there.
type Difference struct {
	Part string `json:"part"`
	Want string `json:"want"`
	Have string `json:"have"`
}

// Why is the answer to "why is this made again?".
type Why struct {
	Hit     *Known       `json:"hit,omitempty"`
	Nearest *Known       `json:"nearest,omitempty"` // of the same space, when there is no hit
	Differs []Difference `json:"differs,omitempty"`
}

// Why looks a key up without using it. When it is not there, it names the kept
// result whose key differs in the fewest parts; among equals the one used last.
func (s *Store) Why(ctx context.Context, key Key) (Why, error) {
	var w Why
	err := s.each(ctx, func(l Listed, r record, sealed bool) error {
		if r.Key.Space != key.Space {
			return nil
		}
		diff := differences(key, r.Key)
		if len(diff) == 0 {
			w = Why{Hit: s.known(l, r, sealed)}
			return errFound
		}
		if w.Nearest == nil || len(diff) < len(w.Differs) ||
			len(diff) == len(w.Differs) && l.Used.After(w.Nearest.Used) {
			w.Nearest, w.Differs = s.known(l, r, sealed), diff
		}
		return nil
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return w, err
}

// errFound ends a walk early.
var errFound = errors.New("found")

// Makers returns the results that d is a blob of, and the result that is named
// d itself.
func (s *Store) Makers(ctx context.Context, d Digest) ([]Known, error) {
	var found []Known
	err := s.each(ctx, func(l Listed, r record, sealed bool) error {
		isBlob := func(b Blob) bool { return b.Digest == d }
		if l.Name == d.Hex() || slices.ContainsFunc(r.Value.Blobs, isBlob) {
			found = append(found, *s.known(l, r, sealed))
		}
		return nil
	})
	return found, err
}

func (s *Store) known(l Listed, r record, sealed bool) *Known {
	k := &Known{Key: r.Key, Name: r.Key.Digest(), Value: r.Value, Seconds: r.Seconds, Used: l.Used, Sealed: sealed}
	for _, b := range r.Value.Blobs {
		if !s.Has(b.Digest) {
			k.Missing = append(k.Missing, b.Digest)
		}
	}
	return k
}

// differences lists the parts, by name, that want and have do not share.
func differences(want, have Key) []Difference {
	names := maps.Clone(want.Parts)
	if names == nil {
		names = map[string]string{}
	}
	maps.Copy(names, have.Parts)
	var diff []Difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		w, inWant := want.Parts[name]
		h, inHave := have.Parts[name]
		if w != h || inWant != inHave {
			diff = append(diff, Difference{name, w, h})
		}
	}
	return diff
}
