package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// house says who may import whom, and which room each third-party module lives
// in. It is policy: change it with a reason in docs/decisions, not to make a
// build pass. A room may always import the rooms below it that it names here;
// test files obey the same table.
const house = `
cmd/slipway:       tui release release/engine release/git release/mail release/pipeline release/text signing signing/authenticode updates updates/aus updates/bsdiff updates/mar updates/zucchini cache testdata cache/filesystem testdata/peer
tui:               release release/engine release/pipeline release/text
release:           release/git release/mail release/pipeline release/text repack signing signing/authenticode updates updates/aus updates/mar cache cache/filesystem testdata/peer
release/engine:    release/pipeline release/text release/engine/killtest cache/filesystem
release/engine/killtest:
release/git:       cache cache/filesystem testdata/peer
release/mail:      release/text
release/pipeline:
release/text:
repack:            cache updates/xz testdata/peer
signing:           cache signing/authenticode updates/mar cache/filesystem testdata/peer
signing/authenticode: testdata/peer
updates:           cache updates/bsdiff updates/mar updates/xz updates/zucchini cache/filesystem testdata/peer
updates/aus:       updates/mar testdata/peer
updates/mar:       testdata/peer
updates/bsdiff:    updates/xz testdata/peer
updates/peers:     updates/bsdiff updates/xz
updates/peers/measured: updates/bsdiff updates/xz
updates/zucchini:  testdata/peer
updates/xz:        testdata/peer
cache:             cache/filesystem
cache/filesystem:
testdata:
testdata/peer:
docs/shots:
`

// modules names the rooms that may import a third-party module, by prefix.
const modules = `
charm.land/:                          tui
github.com/charmbracelet/:            tui docs/shots
github.com/sahilm/fuzzy:              tui
modernc.org/sqlite:                   release/engine
github.com/ProtonMail/go-crypto:      signing
software.sslmate.com/src/go-pkcs12:   signing/authenticode
github.com/klauspost/compress:        repack
github.com/xi2/xz:                    updates/xz
github.com/gabstv/go-bsdiff:          updates/bsdiff updates/peers/measured
github.com/dsnet/compress:            updates/bsdiff
github.com/wneessen/go-mail:          release/mail
github.com/emersion/:                 release/mail
go.yaml.in/yaml:                      release cmd/slipway
github.com/invopop/jsonschema:        release
github.com/Masterminds/semver:        release
github.com/spf13/:                    cmd/slipway
github.com/muesli/:                   cmd/slipway
github.com/rogpeppe/go-internal:      cmd/slipway
github.com/dustin/go-humanize:        cmd/slipway
github.com/google/go-cmp:             *
pgregory.net/rapid:                   *
golang.org/x/:                        *
`

func TestHouseOrder(t *testing.T) {
	rooms, lodgings := table(house), table(modules)
	seen, used := map[string]bool{}, map[permit]bool{}
	root := "../.."
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			// testdata below a room holds samples, not rooms; so does the demo's source.
			if file != root && (strings.HasPrefix(name, ".") || name == "build" || name == "skiff" || name == "testdata" && filepath.Dir(file) != root) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		room := roomOf(filepath.ToSlash(rel), rooms)
		if room == "" {
			t.Errorf("%s: the directory %q is no room of the house", file, rel)
			return nil
		}
		seen[room] = true
		for _, imported := range imports(t, file) {
			by, why := allowed(room, imported, rooms, lodgings)
			if why != "" {
				t.Errorf("%s imports %s: %s", file, imported, why)
			}
			used[by] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range rooms {
		if !seen[room] {
			t.Errorf("room %s of the table has no Go file", room)
		}
	}
	for _, lines := range []map[string][]string{rooms, lodgings} {
		for line, words := range lines {
			for _, word := range words {
				if !used[permit{line, word}] {
					t.Errorf("line %q of the table allows %s, which nobody needs", line, word)
				}
			}
		}
	}
}

// permit is a word of a line of a table.
type permit struct{ line, word string }

// roomOf is the room a directory belongs to: a folder inside a room, say of
// benchmarks, obeys the room's line.
func roomOf(dir string, rooms map[string][]string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := rooms[dir]; ok {
			return dir
		}
	}
	return ""
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// allowed returns what allows an import, or why nothing does.
func allowed(room, imported string, rooms, lodgings map[string][]string) (by permit, why string) {
	if ours, ok := strings.CutPrefix(imported, "slipway/"); ok {
		other := roomOf(ours, rooms)
		if other == room || slices.Contains(rooms[room], other) {
			return permit{room, other}, ""
		}
		return permit{}, "the house's order does not allow it"
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return permit{}, "" // the standard library
	}
	for prefix, guests := range lodgings {
		if strings.HasPrefix(imported, prefix) {
			for _, guest := range guests {
				if guest == room || guest == "*" {
					return permit{prefix, guest}, ""
				}
			}
			return permit{}, "this module lives in " + strings.Join(guests, ", ")
		}
	}
	return permit{}, "this module has no room in the table"
}

func table(text string) map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		key, rest, _ := strings.Cut(line, ": ")
		m[strings.TrimSuffix(strings.TrimSpace(key), ":")] = strings.Fields(rest)
	}
	return m
}
