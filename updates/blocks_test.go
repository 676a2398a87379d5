package updates

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/cache"
	"slipway/updates/xz"
)

// jar makes a stored jar as Firefox's are: manifests, a locale's text, much
// that is shared, the locale's text again.
func jar(t testing.TB, locale string, shared int, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	add := func(name, data string) {
		t.Helper()
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		check(t, err)
		_, err = f.Write([]byte(data))
		check(t, err)
	}
	text := func(seed uint64, n int) string {
		rng := rand.New(rand.NewPCG(seed, 3))
		var s strings.Builder
		for s.Len() < n {
			fmt.Fprintf(&s, "const k%d = %q;\n", rng.IntN(400), []string{"red", "green", "blue"}[rng.IntN(3)])
		}
		return s.String()[:n]
	}
	add("chrome.manifest", "manifest chrome/chrome.manifest\n")
	add("chrome/chrome.manifest", "locale x "+locale+" chrome/"+locale+"\n")
	add("localization/"+locale+"/a.ftl", strings.Repeat("hello = "+locale+"\n", 300))
	for i := range 40 {
		add(fmt.Sprintf("chrome/toolkit/content/f%02d.js", i), text(uint64(i), shared/40))
	}
	add("chrome/"+locale+"/locale/"+locale+"/z.properties", "z="+locale+"\n")
	add("res/multilocale.txt", locale)
	check(t, w.Close())
	return b.Bytes()
}

// What two locales share is compressed once; what each alone has, in blocks of
// its own. The streams are whole, whoever reads them.
func TestJarsShareBlocks(t *testing.T) {
	b := newBuilder(t, 2)
	p, err := wholePacking(BCJNone, 0)
	check(t, err)
	var jars []cache.Digest
	for _, locale := range []string{"de", "pt-BR"} {
		data := jar(t, locale, minCut+1<<17, zip.Store)
		cuts := cutJar(data, 2<<20)
		if len(cuts) != 5 { // head, three of what is shared, tail
			t.Errorf("%s: cuts %d", locale, cuts)
		}
		d := putBytes(t, b, data)
		packed, err := b.pack(t.Context(), d, p, 2)
		check(t, err)
		stream := marBytes(t, b, packed.Digest)
		if got := runPeer(t, stream, "xz", "-dc"); !bytes.Equal(got, data) {
			t.Errorf("%s: xz unpacks another jar", locale)
		}
		jars = append(jars, d)
	}
	if c := b.Store.Counts()["xz-block"]; c.Hits != 1 || c.Misses != 5 {
		t.Errorf("blocks: %+v, want the shared one found once, and 5 made", c)
	}
	if jars[0] == jars[1] {
		t.Error("the jars are equal")
	}
}

func TestJarsLeftWhole(t *testing.T) {
	big := jar(t, "de", 5<<20, zip.Store)
	for name, data := range map[string][]byte{
		"deflated":       jar(t, "de", 5<<20, zip.Deflate),
		"small":          jar(t, "de", 1<<20, zip.Store),
		"no zip":         make([]byte, 5<<20),
		"no locale":      bytes.ReplaceAll(bytes.ReplaceAll(bytes.ReplaceAll(big, []byte("localization/"), []byte("localizatioN/")), []byte("/locale/"), []byte("/localE/")), []byte("multilocale"), []byte("multilocalE")),
		"cut off":        big[:len(big)-30],
		"count too high": append(bytes.Clone(big[:len(big)-12]), append([]byte{0xff, 0xff}, big[len(big)-10:]...)...),
	} {
		if cuts := cutJar(data, 1<<20); cuts != nil {
			t.Errorf("%s: cuts %d", name, cuts)
		}
	}
}

func FuzzCutJar(f *testing.F) {
	f.Add(jar(f, "de", 300, zip.Store))
	f.Add(jar(f, "de", 300, zip.Deflate))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries := jarEntries(data)
		last := 0
		for _, e := range entries {
			if e.from < last || e.to <= e.from || e.to > len(data) {
				t.Fatalf("entry %+v after %d, of %d bytes", e, last, len(data))
			}
			last = e.to
		}
		cuts := cutAround(entries, len(data), 4096)
		at := 0
		for _, c := range cuts {
			if c <= at {
				t.Fatalf("cuts %d", cuts)
			}
			at = c
		}
		if len(cuts) > 0 && at != len(data) {
			t.Fatalf("the last cut is %d, of %d bytes", at, len(data))
		}
	})
}

// BenchmarkJar tells what cutting a real jar costs in size, and what the second
// locale then costs in time: SLIPWAY_JAR names one, such as Firefox's omni.ja.
func BenchmarkJar(bench *testing.B) {
	data, err := os.ReadFile(os.Getenv("SLIPWAY_JAR"))
	if err != nil {
		bench.Skip("set SLIPWAY_JAR to a jar")
	}
	p, err := wholePacking(BCJX86, 0)
	check(bench, err)
	for bench.Loop() {
		start := time.Now()
		one, err := xz.Encode(data, p.options(1))
		check(bench, err)
		bench.ReportMetric(time.Since(start).Seconds(), "s/whole")
		b := newBuilder(bench, 1)
		cuts := cutJar(data, maxShared)
		cut, err := b.packBlocks(bench.Context(), data, cuts, p, 1)
		check(bench, err)
		// Another locale: its entries and the directory have other bytes.
		other := bytes.Clone(data)
		for _, e := range jarEntries(data) {
			if e.locale {
				copy(other[e.to-8:e.to], "changed!")
			}
		}
		copy(other[:2], "xx")
		start = time.Now()
		_, err = b.packBlocks(bench.Context(), other, cuts, p, 1)
		check(bench, err)
		bench.ReportMetric(float64(len(cut))/float64(len(one)), "size/whole")
		bench.ReportMetric(float64(len(cuts)), "blocks")
		bench.ReportMetric(time.Since(start).Seconds(), "s/2nd-locale")
	}
}
