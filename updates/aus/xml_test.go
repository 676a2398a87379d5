package aus

import (
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

func sampleUpdate() *Update {
	hash := strings.Repeat("0123456789abcdef", 8)
	return &Update{
		Type: major, AppVersion: "12.0.1", DisplayVersion: `12.0.1 "Lynx" <&> 'ä'`, PlatformVersion: "12.0.1",
		BuildID: "20260301101500", DetailsURL: "https://notes.example/?a=1&b=2",
		Optional: map[string]string{"actions": "showURL silent", "promptWaitTime": "43200"},
		Patches: []Patch{
			{complete, "https://dl.example/?product=lynx-12.0.1-complete&os=linux64", "sha512", hash, 51200344},
			{partial, "https://dl.example/?product=lynx-12.0.1-partial-12.0&os=linux64", "sha512", hash, 4120033},
		},
	}
}

func TestXMLRoundTrip(t *testing.T) {
	for _, u := range []*Update{sampleUpdate(), nil} {
		b, err := u.XML()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseXML(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, u) {
			t.Errorf("got %+v, want %+v", got, u)
		}
	}
}

// Expat, which shares nothing with Go's parser, reads the same values.
func TestExpatReadsTheSame(t *testing.T) {
	python := peer.Path(t, "python3")
	u := sampleUpdate()
	b, err := u.XML()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", `
import sys, xml.parsers.expat
p = xml.parsers.expat.ParserCreate()
p.StartElementHandler = lambda name, attrs: print(name, sorted(attrs.items()))
p.ParseFile(sys.stdin.buffer)`)
	cmd.Stdin = strings.NewReader(string(b))
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		"updates []", fmt.Sprintf("('displayVersion', '%s')", strings.ReplaceAll(u.DisplayVersion, "'", `\'`)),
		"('detailsURL', 'https://notes.example/?a=1&b=2')", "('actions', 'showURL silent')",
		"('URL', '" + u.Patches[1].URL + "')", "('size', '4120033')",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("expat does not read %s:\n%s", want, out)
		}
	}
}

// XML-1
func TestHostileXML(t *testing.T) {
	good, err := sampleUpdate().XML()
	if err != nil {
		t.Fatal(err)
	}
	edit := func(old, new string) string {
		s := strings.Replace(string(good), old, new, 1)
		if s == string(good) {
			t.Fatalf("the sample has no %q", old)
		}
		return s
	}
	for _, c := range []struct{ name, xml, want string }{
		{"empty file", "", "no element <updates>"},
		{"only a declaration", `<?xml version="1.0"?>`, "no element <updates>"},
		{"other root", "<update/>", "element <update>, want <updates>"},
		{"second root", string(good) + "<updates/>", "element <updates>, want <>"},
		{"text behind", string(good) + "x", "between elements"},
		{"cut off", string(good[:len(good)-5]), "unexpected EOF"},
		{"DOCTYPE", edit("<updates>", `<!DOCTYPE updates [<!ENTITY a "b">]><updates>`), "directive <!DOCTYPE"},
		{"external entity", edit("<updates>", `<!DOCTYPE u SYSTEM "file:///etc/passwd"><updates>`), "directive"},
		{"entity", edit(`"showURL silent"`, `"&xxe;"`), "invalid character entity"},
		{"billion laughs", `<!DOCTYPE l [<!ENTITY a "&b;&b;">]><updates>&a;</updates>`, "directive"},
		{"processing instruction", edit("<updates>", "<updates><?php x?>"), "processing instruction <?php"},
		{"late declaration", string(good) + `<?xml version="1.0"?>`, "processing instruction <?xml"},
		{"comment", edit("<updates>", "<updates><!-- x -->"), "a comment"},
		{"CDATA", edit("<updates>", "<updates><![CDATA[x]]>"), "text \"x\" between elements"},
		{"text", edit("<updates>", "<updates>x"), "text \"x\" between elements"},
		{"end of CDATA", edit("<updates>", "<updates>]]>"), "unescaped ]]>"},
		{"encoding", edit(`version="1.0"`, `version="1.0" encoding="ISO-8859-1"`), "encoding \"ISO-8859-1\""},
		{"XML 1.1", edit(`version="1.0"`, `version="1.1"`), "unsupported version"},
		{"not UTF-8", edit("showURL silent", "show\xff"), "invalid UTF-8"},
		{"byte order mark", "\ufeff" + string(good), "between elements"},
		{"NUL", edit("showURL silent", "show\x00"), "illegal character code"},
		{"control character", edit("showURL silent", "show&#1;"), "illegal character code"},
		{"newline in attribute", edit("showURL silent", "show\nURL"), "has the character U+000A"},
		{"escaped newline", edit("showURL silent", "show&#10;URL"), "has the character U+000A"},
		{"attribute twice", edit(`type="major"`, `type="major" type="minor"`), `attribute "type" twice`},
		{"attribute unknown", edit(`type="major"`, `type="major" onload="x"`), `unknown attribute "onload"`},
		{"attribute of the root", edit("<updates>", `<updates x="y">`), "<updates> has the attribute"},
		{"default namespace", edit(`type="major"`, `type="major" xmlns="x"`), "namespace"},
		{"namespace", edit(`type="major"`, `type="major" xmlns:a="x" a:type="minor"`), "namespace attribute"},
		{"element of a namespace", edit("<updates>", `<a:updates xmlns:a="u">`), "of the namespace"},
		{"second update", edit("    </update>\n", `    </update><update type="minor"></update>`), "a second <update>"},
		{"element inside patch", edit(`size="4120033"/>`, `size="4120033"><x/></patch>`), "element <x>"},
		{"text inside patch", edit(`size="4120033"/>`, `size="4120033">x</patch>`), "between elements"},
		{"three patches", edit("    </update>", `<patch type="complete" URL="https://x.example/" hashFunction="sha512" hashValue="" size="1"/></update>`), "more than two patches"},
		{"two completes", edit(`type="partial"`, `type="complete"`), "two complete patches"},
		{"no complete", edit(`type="complete"`, `type="partial"`), "two partial patches"},
		{"other type", edit(`type="major"`, `type="huge"`), "want minor or major"},
		{"size zero", edit(`size="4120033"`, `size="0"`), "patch size 0"},
		{"size negative", edit(`size="4120033"`, `size="-1"`), "patch size -1"},
		{"size with zeros", edit(`size="4120033"`, `size="04120033"`), "want a decimal number"},
		{"size 2^64", edit(`size="4120033"`, `size="18446744073709551616"`), "want a decimal number"},
		{"size 10 GiB", edit(`size="4120033"`, `size="10737418240"`), "patch size 10737418240"},
		{"short hash", edit("0123456789abcdef", ""), "want 128 hex digits"},
		{"hash of another function", edit(`hashFunction="sha512"`, `hashFunction="sha256"`), "want 64 hex digits for sha256"},
		{"weak hash", edit(`hashFunction="sha512"`, `hashFunction="md5"`), "want sha256, sha384 or sha512"},
		{"deep", strings.Repeat("<updates>", 1_000_000/10), "element <updates>, want <update>"},
		{"large", strings.Repeat(" ", MaxXML+1), "at most 1048576 allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ParseXML([]byte(c.xml)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

// XML-2
func TestURLs(t *testing.T) {
	policy := URLPolicy{Hosts: []string{"dl.example"}}
	for _, c := range []struct{ url, want string }{
		{"https://dl.example/a.mar", ""},
		{"https://dl.example:8443/?product=a&os=b", ""},
		{"http://dl.example/a.mar", `scheme "http", want https`},
		{"javascript:alert(1)", "want https"},
		{"data:text/plain,x", "want https"},
		{"file:///etc/passwd", "want https"},
		{"//dl.example/a", "want https"},
		{"a.mar", "want https"},
		{"", "want https"},
		{"https:///a.mar", "names no host"},
		{"https:dl.example/a", "names no host"},
		{"https://evil.example/a.mar", "is none of"},
		{"https://dl.example.evil.example/", "is none of"},
		{"https://dl.example@evil.example/", "has a user"},
		{"https://dl.example/#x", "a fragment"},
		{"https://dl.example/#", "a fragment"},
		{"https://dl.example/a\r\nb", "byte 0x0d"},
		{"https://dl.example/a b", "byte 0x20"},
		{`https://dl.example/"><x`, "byte 0x22"},
		{"https://dl.example/ä", "byte 0xc3"},
		{"https://dl.example/%LOCALE%/{file}", "byte 0x7b"},
		{"https://dl.example/%zz", "invalid URL escape"},
	} {
		err := policy.CheckURL(c.url)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: got error %v, want %q", c.url, err, c.want)
		}
	}
}

func FuzzParseXML(f *testing.F) {
	good, err := sampleUpdate().XML()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("<updates></updates>"))
	f.Add([]byte(`<?xml version="1.0"?><updates><update type="minor" appVersion="1" buildID="1"><patch/></update></updates>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := ParseXML(b)
		if err != nil {
			return
		}
		again, err := u.XML()
		if err != nil {
			t.Fatalf("read as %+v, which cannot be written: %v", u, err)
		}
		v, err := ParseXML(again)
		if err != nil {
			t.Fatal(err)
		}
		if u != nil && len(u.Patches) == 2 && u.Patches[0].Type == partial {
			u.Patches[0], u.Patches[1] = u.Patches[1], u.Patches[0] // we write the complete first
		}
		if !reflect.DeepEqual(u, v) {
			t.Fatalf("%+v becomes %+v", u, v)
		}
	})
}
