package cache

import (
	"context"
	"errors"
	"fmt"
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
			err := s.verify(ctx, c, l, &v)
			var damaged *DamagedError
			switch {
			case err == nil, errors.Is(err, fs.ErrNotExist): // trimmed meanwhile
			case errors.As(err, &damaged):
				v.Bad = append(v.Bad, damaged)
				if putAside {
					if err := s.b.Quarantine(c, l.Name, nil); err != nil {
						return v, err
					}
				}
			default:
				return v, err
			}
		}
	}
	return v, nil
}

func (s *Store) verify(ctx context.Context, c Class, l Listed, v *Verified) error {
	if _, err := ParseDigest(digestPrefix + l.Name); err != nil {
		return &DamagedError{c, l.Name, "is not a name of ours"}
	}
	if c == Results {
		v.Results++
		_, sealed, err := s.peek(ctx, l.Name)
		if err == nil && !sealed {
			v.Unsealed++
		}
		return err
	}
	v.Blobs++
	v.Bytes += l.Size
	f, err := s.b.Open(ctx, c, l.Name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, sum, err := newReader(ctx, f)
	if err != nil {
		return err
	}
	if sum.Hex() != l.Name {
		return &DamagedError{c, l.Name, fmt.Sprintf("holds %d bytes that hash to %s", f.Size(), sum)}
	}
	return nil
}
