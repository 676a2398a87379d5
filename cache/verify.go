package cache

import (
	"context"
	"errors"
	"io/fs"
)

// Verified is what [Store.Verify] looked at.
type Verified struct {
	Blobs   int64 `json:"blobs"`
	Bytes   int64 `json:"bytes"`
	Results int64 `json:"results"`
	// Unsealed results lack our seal: another machine made them, or one
	// without the secret. They are proven, or made again, before use.
	Unsealed int64           `json:"unsealed"`
	Bad      []*DamagedError `json:"bad"`
}

// Verify reads everything and returns every entry that is not what its name
// says, ordered by class and name. It changes nothing unless putAside is set;
// reading a bad entry would put it aside, too.
func (s *Store) Verify(ctx context.Context, putAside bool) (Verified, error) {
	var v Verified
	for _, c := range []Class{Blobs, Results} {
		all, err := s.list(ctx, c)
		if err != nil {
			return v, err
		}
		for _, l := range all {
			if err := ctx.Err(); err != nil {
				return v, err
			}
			bad, err := s.verify(ctx, c, l, &v, putAside)
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // trimmed meanwhile
				return v, err
			}
			if bad != nil {
				v.Bad = append(v.Bad, bad)
			}
		}
	}
	return v, nil
}

// verify looks at one entry and says what is wrong with it.
func (s *Store) verify(ctx context.Context, c Class, l Listed, v *Verified, putAside bool) (*DamagedError, error) {
	f, err := s.b.Open(ctx, c, l.Name)
	var bad *DamagedError
	switch {
	case err == nil:
		defer f.Close()
		var why string
		if why, err = s.look(ctx, c, l, f, v); why != "" {
			bad = &DamagedError{c, l.Name, why}
		}
	case errors.As(err, &bad):
		f, err = nil, nil
	}
	if _, not := ParseDigest(digestPrefix + l.Name); not != nil && err == nil {
		bad = &DamagedError{c, l.Name, "is not a name of ours"}
	}
	if bad != nil && putAside {
		err = s.b.Quarantine(c, l.Name, f)
	}
	return bad, err
}

// look reads an entry.
func (s *Store) look(ctx context.Context, c Class, l Listed, f File, v *Verified) (why string, err error) {
	if c == Results {
		v.Results++
		b, err := readRecord(f)
		if err != nil {
			return "", err
		}
		r, _, sealed, err := decodeRecord(b, s.seal)
		switch {
		case err != nil:
			return err.Error(), nil
		case r.Key.Digest().Hex() != l.Name:
			return "is the record of another key, " + string(r.Key.Digest()), nil
		case !sealed:
			v.Unsealed++
		}
		return "", nil
	}
	v.Blobs++
	v.Bytes += l.Size
	_, sum, err := newReader(ctx, f)
	if err == nil && sum.Hex() != l.Name {
		why = wrongHash(f.Size(), sum)
	}
	return why, err
}
