// Skiff tells when the tide allows a small boat to leave the harbour.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// version is set by the build.
var version = "dev"

func main() {
	showVersion := flag.Bool("version", false, "print the version and the locale")
	draught := flag.Float64("draught", 1.2, "the boat's draught in metres")
	flag.Parse()
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	say, err := loadStrings(resourceDir(filepath.Dir(exe)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "skiff:", err)
		os.Exit(1)
	}
	if *showVersion {
		fmt.Println("skiff", version, say.locale)
		return
	}
	for _, line := range report(say, *draught) {
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
