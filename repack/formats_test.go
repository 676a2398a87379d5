package repack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMergeFallsBackToEnglish(t *testing.T) {
	for name, c := range map[string]struct {
		format, base, loc, want string
		missing, obsolete       []string
	}{
		"properties": {
			"properties",
			"# greeting\nhello = Hello\n\nlong = one \\\n  two\nesc\\=aped: x\nbye=Bye\n",
			"bye = Tschüss\r\n# anderes\r\nhello=Hallo\\\n  Welt\nold=alt\nesc\\=aped = y",
			"# greeting\nhello=Hallo\\\n  Welt\n\nlong = one \\\n  two\nesc\\=aped = y\nbye = Tschüss\n",
			[]string{"long"},
			[]string{"old"},
		},
		"indented properties": {"properties", "  a=1\n  b=2", "b=3", "  a=1\n  b=3", []string{"a"}, nil},
		// What the end of a file continues is nothing, wherever it goes.
		"continued by the end": {"properties", "a=1\nb=2\n", "a=eins\\\\\\", "a=eins\\\\\nb=2\n", []string{"b"}, nil},
		"ini": {
			"ini", "; top\n[Strings]\nTitle=Hello\nBody=Text\n[More]\nTitle=Two\n",
			"[More]\nTitle=Zwei\n[Strings]\nTitle=Hallo\nOld=1\n",
			"; top\n[Strings]\nTitle=Hallo\nBody=Text\n[More]\nTitle=Zwei\n",
			[]string{"Strings/Body"},
			[]string{"Strings/Old"},
		},
		"dtd": {
			"dtd", "<!-- c -->\n<!ENTITY % brand SYSTEM \"chrome://b\"> %brand;\n<!ENTITY a \"A > B\">\n<!ENTITY b 'it\"s'>\n",
			"<!ENTITY b\n  \"sein\" >\n<!ENTITY c \"\">",
			"<!-- c -->\n<!ENTITY % brand SYSTEM \"chrome://b\"> %brand;\n<!ENTITY a \"A > B\">\n<!ENTITY b\n  \"sein\" >\n",
			[]string{"a"},
			[]string{"c"},
		},
		"ftl": {
			"ftl",
			"### Skiff\nhello = Hello\n-brand = Skiff\nbutton =\n    .label = Go\n    .accesskey = G\nmany =\n    { $n ->\n        [one] one\n       *[other] many\n    }\nbye = Bye\n",
			"hello = Hallo { $name }\nbutton =\n    .label = Los\nmany =\n{ $n ->\n *[other] viele\n}\nold = alt\nbye =\n    Tschüss\n\n    du\n",
			"### Skiff\nhello = Hallo { $name }\n-brand = Skiff\nbutton =\n    .label = Go\n    .accesskey = G\nmany =\n{ $n ->\n *[other] viele\n}\nbye =\n    Tschüss\n\n    du\n",
			[]string{"-brand", "button"},
			[]string{"old"},
		},
		"json": {
			"json", `{"a":"A","b":{"c":"C","d":"<D>"},"e":[1,"x"],"n":1.50}`,
			`{"b":{"d":"Ü","x":""},"a":"Ä","e":["y"]}`,
			"{\n  \"a\": \"Ä\",\n  \"b\": {\n    \"c\": \"C\",\n    \"d\": \"Ü\"\n  },\n  \"e\": [\"y\"],\n  \"n\": 1.50\n}\n",
			[]string{"b.c", "n"},
			[]string{"b.x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, missing, obsolete, err := mergeStrings(c.format, "en-US/f", []byte(c.base), "de/f", []byte(c.loc))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if !slices.Equal(missing, c.missing) || !slices.Equal(obsolete, c.obsolete) {
				t.Errorf("missing %q, obsolete %q, want %q, %q", missing, obsolete, c.missing, c.obsolete)
			}
		})
	}
}

func TestHostileStrings(t *testing.T) {
	for name, c := range map[string]struct{ format, text, want string }{
		"not UTF-8":       {"properties", "a=\xff", "f:1: byte 0xff"},
		"NUL":             {"properties", "a=1\nb=\x00", "f:2: byte 0x00"},
		"twice":           {"properties", "a=1\n\na=2", `f:3: "a" is already on line 1`},
		"no key":          {"properties", "a=1\n=2", "f:2: a value without a key"},
		"large":           {"ini", strings.Repeat(";", maxStrings+1), "limit"},
		"many":            {"ini", "[a]\n" + manyLines(maxEntities+1), "f:100002: more strings than the limit 100000"},
		"many properties": {"properties", manyLines(maxEntities + 1), "f:100001: more strings"},
		"many messages":   {"ftl", strings.ReplaceAll(manyLines(maxEntities+1), "=", "=x"), "f:100001: more strings"},
		"many entities":   {"dtd", manyEntities(3 * maxEntities), "f:100001: more strings"},
		"many attributes": {"ftl", "a = b\n" + strings.Repeat(" .c = d\n", maxAttributes+1), "f:1002: message \"a\" has more than 1000 attributes"},
		"no section":      {"ini", "a=1", "f:1: \"a\" stands before the first [section]"},
		"torn section":    {"ini", "\n[a\n", "f:2: \"[a\": want [section]"},
		"section twice":   {"ini", "[a]\n[a]", "f:2: section [a] is already on line 1"},
		"no value":        {"ini", "[a]\nb", "want key=value"},
		"comment":         {"dtd", "\n<!-- x", "f:2: comment without -->"},
		"open entity":     {"dtd", "<!ENTITY a \"b", "no closing \""},
		"unclosed entity": {"dtd", "<!ENTITY a \"b\" c>", "no closing >"},
		"nameless entity": {"dtd", "<!ENTITY>", "entity without"},
		"junk":            {"dtd", "<!ELEMENT a>", `want <!ENTITY`},
		"percent":         {"dtd", "% ;", "want %name;"},
		"braces":          {"ftl", "a = { $x\nb = y\n", "f:1: braces of message \"a\""},
		"closing":         {"ftl", "a = }\n", "f:1: a closing brace"},
		"empty message":   {"ftl", "a =\nb = x\n", "f:1: message \"a\" has neither"},
		"no message":      {"ftl", "\n  x\n", "f:2:"},
		"no object":       {"json", "[1]", "f:1: want an object"},
		"torn object":     {"json", `{"a":`, "f:1: unexpected EOF"},
		"two objects":     {"json", "{}\n{}", "f:2: text behind"},
		"key twice":       {"json", "{\"a\":1,\n\"a\":2}", "f:2: key \"a\" is there twice"},
		"deep":            {"json", strings.Repeat(`{"a":`, 100_000), "deeper than 32"},
		"deep array":      {"json", `{"a":` + strings.Repeat(`[`, 100_000), "deeper than 32"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := mergeStrings(c.format, "f", []byte(c.text), "de/f", nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.200v, want an error with %q", err, c.want)
			}
		})
	}
	if _, _, _, err := mergeStrings("json", "f", []byte(`{"a":{}}`), "g", []byte(`{"a":1}`)); err == nil || !strings.Contains(err.Error(), `g: "a" is an object`) {
		t.Errorf("object against string: %v", err)
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d=\n", i)
	}
	return b.String()
}

func manyEntities(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<!ENTITY a%d ''>\n", i)
	}
	return b.String()
}

// Counting the lines before each entity from the start took a minute here.
func TestLinesAreCountedOnce(t *testing.T) {
	blank := strings.Repeat("\n", 5<<20)
	list, err := parseDTD(blank + manyEntities(maxEntities))
	if err != nil || len(list) != maxEntities {
		t.Fatalf("%d entities, %v", len(list), err)
	}
	if got, want := list[maxEntities-1].line, len(blank)+maxEntities; got != want {
		t.Errorf("the last is on line %d, want %d", got, want)
	}
}

// The merge of a file with itself is the file; nothing is missing.
func FuzzMerge(f *testing.F) {
	for _, s := range []string{
		"a=1\nb: 2 \\\n c\n", "[s]\na=1\n", "<!ENTITY a 'x'>\n", "a = { $x ->\n *[b] c\n }\n  .d = e\n", `{"a":{"b":[1,2]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for format := range parsers {
			got, missing, obsolete, err := mergeStrings(format, "f", []byte(text), "f", []byte(text))
			if err != nil {
				continue
			}
			clean, _ := cleanText("f", []byte(text))
			if string(got) != clean || missing != nil || obsolete != nil {
				t.Errorf("%s: %q became %q, missing %q, obsolete %q", format, text, got, missing, obsolete)
			}
		}
		got, _, _, err := mergeStrings(formatJSON, "f", []byte(text), "f", []byte(text))
		if err != nil {
			return
		}
		again, missing, _, err := mergeStrings(formatJSON, "f", got, "f", got)
		if err != nil || string(again) != string(got) || missing != nil {
			t.Errorf("json: %q became %q and then %q, %v", text, got, again, err)
		}
	})
}
