package updates

import "testing"

func TestUnpackedIsBounded(t *testing.T) {
	var u unpacked
	for range maxUnpacked / maxFile {
		if err := u.add(maxFile); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.add(1); err == nil {
		t.Errorf("more than %d bytes were let out", maxUnpacked)
	}
}
