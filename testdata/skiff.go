// Package testdata carries the sources of Skiff, the demo product: a real
// little program with translatable strings, shipped as 1.0, 1.1 and 1.2.
//
// skiff/product is the tree at 1.0; skiff/1.1 and skiff/1.2 hold the files that
// change. skiff/l10n and skiff/l10n-N are the translations likewise, and
// skiff/partners is the partner repository. go.mod is stored as go.mod.txt,
// for a directory with a go.mod of its own could not be embedded.
package testdata

import "embed"

//go:embed all:skiff
var Skiff embed.FS
