package updates

import (
	"fmt"
	"strings"
	"testing"

	"slipway/cache"
	"slipway/updates/bsdiff"
	"slipway/updates/mar"
)

// A patch is for the file that the lines before it leave, as in the updater, and
// not for the one that was installed.
func TestApplyInOrder(t *testing.T) {
	b := newBuilder(t, 2)
	p, err := bsdiff.Diff([]byte("second"), []byte("third"), bsdiff.Options{})
	check(t, err)
	data := rawMAR(t, "type \"partial\"\nadd \"x\"\npatch \"x.patch\" \"x\"\n",
		mar.Bytes("x", 0o644, xzOf(t, "second")), mar.Bytes("x.patch", 0o644, xzOf(t, string(p.MBDIFF10()))))
	got, err := b.Apply(t.Context(), ApplyJob{Tree: putTree(t, b, file{"x", 0, "first"}), MAR: putBytes(t, b, data)})
	check(t, err)
	if want := putTree(t, b, file{"x", 0, "third"}); got.Digest() != want {
		t.Errorf("got %+v", got)
	}
}

// A manifest of a few bytes that names one directory over and over, and what lies
// in it, gives no more actions than there is to remove.
func TestRmrfdirOverAndOver(t *testing.T) {
	var tree cache.Tree
	for i := range 200 {
		tree.Entries = append(tree.Entries, cache.Entry{Path: fmt.Sprintf("d/%d/f", i)})
	}
	tree.Sort()
	text := "type \"partial\"\n" + strings.Repeat("rmrfdir \"d/\"\nrmrfdir \"d/7/\"\nrmrfdir \"e/\"\n", 1000)
	m, err := ParseManifest([]byte(text))
	check(t, err)
	actions, err := compile(m, newImage(tree), nil)
	check(t, err)
	if len(actions) != 200+200+1+2 { // files, directories, d itself; d/7/f and d/7 once more
		t.Errorf("%d actions", len(actions))
	}
	if first, last := actions[0], actions[400]; first.Path != "d/99/f" || last.Path != "d/" {
		t.Errorf("from %v to %v", first, last)
	}
}
