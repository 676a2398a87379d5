package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"slipway/release/text"
	"slipway/updates/mar"
)

func (a *app) compatMar(args []string) error {
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
		fmt.Fprintln(a.stdout, compatMarHelp)
		return nil
	}
	if len(args) == 1 && args[0] == "--version" {
		fmt.Fprintf(a.stdout, "slipway %s, in the place of Mozilla's mar\n", ownVersion())
		return nil
	}
	if err := noneEmpty(args); err != nil {
		return usage(err, "slipway compat mar --help")
	}
	c, err := parseCompat(args)
	switch {
	case errors.Is(err, errNoNSS):
		return usage(err, insteadOfNSS)
	case err != nil:
		return usage(err, "slipway compat mar --help")
	}
	switch c.act {
	case 'c':
		return c.create()
	case 'i':
		return c.refresh()
	}
	operands := map[byte]int{'x': 1, 't': 1, 'T': 1, 'v': 1, 'r': 2, 'X': 2, 'I': 3}
	n, ok := operands[c.act]
	if !ok {
		return usage(errNoNSS, insteadOfNSS)
	}
	paths, err := c.operands(n)
	if err != nil {
		return err
	}
	if c.act == 'v' && len(c.certs) == 0 {
		return usage(errors.New("-v: no certificate to verify with (pass -D CERT)"), "mar -D CERT -v MAR, or slipway mar verify MAR --cert CERT")
	}
	switch c.act {
	case 'r':
		return remake(paths[0], paths[1], nil, mar.Strip)
	case 'X':
		return c.exportSignature(paths[0], paths[1])
	case 'I':
		return c.importSignature(paths[0], paths[1], paths[2])
	}
	return parsedMAR(paths[0], func(archive *mar.Archive) error {
		switch c.act {
		case 'x':
			return c.extract(archive)
		case 'v':
			return c.verify(archive)
		}
		a.compatList(archive, c.act == 'T')
		return nil
	})
}

func (c compatArgs) product() error {
	if c.version == "" {
		return usage(errors.New("version not specified (pass -V VERSION)"), "")
	}
	if c.channel == "" {
		return usage(errors.New("MAR channel id not specified (pass -H ID)"), "")
	}
	return nil
}

// create packs the files as they are; the scripts have compressed them.
func (c compatArgs) create() error {
	if err := c.product(); err != nil {
		return err
	}
	if len(c.rest) < 2 {
		return usage(errors.New("-c: want MAR and at least one file"), "slipway compat mar --help")
	}
	out := c.at(c.rest[0])
	contents := mar.Contents{Channel: c.channel, Version: c.version}
	var reads []string
	for _, name := range c.rest[1:] {
		info, err := os.Stat(c.at(name))
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is no plain file; a MAR holds nothing else", c.at(name))
		}
		if err != nil {
			return usage(err, "")
		}
		reads = append(reads, c.at(name))
		contents.Entries = append(contents.Entries, mar.Content{
			Name: filepath.ToSlash(name), Mode: statMode(runtime.GOOS, name, info.Mode()), Size: info.Size(),
			Open: func() (io.ReadCloser, error) { return os.Open(c.at(name)) },
		})
	}
	return writeOut(out, reads, func(w io.Writer) error { return mar.Write(w, contents) })
}

// statMode is what stat says of a file: on Windows the C library, and Mozilla's
// mar with it, takes an extension for leave to execute.
func statMode(system, name string, mode fs.FileMode) uint32 {
	perm := uint32(mode.Perm())
	if system == "windows" {
		switch strings.ToLower(path.Ext(name)) {
		case ".exe", ".com", ".bat", ".cmd":
			perm |= 0o111
		}
	}
	return perm
}

func (c compatArgs) refresh() error {
	paths, err := c.operands(1)
	if err != nil {
		return err
	}
	if err := c.product(); err != nil {
		return err
	}
	return remake(paths[0], paths[0], nil, func(w io.Writer, archive *mar.Archive) error {
		if len(archive.Signatures) > 0 {
			return errors.New("is signed; strip it first")
		}
		contents := archive.Contents()
		contents.Channel, contents.Version = c.channel, c.version
		return mar.Write(w, contents)
	})
}

func (c compatArgs) verify(archive *mar.Archive) error {
	var paths []string
	for _, p := range c.certs {
		paths = append(paths, c.at(p))
	}
	keys, err := readPublicKeys(paths)
	if err != nil {
		return unread(err)
	}
	if err := mar.Verify(archive, keys, mar.VerifyOptions{}); err != nil {
		return fail(exitCheckFailed, err, "")
	}
	return nil
}

func (c compatArgs) signature(archive *mar.Archive) (mar.Signature, error) {
	if len(archive.Signatures) == 0 {
		return mar.Signature{}, errors.New("is not signed")
	}
	if c.index < 0 {
		return mar.Signature{}, usage(fmt.Errorf("-%c: the index of the signature was not passed (-n0 is the first of %d)", c.act, len(archive.Signatures)), "slipway compat mar --help")
	}
	if c.index >= len(archive.Signatures) {
		return mar.Signature{}, usage(fmt.Errorf("signature -n%d of %d", c.index, len(archive.Signatures)), "slipway compat mar --help")
	}
	return archive.Signatures[c.index], nil
}

func (c compatArgs) exportSignature(in, out string) error {
	return parsedMAR(in, func(archive *mar.Archive) error {
		s, err := c.signature(archive)
		if err != nil {
			return err
		}
		return writeOut(out, []string{in}, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, base64.StdEncoding.EncodeToString(s.Bytes))
			return err
		})
	})
}

func (c compatArgs) importSignature(in, from, out string) error {
	text, err := readIn(from)
	if err != nil {
		return err
	}
	fresh, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return remake(in, out, []string{from}, func(w io.Writer, archive *mar.Archive) error {
		s, err := c.signature(archive)
		if err != nil {
			return err
		}
		if len(fresh) != len(s.Bytes) {
			return fmt.Errorf("%s: signature of %d bytes, the archive has room for %d", from, len(fresh), len(s.Bytes))
		}
		var all [][]byte
		for i, s := range archive.Signatures {
			if i == c.index {
				s.Bytes = fresh
			}
			all = append(all, s.Bytes)
		}
		return mar.Attach(w, archive, all...)
	})
}

// compatList prints what the scripts parse, in their columns.
func (a *app) compatList(archive *mar.Archive, detailed bool) {
	if detailed {
		plural := "s"
		if len(archive.Signatures) == 1 {
			plural = ""
		}
		fmt.Fprintf(a.stdout, "Signature block found with %d signature%s\n", len(archive.Signatures), plural)
		fmt.Fprintf(a.stdout, "1 additional block found:\n  - Product Information Block:\n")
		fmt.Fprintf(a.stdout, "    - MAR channel name: %s\n    - Product version: %s\n\n", text.Sanitize(archive.Channel), text.Sanitize(archive.Version))
	}
	fmt.Fprintf(a.stdout, "SIZE\tMODE\tNAME\n")
	for _, e := range archive.Entries {
		fmt.Fprintf(a.stdout, "%d\t0%o\t%s\n", e.Size, e.Mode, text.Sanitize(e.Name))
	}
}
