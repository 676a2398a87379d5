package xz

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goSources joins .go files of the standard library, in order, up to n bytes.
func goSources(t testing.TB, n int) []byte {
	t.Helper()
	root := strings.TrimSpace(string(run(t, nil, "go", "env", "GOROOT")))
	files, err := filepath.Glob(filepath.Join(root, "src", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if b.Len()+len(text) > n {
			break
		}
		fmt.Fprintf(&b, "// %s\n%s", filepath.Base(f), text)
	}
	if b.Len() < n/2 {
		t.Fatalf("%d .go files below %s have %d bytes together, want about %d", len(files), root, b.Len(), n)
	}
	return b.Bytes()
}

// sparsePatch looks like the differences of two builds of one program: zeros,
// and where addresses moved a few bytes at distances that repeat.
func sparsePatch(n int) []byte {
	rnd := rand.New(rand.NewPCG(5, 6))
	b := make([]byte, n)
	for i := 0; i < n-8; {
		switch rnd.IntN(40) {
		case 0:
			i += rnd.IntN(4000)
		case 1: // a table of pointers, all moved alike
			d := byte(rnd.IntN(8) * 16)
			for k := rnd.IntN(200); k > 0 && i < n-8; k-- {
				b[i], b[i+1] = d, byte(k&1)
				i += 8
			}
		default:
			b[i] = byte(rnd.IntN(6) * 16)
			i += 3 + rnd.IntN(60)
		}
	}
	return b
}
