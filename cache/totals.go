package cache

import "encoding/json"

// totalsFile sums up the counts of all processes. It is for people to look at:
// nothing depends on it, and one that cannot be read starts anew.
const totalsFile = "totals.json"

func (d *disk) totals() map[string]Counts {
	all := map[string]Counts{}
	b, err := d.root.ReadFile(totalsFile)
	if err != nil || json.Unmarshal(b, &all) != nil {
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
	if err := d.root.WriteFile(temp, b, fileMode); err != nil {
		return err
	}
	return d.root.Rename(temp, totalsFile)
}
