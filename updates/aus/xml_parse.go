package aus

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// ParseXML reads an answer. It returns nil for the empty one. An update.xml has
// one reading here: no DOCTYPE, entity of its own, comment, namespace, text,
// unknown or repeated attribute, and nothing behind the root.
func ParseXML(b []byte) (*Update, error) {
	if len(b) > MaxXML {
		return nil, fmt.Errorf("update.xml has %d bytes, at most %d allowed", len(b), MaxXML)
	}
	p := &xmlParser{d: xml.NewDecoder(bytes.NewReader(b))}
	u, err := p.document()
	if err != nil {
		return nil, fmt.Errorf("update.xml, offset %d: %w", p.d.InputOffset(), err)
	}
	return u, nil
}

type xmlParser struct {
	d     *xml.Decoder
	begun bool // a token was read
}

func (p *xmlParser) document() (*Update, error) {
	root, err := p.start("updates")
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, errors.New("no element <updates>")
	}
	if len(root.Attr) > 0 {
		return nil, fmt.Errorf("<updates> has the attribute %.40q", root.Attr[0].Name.Local)
	}
	var u *Update
	for {
		e, err := p.start("update")
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		if u != nil {
			return nil, errors.New("a second <update>: a client would choose among them")
		}
		if u, err = p.update(e); err != nil {
			return nil, err
		}
	}
	// Decoding ends with the root; a document ends with the file.
	if e, err := p.start(""); err != nil || e != nil {
		return nil, cmp.Or(err, errors.New("text behind </updates>"))
	}
	return u, nil
}

// start returns the next element, which must have this name, or nil at the end
// of its parent or of the file. Only white space may stand between.
func (p *xmlParser) start(name string) (*xml.StartElement, error) {
	for {
		t, err := p.d.Token()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		first := !p.begun
		p.begun = true
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Space != "" {
				return nil, fmt.Errorf("element <%.40s> is of the namespace %.40q", t.Name.Local, t.Name.Space)
			}
			if t.Name.Local != name {
				return nil, fmt.Errorf("element <%.40s>, want <%s>", t.Name.Local, name)
			}
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if s := bytes.Trim(t, " \t\r\n"); len(s) > 0 {
				return nil, fmt.Errorf("text %.40q between elements", s)
			}
		case xml.ProcInst:
			if !first || t.Target != "xml" {
				return nil, fmt.Errorf("processing instruction <?%.40s", t.Target)
			}
		case xml.Directive:
			return nil, fmt.Errorf("directive <!%.40s", t)
		case xml.Comment:
			return nil, errors.New("a comment")
		}
	}
}

func (p *xmlParser) update(e *xml.StartElement) (*Update, error) {
	own := []string{"type", "appVersion", "displayVersion", "platformVersion", "buildID", "detailsURL"}
	has, err := attributes(e, append(own, optionalKeys...))
	if err != nil {
		return nil, err
	}
	u := &Update{
		Type: has["type"], AppVersion: has["appVersion"], DisplayVersion: has["displayVersion"],
		PlatformVersion: has["platformVersion"], BuildID: has["buildID"], DetailsURL: has["detailsURL"],
	}
	for _, key := range own {
		delete(has, key)
	}
	if len(has) > 0 {
		u.Optional = has
	}
	for {
		e, err := p.start("patch")
		if err != nil {
			return nil, err
		}
		if e == nil {
			return u, u.check()
		}
		patch, err := p.patch(e)
		if err != nil {
			return nil, err
		}
		u.Patches = append(u.Patches, patch)
		if len(u.Patches) > 2 {
			return nil, errors.New("more than two patches")
		}
	}
}

func (p *xmlParser) patch(e *xml.StartElement) (Patch, error) {
	has, err := attributes(e, []string{"type", "URL", "hashFunction", "hashValue", "size"})
	if err != nil {
		return Patch{}, err
	}
	patch := Patch{Type: has["type"], URL: has["URL"], HashFunction: has["hashFunction"], HashValue: has["hashValue"]}
	patch.Size, err = strconv.ParseInt(has["size"], 10, 64)
	if err != nil || strconv.FormatInt(patch.Size, 10) != has["size"] {
		return Patch{}, fmt.Errorf("patch size %.40q: want a decimal number", has["size"])
	}
	if inside, err := p.start(""); err != nil || inside != nil {
		return Patch{}, cmp.Or(err, errors.New("<patch> has contents"))
	}
	return patch, nil
}

// attributes returns the attributes of e, of which there may be only known
// ones, each once.
func attributes(e *xml.StartElement, known []string) (map[string]string, error) {
	has := map[string]string{}
	for _, a := range e.Attr {
		key := a.Name.Local
		if a.Name.Space != "" || key == "xmlns" {
			return nil, fmt.Errorf("<%s> has the namespace attribute %.40q", e.Name.Local, key)
		}
		if _, twice := has[key]; twice {
			return nil, fmt.Errorf("<%s> has the attribute %.40q twice", e.Name.Local, key)
		}
		if err := checkText(a.Value); err != nil {
			return nil, fmt.Errorf("<%s> %.40s %w", e.Name.Local, key, err)
		}
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("<%s> has the unknown attribute %.40q", e.Name.Local, key)
		}
		has[key] = a.Value
	}
	return has, nil
}
