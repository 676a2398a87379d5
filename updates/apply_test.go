package updates

import (
	"testing"

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
