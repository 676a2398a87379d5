package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run this very program as "slipway", as processes
// of their own, also by its drop-in names.
func TestMain(m *testing.M) {
	program := func() {
		app := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
		os.Exit(app.run(context.Background(), os.Args))
	}
	testscript.Main(m, map[string]func(){
		"slipway": program, "mar": program, "mbsdiff": program,
		"slipway-panics": consoleThatPanics, "slipway-killed": killedWhileWriting,
	})
}

// TestScript runs every verb as a person would: testdata/script/VERB_CASE.txtar.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			// State and cache stay in the script's own directory.
			env.Setenv("SLIPWAY_STATE", env.WorkDir+"/.state")
			env.Setenv("SLIPWAY_CACHE", env.WorkDir+"/.cache")
			env.Setenv("TZ", "UTC")
			// Packages that Mozilla's own tools made, with the keys they are signed by.
			mars, err := filepath.Abs("../../updates/testdata")
			if err != nil {
				return err
			}
			env.Setenv("SAMPLE_MARS", mars)
			// The smallest Windows program that there is.
			small, err := filepath.Abs("../../signing/authenticode/testdata/small.exe")
			if err != nil {
				return err
			}
			env.Setenv("SMALL_EXE", small)
			return nil
		},
	})
}
