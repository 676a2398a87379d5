package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// compatNames are the programs of Mozilla's packaging scripts that slipway can
// stand in for: called by one of these names, or as "slipway compat NAME".
var compatNames = []string{"mar", "mbsdiff"}

// asCompat turns a call by a drop-in name into a call of the compat verb.
func asCompat(argv []string) []string {
	// On Windows it may be mar.exe, or MAR.EXE.
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(argv[0])), ".exe")
	if slices.Contains(compatNames, name) {
		return append([]string{"slipway", "compat", name}, argv[1:]...)
	}
	return argv
}

func (a *app) compatCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compat",
		Short: "stand in for Mozilla's mar and mbsdiff",
		Long: `Takes the options that Mozilla's packaging scripts pass to those programs. A link
to slipway with the name mar or mbsdiff does the same:

  ln -s $(command -v slipway) tools/mar
  MAR=tools/mar MBSDIFF=tools/mbsdiff make_incremental_update.sh …`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "mar [OPTION…] -c|-x|-t|-T|-i|-v|-r|-X|-I MAR [FILE…]",
			Short: "Mozilla's mar: create, extract, list, refresh, verify, strip; signatures out and in",
			Long:  compatMarHelp, DisableFlagParsing: true,
			RunE: func(_ *cobra.Command, args []string) error { return marError(a.compatMar(args)) },
		},
		&cobra.Command{
			Use:                "mbsdiff OLD NEW PATCH",
			Short:              "Mozilla's mbsdiff: an MBDIFF10 patch",
			DisableFlagParsing: true,
			RunE: func(_ *cobra.Command, args []string) error {
				if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
					fmt.Fprintln(a.stdout, "usage: mbsdiff OLD NEW PATCH\n\nWrites the MBDIFF10 patch from OLD to NEW.")
					return nil
				}
				if len(args) != 3 {
					return usage(errors.New("want OLD NEW PATCH"), "slipway compat mbsdiff old new patch")
				}
				return patchFile(args, "mbdiff", 0)
			},
		},
	)
	return cmd
}

// readIn reads a file of a compat call.
func readIn(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	return b, unread(err)
}

var errNoNSS = errors.New("a certificate database of NSS (-d, -n) is not read, and -s, which signs from one, is not offered")

// insteadOfNSS are the commands for those whose scripts have such a database.
const insteadOfNSS = "slipway mar sign IN OUT --key K --cert C signs; mar -D CERT -v MAR verifies, or slipway mar verify MAR --cert CERT"

const compatMarHelp = `Options, before the act:
  -C DIR            work in DIR; the archive's path too is relative to it
  -H ID             MAR channel id            -V VERSION   product version
  -D[i] FILE        certificate or public key to verify with (repeatable)
  -ni               which signature -X and -I mean, from 0
Databases of NSS (-d DIR, -n NAME) are not read.
Acts:
  -c MAR FILE…      create of files as they are      -x MAR   extract, as stored
  -t MAR            list                             -T MAR   list with signatures, channel, version
  -i MAR            set channel id and version of an unsigned archive
  -v MAR            verify                           -r IN OUT   strip all signatures
  -X MAR SIG        write a signature, in base64     -I IN SIG OUT   put one in its place`

// compatArgs is the command line of Mozilla's mar.
type compatArgs struct {
	dir, channel, version string
	certs                 []string
	index                 int // of a signature; -1 if not given
	act                   byte
	rest                  []string
}

// parseCompat reads options until the act, as modules/libmar/tool/mar.c does.
func parseCompat(args []string) (compatArgs, error) {
	c := compatArgs{index: -1}
	for len(args) > 0 {
		opt := args[0]
		if len(opt) < 2 || opt[0] != '-' {
			break
		}
		if slices.Contains([]byte("ctxviTrXIs"), opt[1]) {
			c.act, c.rest = opt[1], args[1:]
			return c, nil
		}
		if opt[1] == 'n' && len(opt) == 3 && opt[2] >= '0' && opt[2] <= '9' {
			c.index, args = int(opt[2]-'0'), args[1:]
			continue
		}
		if !slices.Contains([]byte("CHVDdn"), opt[1]) {
			return c, fmt.Errorf("unknown option %q", opt)
		}
		if opt[1] == 'd' || opt[1] == 'n' {
			return c, errNoNSS
		}
		if len(args) < 2 {
			return c, fmt.Errorf("%s needs a value", opt)
		}
		value := args[1]
		switch opt[1] {
		case 'C':
			c.dir = c.at(value)
		case 'H':
			c.channel = value
		case 'V':
			c.version = value
		case 'D':
			c.certs = append(c.certs, value)
		}
		args = args[2:]
	}
	return c, errors.New("want one of -c -x -t -T -i -v -r -X -I")
}

// at is a path as seen from the working directory of -C.
func (c compatArgs) at(path string) string {
	// On Windows a path without a drive may begin at the root all the same.
	if filepath.IsAbs(path) || path != "" && os.IsPathSeparator(path[0]) {
		return path
	}
	return filepath.Join(c.dir, path)
}

// operands checks the count of what follows the act, and returns paths.
func (c compatArgs) operands(n int) ([]string, error) {
	if len(c.rest) != n {
		return nil, usage(fmt.Errorf("-%c: %d operands, want %d", c.act, len(c.rest), n), "slipway compat mar --help")
	}
	paths := make([]string, n)
	for i, p := range c.rest {
		paths[i] = c.at(p)
	}
	return paths, nil
}
