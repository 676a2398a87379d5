package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"slipway/release/pipeline"
	"slipway/updates/aus"
)

// maxNote bounds the files that say whose a rollout is and who halted it.
const maxNote = 64 << 10

func rolloutDir(product, channel string) string {
	return path.Join(ausBase, aus.RolloutDir(product, channel))
}

// readRollout reads what lies in a rollout's directory. Links and directories
// where a file is expected were put there by somebody else, and may mean another
// thing to the web server than to us. The error names them all; the rest is read
// nevertheless.
func readRollout(root *os.Root, product, channel string) (rollout, error) {
	var r rollout
	dir := rolloutDir(product, channel)
	for at := dir; at != ausBase; at = path.Dir(at) {
		st, err := root.Lstat(at)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return r, err
		}
		if !st.IsDir() {
			return r, planted(at, "no directory")
		}
	}
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return r, notThere(err)
	}
	var bad error
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !aus.IsBucket(e.Name()) && e.Name() != aus.OwnerFile && e.Name() != aus.HaltedFile {
			continue
		}
		if !e.Type().IsRegular() {
			bad = errors.Join(bad, planted(name, "no file of its own"))
			continue
		}
		switch {
		case aus.IsBucket(e.Name()):
			r.Open = append(r.Open, e.Name())
		case e.Name() == aus.OwnerFile:
			text, err := readNote(root, name)
			if err != nil {
				return r, err
			}
			r.Owner = strings.TrimSpace(string(text))
		default:
			text, err := readNote(root, name)
			if err != nil {
				return r, err
			}
			r.Halt = new(RolloutHalt)
			if json.Unmarshal(text, r.Halt) != nil {
				*r.Halt = RolloutHalt{} // made by hand, and as good
			}
		}
	}
	return r, bad
}

func planted(name, what string) error {
	return pipeline.Fail(pipeline.Clash, "the rollout's directory holds what slipway did not put there",
		fmt.Errorf("%s is %s; see who put it there, and remove it", name, what))
}

func readNote(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxNote))
}

// openBucket makes a file that is empty, and so needs no second name to appear
// whole.
func (s *site) openBucket(name string) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	s.dirty[path.Dir(name)] = true
	return errors.Join(f.Chmod(0o644), f.Close())
}

// closeBuckets takes a share back, all of it.
func (s *site) closeBuckets(dir string, open []string) error {
	var err error
	for _, b := range open {
		err = errors.Join(err, s.remove(path.Join(dir, b)))
	}
	return err
}

// retire takes a rollout away whole: its answers are the live ones now. What a
// killed attempt left of the directories above goes too.
func (s *site) retire(dir string) error {
	err := s.root.Rename(dir, path.Join(s.staging, "retired-"+path.Base(dir)))
	if err == nil {
		s.dirty[path.Dir(dir)] = true
	}
	if err := notThere(err); err != nil {
		return err
	}
	for up := path.Dir(dir); up != ausBase; up = path.Dir(up) {
		rest, err := fs.ReadDir(s.root.FS(), up)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || len(rest) > 0 {
			return err
		}
		delete(s.dirty, up) // nothing is left to make durable
		if err := s.remove(up); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) retireAll(product string, channels []string) error {
	for _, channel := range channels {
		if err := s.retire(rolloutDir(product, channel)); err != nil {
			return err
		}
	}
	return nil
}

// throttles tells whether a live answer belongs to a throttled channel, in
// whatever form.
func (a rolloutArgs) throttles(name string) bool {
	form, _, _ := strings.Cut(name, "/")
	return (form == "snippets" || form == "update") && slices.Contains(a.Throttled, path.Base(path.Dir(name)))
}
