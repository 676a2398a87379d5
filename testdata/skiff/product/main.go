// Skiff tells when the tide allows a small boat to leave the harbour.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// version is set by the build.
var version = "dev"

func main() {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	say, err := loadStrings(resourceDir(filepath.Dir(exe)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "skiff:", err)
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("skiff", version, say.locale)
		return
	}
	for _, line := range report(say) {
		fmt.Println(line)
	}
}

// resourceDir finds the resources beside the program, or in a Mac bundle.
func resourceDir(dir string) string {
	bundle := filepath.Join(dir, "..", "Resources")
	if _, err := os.Stat(filepath.Join(bundle, "locale")); err == nil {
		return bundle
	}
	return dir
}
