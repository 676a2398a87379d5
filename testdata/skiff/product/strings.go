package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// text holds the strings of the one locale that this package was built for.
type text struct {
	locale string
	byKey  map[string]string
}

func (t text) get(key string) string {
	if s, ok := t.byKey[key]; ok {
		return s
	}
	return key
}

func loadStrings(dir string) (text, error) {
	found, err := filepath.Glob(filepath.Join(dir, "locale", "*", "skiff.properties"))
	if err != nil || len(found) != 1 {
		return text{}, fmt.Errorf("want one locale in %s, found %d", dir, len(found))
	}
	f, err := os.Open(found[0])
	if err != nil {
		return text{}, err
	}
	defer f.Close()
	t := text{locale: filepath.Base(filepath.Dir(found[0])), byKey: map[string]string{}}
	for in := bufio.NewScanner(f); in.Scan(); {
		if key, value, ok := strings.Cut(in.Text(), "="); ok && !strings.HasPrefix(key, "#") {
			t.byKey[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return t, nil
}
