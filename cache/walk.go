package cache

import (
	"context"
	"errors"
	"io/fs"
	"sort"
)

// each calls visit for every record that can be read, in order of name.
func (s *Store) each(ctx context.Context, visit func(l Listed, r record, sealed bool) error) error {
	all, err := s.list(ctx, Results)
	if err != nil {
		return err
	}
	for _, l := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, sealed, err := s.peek(ctx, l.Name)
		var damaged *DamagedError
		if errors.As(err, &damaged) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := visit(l, r, sealed); err != nil {
			return err
		}
	}
	return nil
}

// peek reads a record without marking it as used and without putting it aside.
func (s *Store) peek(ctx context.Context, name string) (record, bool, error) {
	f, err := s.b.Open(ctx, Results, name)
	if err != nil {
		return record{}, false, err
	}
	defer f.Close()
	b, err := readRecord(f)
	if err != nil {
		return record{}, false, err
	}
	r, _, sealed, err := decodeRecord(b, s.seal)
	if err != nil {
		return record{}, false, &DamagedError{Results, name, err.Error()}
	}
	if got := r.Key.Digest(); got.Hex() != name {
		return record{}, false, &DamagedError{Results, name, "is the record of another key, " + string(got)}
	}
	return r, sealed, nil
}

// list returns the entries of a class in order of name.
func (s *Store) list(ctx context.Context, c Class) ([]Listed, error) {
	var all []Listed
	err := s.b.List(ctx, c, func(l Listed) error {
		all = append(all, l)
		return nil
	})
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all, err
}
