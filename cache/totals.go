package cache

import (
	"encoding/json"
	"errors"
)

// totalsFile sums up the counts of all processes. It is for people to look at:
// nothing depends on it, and one that cannot be read starts anew.
const totalsFile = "totals.json"

// maxTotals is far more than a number of numbers for each kind of result takes.
const maxTotals = 1 << 20

func (d *disk) totals() map[string]Counts {
	f, err := d.openOnce(totalsFile) // it may be planted, like any entry
	for errors.Is(err, errReplaced) {
		f, err = d.openOnce(totalsFile)
	}
	if err != nil {
		return map[string]Counts{}
	}
	defer f.Close()
	b := make([]byte, min(f.Size(), maxTotals))
	var all map[string]Counts
	if _, err := f.ReadAt(b, 0); err != nil || json.Unmarshal(b, &all) != nil || all == nil {
		return map[string]Counts{}
	}
	return all
}

// addTotals adds what this process did.
func (d *disk) addTotals(counts map[string]Counts) error {
	if len(counts) == 0 {
		return nil
	}
	if err := d.begin(); err != nil {
		return err
	}
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	all := d.totals()
	for space, c := range counts {
		sum := all[space]
		sum.Add(c)
		all[space] = sum
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	temp := tmpDir + "/" + d.session + "/" + totalsFile
	if err := errors.Join(d.root.WriteFile(temp, b, fileMode), d.root.Chmod(temp, fileMode)); err != nil {
		return err
	}
	return d.root.Rename(temp, totalsFile)
}
