// Slipway takes a release from "go to build" to every user's machine.
package main

import (
	"context"
	"os"
)

func main() {
	app := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(app.run(context.Background(), os.Args))
}
