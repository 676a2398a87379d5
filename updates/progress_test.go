package updates

import (
	"fmt"
	"slices"
	"testing"
)

// A file counts when it is done, and the one that has been in work for longest
// is named: 30 of 30 with the largest still to come would be a lie.
func TestProgressCountsWhatIsDone(t *testing.T) {
	var said []string
	b := &Builder{Progress: func(p Progress) { said = append(said, fmt.Sprint(p.Done, "/", p.Total, " ", p.Path)) }}
	told := b.tell("compress", 2)
	large := told.begin("large")
	told.begin("small")()
	large()
	want := []string{"0/2 large", "0/2 large", "1/2 large", "2/2 large"}
	if !slices.Equal(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
}
