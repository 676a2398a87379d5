//go:build unix

package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newest stands for the version that apt would install: some packages are
// replaced every month, and the one before is gone from the registry.
const newest = "newest"

// cacheDir is where downloads are kept.
func cacheDir(b *testing.B) string {
	if dir := os.Getenv("SLIPWAY_BENCH_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	return filepath.Join(dir, "slipway-bench")
}

// fetch returns the directory that holds a version of a package, downloading it
// unless the cache has it.
func fetch(cache, registry, pkg, version string) (string, error) {
	var err error
	if version == newest {
		if version, err = candidate(pkg); err != nil {
			return "", err
		}
		fmt.Printf("%s: the newest is %s\n", pkg, version)
	}
	dir := filepath.Join(cache, registry, strings.NewReplacer("/", "_", ":", "_").Replace(pkg+"_"+version))
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	switch registry {
	case "go":
		err = fetchGo(cache, dir, pkg, version)
	case "npm":
		err = fetchNPM(dir, pkg+"@"+version)
	case "apt":
		err = fetchApt(dir, pkg+"="+version)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// candidate returns the version of a package that apt would install.
func candidate(pkg string) (string, error) {
	out, err := exec.Command("apt-cache", "policy", pkg).Output()
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(out) {
		if version, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "Candidate: "); ok && version != "(none)" {
			return version, nil
		}
	}
	return "", fmt.Errorf("apt knows no version of %s; apt-get update may help", pkg)
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
		return fmt.Errorf("%w; apt-get update may help", err)
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
