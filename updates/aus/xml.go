package aus

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// MaxXML bounds an answer; real ones have two kilobytes.
const MaxXML = 1 << 20

// XML returns the answer as Balrog writes it: attributes of the update in
// order of name, complete patch first. A nil update is the empty answer.
func (u *Update) XML() ([]byte, error) {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n<updates>\n")
	if u != nil {
		if err := u.check(); err != nil {
			return nil, err
		}
		attrs := maps.Clone(u.Optional)
		if attrs == nil {
			attrs = map[string]string{}
		}
		attrs["type"], attrs["appVersion"], attrs["buildID"] = u.Type, u.AppVersion, u.BuildID
		for key, v := range map[string]string{
			"displayVersion": u.DisplayVersion, "platformVersion": u.PlatformVersion, "detailsURL": u.DetailsURL,
		} {
			if v != "" {
				attrs[key] = v
			}
		}
		b.WriteString("    <update")
		for _, key := range slices.Sorted(maps.Keys(attrs)) {
			if err := writeAttr(&b, key, attrs[key]); err != nil {
				return nil, err
			}
		}
		b.WriteString(">\n")
		for _, kind := range []string{complete, partial} {
			p, ok := u.Patch(kind)
			if !ok {
				continue
			}
			b.WriteString("        <patch")
			for _, a := range [][2]string{
				{"type", p.Type},
				{"URL", p.URL},
				{"hashFunction", p.HashFunction},
				{"hashValue", p.HashValue},
				{"size", strconv.FormatInt(p.Size, 10)},
			} {
				if err := writeAttr(&b, a[0], a[1]); err != nil {
					return nil, err
				}
			}
			b.WriteString("/>\n")
		}
		b.WriteString("    </update>\n")
	}
	b.WriteString("</updates>\n")
	return []byte(b.String()), nil
}

func writeAttr(b *strings.Builder, key, value string) error {
	if err := checkText(value); err != nil {
		return fmt.Errorf("%s %w", key, err)
	}
	fmt.Fprintf(b, ` %s="`, key)
	if err := xml.EscapeText(b, []byte(value)); err != nil {
		return err
	}
	b.WriteByte('"')
	return nil
}

// checkText refuses what XML cannot carry and what two parsers would read
// differently: a newline in an attribute is a space to one and itself to
// another.
func checkText(s string) error {
	for _, r := range s {
		if r < ' ' || r >= 0x7f && r <= 0x9f || r == 0xfffd || r == 0xfffe || r == 0xffff {
			return fmt.Errorf("%.200q: has the character %U in it", s, r)
		}
	}
	return nil
}
