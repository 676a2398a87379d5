package repack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth of nested objects: strings are not nested further by anybody.
const maxDepth = 32

// object is a JSON value that remembers the order of its keys.
type object struct {
	keys   []string
	fields map[string]*object
	leaf   json.RawMessage // for all but objects
}

// parseJSON reads one JSON object; a key that is there twice is an error, for
// programs differ in which they take.
func parseJSON(name string, b []byte) (*object, error) {
	text, err := cleanText(name, b)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	o, err := readJSON(dec, 0)
	if err == nil {
		if o.fields == nil {
			err = errors.New("want an object of strings")
		} else if _, more := dec.Token(); more != io.EOF {
			err = errors.New("text behind the object")
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, lineOf(text, min(int(dec.InputOffset()), len(text))), err)
	}
	return o, nil
}

func readJSON(dec *json.Decoder, depth int) (*object, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(dec, depth)
		}
		return readArray(dec, depth)
	default:
		leaf, err := encodeJSON(t)
		return &object{leaf: leaf}, err
	}
}

func readObject(dec *json.Decoder, depth int) (*object, error) {
	o := &object{fields: map[string]*object{}}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := t.(string) // the decoder accepts nothing else here
		if _, dup := o.fields[key]; dup {
			return nil, fmt.Errorf("key %q is there twice", cutShort(key))
		}
		if o.fields[key], err = readJSON(dec, depth+1); err != nil {
			return nil, err
		}
		o.keys = append(o.keys, key)
	}
	_, err := dec.Token()
	return o, err
}

// readArray keeps arrays whole: a list is translated as one thing.
func readArray(dec *json.Decoder, depth int) (*object, error) {
	var b bytes.Buffer
	b.WriteByte('[')
	for n := 0; dec.More(); n++ {
		o, err := readJSON(dec, depth+1)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			b.WriteByte(',')
		}
		o.write(&b, "")
	}
	b.WriteByte(']')
	_, err := dec.Token()
	return &object{leaf: b.Bytes()}, err
}

// mergeJSON gives the object that has en-US's keys and the locale's strings.
func mergeJSON(base, loc *object, at string) (out *object, missing, obsolete []string, err error) {
	out = &object{fields: map[string]*object{}, keys: base.keys}
	for _, k := range base.keys {
		b, l := base.fields[k], loc.fields[k]
		switch {
		case l == nil:
			out.fields[k] = b
			missing = append(missing, at+k)
		case (b.fields == nil) != (l.fields == nil):
			return nil, nil, nil, fmt.Errorf("%q is an object in one of en-US and the locale, not in the other", at+k)
		case b.fields == nil:
			out.fields[k] = l
		default:
			o, m, x, err := mergeJSON(b, l, at+k+".")
			if err != nil {
				return nil, nil, nil, err
			}
			out.fields[k] = o
			missing, obsolete = append(missing, m...), append(obsolete, x...)
		}
	}
	for _, k := range loc.keys {
		if base.fields[k] == nil {
			obsolete = append(obsolete, at+k)
		}
	}
	return out, missing, obsolete, nil
}

func (o *object) write(b *bytes.Buffer, indent string) {
	if o.fields == nil {
		b.Write(o.leaf)
		return
	}
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := encodeJSON(k)
		if err != nil {
			panic(err) // a string always encodes
		}
		b.WriteString("\n" + indent + "  ")
		b.Write(key)
		b.WriteString(": ")
		o.fields[k].write(b, indent+"  ")
	}
	if len(o.keys) > 0 {
		b.WriteString("\n" + indent)
	}
	b.WriteByte('}')
}

// encodeJSON is json.Marshal without its escapes for web pages.
func encodeJSON(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
