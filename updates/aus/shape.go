package aus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// shape says which keys a JSON value may have. encoding/json alone would take
// "Name" for "name" and the last of two equal keys.
type shape struct {
	keys map[string]*shape // of an object with known keys
	any  *shape            // of an object with free keys
	elem *shape            // of an array
}

func blobShape() *shape {
	leaf := &shape{}
	list := &shape{elem: leaf}
	leaves := func(names ...string) map[string]*shape {
		m := map[string]*shape{}
		for _, n := range names {
			m[n] = leaf
		}
		return m
	}
	patches := &shape{elem: &shape{keys: leaves("from", "filesize", "hashValue", "fileUrl", "binTransInclusionProof")}}
	locale := &shape{keys: leaves("buildID", "appVersion", "displayVersion")}
	locale.keys["partials"], locale.keys["completes"] = patches, patches
	platform := &shape{keys: leaves("alias", "buildID", "OS_BOUNCER", "OS_FTP")}
	platform.keys["locales"] = &shape{any: locale}
	urls := &shape{any: leaf}
	top := &shape{keys: leaves("name", "product", "schema_version", "hashFunction", "appVersion", "displayVersion",
		"binTransMerkleRoot", "binTransCertificate", "binTransSCTList")}
	top.keys["updateLine"] = &shape{elem: &shape{keys: map[string]*shape{
		"for": {keys: map[string]*shape{"locales": list, "channels": list, "versions": list, "buildIDs": list}},
		"fields": {keys: leaves("type", "detailsURL", "actions", "openURL", "notificationURL", "alertURL",
			"showPrompt", "showNeverForVersion", "promptWaitTime", "disableBITS", "disableBackgroundUpdates")},
	}}}
	top.keys["fileUrls"] = &shape{any: &shape{keys: map[string]*shape{"completes": urls, "partials": urls}}}
	top.keys["platforms"] = &shape{any: platform}
	return top
}

// checkKeys refuses unknown and repeated keys, null, and anything behind the
// value.
func checkKeys(data []byte, s *shape) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := s.value(d); err != nil {
		return fmt.Errorf("offset %d: %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("offset %d: text behind the end", d.InputOffset())
	}
	return nil
}

func (s *shape) value(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch {
	case t == json.Delim('{') && (s.keys != nil || s.any != nil):
		return s.object(d)
	case t == json.Delim('[') && s.elem != nil:
		for d.More() {
			if err := s.elem.value(d); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	case s.keys != nil || s.any != nil:
		return fmt.Errorf("got %v, want an object", t)
	case s.elem != nil:
		return fmt.Errorf("got %v, want an array", t)
	case t == nil:
		return errors.New("null")
	}
	if _, ok := t.(json.Delim); ok {
		return fmt.Errorf("got %v, want a single value", t)
	}
	return nil
}

func (s *shape) object(d *json.Decoder) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key := t.(string)
		if seen[key] {
			return fmt.Errorf("key %.80q twice", key)
		}
		seen[key] = true
		below := s.any
		if s.keys != nil {
			below = s.keys[key]
		}
		if below == nil {
			return fmt.Errorf("key %.80q is not one of the schema's", key)
		}
		if err := below.value(d); err != nil {
			return fmt.Errorf("%.80q: %w", key, err)
		}
	}
	_, err := d.Token()
	return err
}
