// Pack builds Skiff for one platform and lays its package out. Slipway calls
// it in a clean checkout and tells it what to do by SLIPWAY_ variables.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

var targets = map[string]struct{ os, arch, program, resources string }{
	"linux64": {"linux", "amd64", "skiff/skiff", "skiff"},
	"win64":   {"windows", "amd64", "skiff/skiff.exe", "skiff"},
	"mac":     {"darwin", "arm64", "Skiff.app/Contents/MacOS/skiff", "Skiff.app/Contents/Resources"},
}

func main() {
	if err := pack(os.Getenv("SLIPWAY_PLATFORM"), os.Getenv("SLIPWAY_VERSION"), os.Getenv("SLIPWAY_OUTPUT")); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(platform, version, out string) error {
	t, ok := targets[platform]
	if !ok {
		return fmt.Errorf("SLIPWAY_PLATFORM %q: no such platform", platform)
	}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= -X main.version="+version, "-o", filepath.Join(out, t.program), ".")
	build.Env = append(os.Environ(), "GOOS="+t.os, "GOARCH="+t.arch, "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	fmt.Println("building", t.program)
	if err := build.Run(); err != nil {
		return err
	}
	for _, dir := range []string{"locale", "res", "defaults"} {
		if err := copyTree(dir, filepath.Join(out, t.resources, dir)); err != nil {
			return err
		}
	}
	for _, name := range []string{"removed-files", "update-settings.ini"} {
		if err := copyFile(name, filepath.Join(out, t.resources, name)); err != nil {
			return err
		}
	}
	ini := fmt.Sprintf("[App]\nName=Skiff\nVersion=%s\nBuildID=%s\n", version, os.Getenv("SLIPWAY_BUILDID"))
	if err := os.WriteFile(filepath.Join(out, t.resources, "application.ini"), []byte(ini), 0o644); err != nil {
		return err
	}
	if platform == "mac" {
		return copyFile("mac/Info.plist", filepath.Join(out, "Skiff.app/Contents/Info.plist"))
	}
	return nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyFile(path, filepath.Join(to, rel))
	})
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}
