package updates

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
)

// move is one change of the journal. Going forward, what is at Path is set
// aside as Backup, then what was staged as Staged takes its place.
type move struct {
	Path   diskPath    `json:"path"`
	Backup string      `json:"backup,omitempty"` // the file existed
	Staged string      `json:"staged,omitempty"` // a file will exist
	Mode   fs.FileMode `json:"mode"`             // of the new file, or of a directory
	Dir    string      `json:"dir,omitempty"`    // "made" or "removed"
}

// diskPath is a name as the disk has it, in a user's file any bytes. The journal
// quotes it: JSON makes one and the same of all bytes that are not UTF-8, and two
// files would go back to one name.
type diskPath string

// MarshalText returns the path in quotes, all of it ASCII.
func (p diskPath) MarshalText() ([]byte, error) {
	return strconv.AppendQuoteToASCII(nil, string(p)), nil
}

// UnmarshalText reads what MarshalText wrote, and nothing else.
func (p *diskPath) UnmarshalText(text []byte) error {
	s, err := strconv.Unquote(string(text))
	if err != nil {
		return fmt.Errorf("path %q is not in quotes: another version of slipway wrote it, and only that undoes it", text)
	}
	*p = diskPath(s)
	return nil
}

const (
	dirMade    = "made"
	dirRemoved = "removed"
)

// The journal is complete before the first move; committed comes after the
// last. Without a journal nothing has been moved.
var (
	journalPath   = path.Join(workDir, "journal")
	committedPath = path.Join(workDir, "committed")
)

func (d *directory) writeJournal(moves []move) error {
	b, err := json.Marshal(moves)
	if err != nil {
		return err
	}
	return d.writeFile(journalPath, b)
}

// writeFile makes a file of the work directory appear at once and durably.
func (d *directory) writeFile(p string, b []byte) error {
	tmp := p + ".tmp"
	f, err := d.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := d.root.Rename(tmp, p); err != nil {
		return err
	}
	return d.sync(workDir)
}
