package mar

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// forged is a MAR under construction by somebody who does not play by the
// rules: every field can be a lie.
type forged struct {
	magic    string
	index    int64 // offset of the index, when not where it is
	size     int64 // size field, when not the size
	sigCount int64 // count field, when not the count
	sigs     []forgedSig
	blocks   []byte // count and blocks
	content  []byte
	records  []forgedRecord
	indexLen int64 // length field, when not the length
	tail     []byte
}

type forgedSig struct {
	alg, length uint32
	bytes       []byte
}

type forgedRecord struct {
	offset, size, mode uint32
	name               string // with its NUL
}

func product(fields string) []byte {
	b := binary.BigEndian.AppendUint32(nil, 1)
	b = binary.BigEndian.AppendUint32(b, blockSize)
	b = binary.BigEndian.AppendUint32(b, blockID)
	return append(b, append([]byte(fields), make([]byte, productSize-len(fields))...)...)
}

// honest is where a forger starts: one entry "a" of four bytes at 128.
func honest() forged {
	return forged{
		magic: Magic, index: -1, size: -1, sigCount: -1, indexLen: -1,
		blocks: product("c\x001\x00"), content: []byte("data"),
		records: []forgedRecord{{128, 4, 0o644, "a\x00"}},
	}
}

func (f forged) bytes() []byte {
	b := []byte(f.magic + strings.Repeat("\x00", headerSize-4))
	or := func(lie int64, truth int) int64 {
		if lie >= 0 {
			return lie
		}
		return int64(truth)
	}
	for _, s := range f.sigs {
		b = binary.BigEndian.AppendUint32(b, s.alg)
		b = binary.BigEndian.AppendUint32(b, s.length)
		b = append(b, s.bytes...)
	}
	b = append(append(b, f.blocks...), f.content...)
	binary.BigEndian.PutUint32(b[4:], uint32(or(f.index, len(b))))
	var index []byte
	for _, r := range f.records {
		index = binary.BigEndian.AppendUint32(index, r.offset)
		index = binary.BigEndian.AppendUint32(index, r.size)
		index = binary.BigEndian.AppendUint32(index, r.mode)
		index = append(index, r.name...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(or(f.indexLen, len(index))))
	b = append(append(b, index...), f.tail...)
	binary.BigEndian.PutUint64(b[8:], uint64(or(f.size, len(b))))
	binary.BigEndian.PutUint32(b[16:], uint32(or(f.sigCount, len(f.sigs))))
	return b
}

// makeQuickKey makes the smallest key allowed, for tests that verify thousands of times.
var makeQuickKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, minKeyBits) })

func quickKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := makeQuickKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func check(b []byte) []Finding { return Check(bytes.NewReader(b), int64(len(b))) }

// MAR-1, 2, 4 and 6: what is refused, where, and what the updater would do.
func TestHostile(t *testing.T) {
	if b := honest().bytes(); len(parse(t, b).Entries) != 1 {
		t.Fatal("the honest archive is not read")
	}
	sig := func(n int) forgedSig { return forgedSig{uint32(SHA384), uint32(n), make([]byte, n)} }
	two := func(a, b forgedRecord) func(*forged) {
		return func(f *forged) { f.content = []byte("datadata"); f.records = []forgedRecord{a, b} }
	}
	for _, c := range []struct {
		name   string
		forge  func(*forged)
		want   string
		offset int64
		code   int
	}{
		{"wrong magic", func(f *forged) { f.magic = "MAR2" }, `starts with "MAR2"`, 0, ReadError},
		{"size field small", func(f *forged) { f.size = 10 }, "says the file has 10 bytes, it has 150", 8, Accepts},
		{"size field 2^63", func(f *forged) { f.size = 1<<63 - 1 }, "says the file has 9223372036854775807 bytes", 8, Accepts},
		{"index past the end", func(f *forged) { f.index = 151 }, "index length: 4 bytes run past the end", 151, NoProductInfo},
		{"index at 2^32-1", func(f *forged) { f.index = 1<<32 - 1 }, "run past the end", 1<<32 - 1, NoProductInfo},
		{"index at 0", func(f *forged) { f.index = 0 }, "index has 1296126513 bytes", 0, ReadError},
		{"index too long", func(f *forged) { f.indexLen = 15 }, "index: 15 bytes run past the end", 136, ReadError},
		{"index too short", func(f *forged) { f.indexLen = 13 }, "1 bytes behind the index", 149, SignatureError},
		{"index of 2^32-1", func(f *forged) { f.indexLen = 1<<32 - 1 }, "index has 4294967295 bytes, at most", 132, ReadError},
		{"trailing bytes", func(f *forged) { f.tail = []byte("tail") }, "4 bytes behind the index", 150, SignatureError},
		{"no entries", func(f *forged) { f.records, f.content = nil, nil }, "no entries", 128, Crashes},
		{"record cut off", func(f *forged) { f.records[0].name = "" }, "index record 1 is cut off", 136, ReadError},
		{"name without NUL", func(f *forged) { f.records[0].name = "abc" }, "index record 1 is cut off", 136, ReadError},
		{"second record cut off", func(f *forged) { f.records[0].name = "abc\x00xx" }, "index record 2 is cut off", 152, ReadError},

		{"entry past the end", func(f *forged) { f.records[0].size = 100 }, "0x64 bytes at 0x80 run past the end of the file (0x96)", 136, ReadError},
		{"entry wraps", func(f *forged) { f.records[0] = forgedRecord{1<<32 - 1, 1<<32 - 1, 0, "a\x00"} }, "run past the end", 136, ReadError},
		{"entry into the index", func(f *forged) { f.records[0].size = 5 }, "run into the index (0x84)", 136, Accepts},
		{"entry in the header", func(f *forged) { f.records[0].offset = 4 }, "begins at 0x4, inside the header", 136, Accepts},
		{"gap before", func(f *forged) { f.content = []byte("gapdata"); f.records[0].offset = 131 }, "3 bytes behind the end of what is in front", 139, Accepts},
		{"gap after", func(f *forged) { f.content = []byte("datagap") }, "entries end at 0x84, the index begins at 0x87", 132, Accepts},
		{"same bytes twice", two(forgedRecord{128, 8, 0, "a\x00"}, forgedRecord{128, 8, 0, "b\x00"}), "before the end of the entry in front of it", 154, ReadError},
		{"overlap", two(forgedRecord{128, 5, 0, "a\x00"}, forgedRecord{132, 4, 0, "b\x00"}), "begins at 0x84, before the end", 154, ReadError},
		{"same name", two(forgedRecord{128, 4, 0, "a\x00"}, forgedRecord{132, 4, 0, "a\x00"}), "is there twice", 154, Accepts},
		{"name differs in case", two(forgedRecord{128, 4, 0, "a\x00"}, forgedRecord{132, 4, 0, "A\x00"}), `differs from "a" only in case`, 154, Accepts},
		{"name folds", two(forgedRecord{128, 4, 0, "K\x00"}, forgedRecord{132, 4, 0, "\u212a\x00"}), "only in case", 154, Accepts},
		{"below a file", two(forgedRecord{128, 4, 0, "a\x00"}, forgedRecord{132, 4, 0, "a/b\x00"}), `lies below the file "a"`, 154, Accepts},
		{"file over a directory", two(forgedRecord{128, 4, 0, "a/b/c\x00"}, forgedRecord{132, 4, 0, "A/b\x00"}), `a directory in "a/b/c"`, 158, Accepts},
		{"far below a file", two(forgedRecord{128, 4, 0, "a/b/c/d\x00"}, forgedRecord{132, 4, 0, "A/b\x00"}), `a directory in "a/b/c/d"`, 160, Accepts},
		{"setuid", func(f *forged) { f.records[0].mode = 0o4755 }, "mode 04755", 136, Accepts},

		{"nine signatures", func(f *forged) { f.sigCount = 9 }, "9 signatures, at most 8", 16, SignatureError},
		{"2^32-1 signatures", func(f *forged) { f.sigCount = 1<<32 - 1 }, "4294967295 signatures", 16, SignatureError},
		{"empty signature", func(f *forged) { f.sigs = []forgedSig{sig(0)} }, "signature 1 has 0 bytes, want 1 to 2048", 24, SignatureError},
		{"long signature", func(f *forged) { f.sigs = []forgedSig{sig(2049)} }, "signature 1 has 2049 bytes", 24, SignatureError},
		{"huge signature", func(f *forged) { f.sigs = []forgedSig{{2, 1<<32 - 1, nil}} }, "signature 1 has 4294967295 bytes", 24, SignatureError},
		{"signature past the end", func(f *forged) { f.sigs = []forgedSig{{2, 2048, nil}} }, "signature 1: 2048 bytes run past the end", 28, SignatureError},
		{"unknown algorithm", func(f *forged) { f.sigs = []forgedSig{{3, 4, make([]byte, 4)}} }, "signature 1: unknown algorithm 3", 20, SignatureError},

		{"no product information", func(f *forged) { f.blocks = make([]byte, 12) }, "0 additional blocks, want 1", 20, NoProductInfo},
		{"two blocks", func(f *forged) { f.blocks[3] = 2 }, "2 additional blocks, want 1", 20, Accepts},
		{"other block", func(f *forged) { f.blocks[11] = 2 }, "has id 2, want 1", 28, NoProductInfo},
		{"long block", func(f *forged) { f.blocks[7] = 105 }, "has 105 bytes, want 104", 24, NoProductInfo},
		{"short block", func(f *forged) { f.blocks[7] = 20 }, "has 20 bytes, want 104", 24, Accepts},
		{"block without size", func(f *forged) { f.blocks[7] = 7 }, "has 7 bytes, want 104", 24, NoProductInfo},
		{"channel does not end", func(f *forged) { f.blocks = product(strings.Repeat("c", 96)) }, "channel id does not end", 32, NoProductInfo},
		{"channel too long", func(f *forged) { f.blocks = product(strings.Repeat("c", 64) + "\x001\x00") }, "has 64 bytes, at most 63", 32, NoProductInfo},
		{"channel empty", func(f *forged) { f.blocks = product("\x001\x00") }, "channel id is empty", 32, ChannelMismatch},
		{"version does not end", func(f *forged) { f.blocks = product("c\x00" + strings.Repeat("1", 94)) }, "product version does not end", 32, NoProductInfo},
		{"version too long", func(f *forged) { f.blocks = product("c\x00" + strings.Repeat("1", 32) + "\x00") }, "has 32 bytes, at most 31", 34, NoProductInfo},
		{"hidden text", func(f *forged) { f.blocks = product("c\x001\x00hidden") }, "filled up with 0x68, want zeros", 36, Accepts},

		{"old format", func(f *forged) { f.records[0].offset = 8 }, "old format, from before 2011", 8, NoProductInfo},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := honest()
			c.forge(&f)
			b := f.bytes()
			_, err := Parse(bytes.NewReader(b), int64(len(b)))
			if err == nil {
				t.Fatal("Parse: no error")
			}
			for _, got := range check(b) {
				if strings.Contains(got.What, c.want) {
					if got.Offset != c.offset || got.Code != c.code || got.Level != Malformed {
						t.Errorf("%v: %v, %s; want offset %#x, %s", got, got.Level, Outcome(got.Code), c.offset, Outcome(c.code))
					}
					return
				}
			}
			t.Errorf("Parse says %q, nothing says %q", err, c.want)
		})
	}
}

func TestTruncated(t *testing.T) {
	whole := sign(t, small(t), sampleKey(t))
	for n := range whole {
		if _, err := Parse(bytes.NewReader(whole[:n]), int64(n)); err == nil {
			t.Errorf("the first %d of %d bytes are taken for an archive", n, len(whole))
		}
	}
	if _, err := Parse(bytes.NewReader(whole), MaxSize+1); err == nil || !strings.Contains(err.Error(), "at most 524288000") {
		t.Errorf("too large: got error %v", err)
	}
}

// MAR-1: every number of a file takes every boundary value.
func TestBoundaryValues(t *testing.T) {
	whole := sign(t, small(t), quickKey(t))
	a := parse(t, whole)
	keys := []*rsa.PublicKey{&quickKey(t).PublicKey}
	fields := map[int64]int{4: 4, 8: 8, 16: 4, 20: 4, 24: 4, a.IndexOffset: 4}
	block := a.Signatures[0].Offset + int64(len(a.Signatures[0].Bytes))
	for i := range int64(3) {
		fields[block+4*i] = 4
	}
	at := a.IndexOffset + 4
	for _, e := range a.Entries {
		for i := range int64(3) {
			fields[at+4*i] = 4
		}
		at += recordHead + int64(len(e.Name)) + 1
	}
	for offset, width := range fields {
		var now uint64
		for _, b := range whole[offset : offset+int64(width)] {
			now = now<<8 | uint64(b)
		}
		n := uint64(len(whole))
		for _, v := range []uint64{
			0, 1, now - 1, now + 1, n - 1, n, n + 1, uint64(a.IndexOffset),
			1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1,
		} {
			if width == 4 {
				v &= 1<<32 - 1
			}
			if v == now {
				continue
			}
			b := bytes.Clone(whole)
			for i := range width {
				b[offset+int64(i)] = byte(v >> (8 * (width - 1 - i)))
			}
			got, err := Parse(bytes.NewReader(b), int64(len(b)))
			if err == nil {
				err = Verify(got, keys, VerifyOptions{})
			}
			if err == nil {
				t.Errorf("offset %#x: %#x instead of %#x is not noticed", offset, v, now)
			}
		}
	}
}

// MAR-3
func TestNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", "is empty"},
		{"/x", "is absolute"},
		{"../x", `has ".." in it`},
		{"a/../x", `has ".." in it`},
		{"a..b", `has ".." in it`},
		{"./x", `has the part "."`},
		{"a//b", "an empty part"},
		{"a/", "an empty part"},
		{`C:\x`, "has ':' in it"},
		{"C:/x", "has ':' in it"},
		{`a\..\b`, `has ".." in it`},
		{"a\\b", `has '\\' in it`},
		{`say "x"`, `has '"' in it`},
		{"a?", "has '?' in it"},
		{"a\nb", "control character U+000A"},
		{"a\u009bb", "control character U+009B"},
		{"a\xffb", "is not UTF-8"},
		{strings.Repeat("n", MaxName+1), "has 1025 bytes, at most 1024"},
		{"dir/NUL", "is a device on Windows"},
		{"con.txt", "is a device on Windows"},
		{"aux .x/y", "is a device on Windows"},
		{"COM1", "is a device on Windows"},
		{"lpt².dat", "is a device on Windows"},
		{"trailing.", "ends in a dot or space"},
		{"trailing /x", "ends in a dot or space"},
	} {
		if err := CheckName(c.name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("CheckName(%.40q) = %v, want %q", c.name, err, c.want)
		}
		f := honest()
		f.records[0].name = c.name + "\x00"
		if b := f.bytes(); !slices.ContainsFunc(check(b), func(f Finding) bool { return f.Level == Malformed }) {
			t.Errorf("an archive with an entry %.40q is not refused", c.name)
		}
	}
	for _, name := range []string{"x", "a b", "ä/ö.txt", "COM", "COM10", "console", "nulls", ".hidden", "a.b.c", strings.Repeat("n", MaxName)} {
		if err := CheckName(name); err != nil {
			t.Error(err)
		}
	}
}

// MAR-1: an index that is full of nothing but trouble costs no more memory than
// it has bytes, times a little: names of hundreds of parts, a thousand faults.
func TestHostileIndexIsCheap(t *testing.T) {
	deep := honest()
	deep.content, deep.records = nil, nil
	for i := range 2000 {
		name := fmt.Sprint(i) + strings.Repeat("/a", 500)
		deep.records = append(deep.records, forgedRecord{128, 0, 0o644, name + "\x00"})
	}
	b := deep.bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Parse(bytes.NewReader(b), int64(len(b))); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 20*uint64(len(b)) {
		t.Errorf("%d bytes of memory for a file of %d", used, len(b))
	}

	wrong := honest()
	for range 2 * maxFindings {
		wrong.records = append(wrong.records, forgedRecord{1 << 31, 1 << 31, 0o644, "a?\x00"})
	}
	findings := check(wrong.bytes())
	if last := findings[len(findings)-1]; len(findings) > maxFindings+10 || !strings.Contains(last.What, "the rest of the index is not looked at") {
		t.Errorf("%d findings, the last: %v", len(findings), last)
	}
}

// MAR-5: no bit of a signed file can change unnoticed.
func TestEveryBitFlip(t *testing.T) {
	key := quickKey(t)
	entry := Bytes("padding", 0o644, make([]byte, 4096-128-8-key.Size()-4-recordHead-len("padding")-1))
	whole := sign(t, write(t, entry), key)
	if len(whole) != 4096 {
		t.Fatalf("test file has %d bytes", len(whole))
	}
	keys := []*rsa.PublicKey{&quickKey(t).PublicKey}
	for i := range 8 * len(whole) {
		whole[i/8] ^= 1 << (i % 8)
		a, err := Parse(bytes.NewReader(whole), int64(len(whole)))
		if err == nil {
			err = Verify(a, keys, VerifyOptions{})
		}
		if err == nil {
			t.Errorf("bit %d of byte %#x can be flipped unnoticed", i%8, i/8)
		}
		whole[i/8] ^= 1 << (i % 8)
	}
	if err := Verify(parse(t, whole), keys, VerifyOptions{}); err != nil {
		t.Error(err)
	}
}

// MAR-7: whatever the file gives at each read, what comes out after Verify is
// what was signed, or an error.
func TestSwappedWhileRead(t *testing.T) {
	good := sign(t, small(t), quickKey(t))
	evil := bytes.Clone(good)
	copy(evil[parse(t, good).Entries[1].Offset:], "\xfd7zXZ\x00 EVIL...")
	keys := []*rsa.PublicKey{&quickKey(t).PublicKey}
	honest, errs := 0, 0
	for try := range uint64(10_000) {
		r := &swapping{good, evil, mathrand.New(mathrand.NewPCG(7, try))}
		a, err := Parse(r, int64(len(good)))
		if err != nil {
			t.Fatal(err)
		}
		if Verify(a, keys, VerifyOptions{}) != nil {
			errs++
			continue
		}
		b, err := a.Bytes(1, 100)
		switch {
		case err != nil:
			errs++
		case string(b) != "\xfd7zXZ\x00 program":
			t.Fatalf("try %d: %q comes out of a verified archive", try, b)
		default:
			honest++
		}
	}
	if honest == 0 || errs == 0 {
		t.Errorf("%d honest reads, %d errors: the test tests nothing", honest, errs)
	}
}

type swapping struct {
	good, evil []byte
	rand       *mathrand.Rand
}

func (s *swapping) ReadAt(b []byte, offset int64) (int, error) {
	from := s.good
	if s.rand.IntN(2) == 0 {
		from = s.evil
	}
	return bytes.NewReader(from).ReadAt(b, offset)
}

func FuzzParse(f *testing.F) {
	f.Add(honest().bytes())
	f.Add(small(f))
	f.Add(sample(f, "bsdiff.partial.mar"))
	for _, n := range []int{0, 1, 4, 8, 12, 16} {
		b := honest().bytes()
		b[n] ^= 0x80
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		findings := check(b)
		a, err := Parse(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if len(findings) == 0 {
				t.Fatalf("Parse says %v, Check nothing", err)
			}
			return
		}
		// One file, one reading: whatever is accepted is what we write.
		var again bytes.Buffer
		if err := a.copyAs(&again, a); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), b) {
			t.Fatalf("written again it differs:\n%x\n%x", b, again.Bytes())
		}
	})
}
