package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// say runs slipway and gives its exit code and what it said on standard error.
func say(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, talk bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &talk}
	code := a.run(context.Background(), append([]string{"slipway"}, args...))
	if code != exitDone && out.Len() > 0 {
		t.Errorf("%q failed and answered %q", args, out.String())
	}
	return code, talk.String()
}

// TestEveryVerbSaysWhatItWants: whatever the verb, a wrong command line names
// it, in our words, and leads to its page.
func TestEveryVerbSaysWhatItWants(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
		if !cmd.HasParent() || !cmd.Runnable() || cmd.DisableFlagParsing {
			return
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		for _, wrong := range [][]string{{"--nonsense"}, {"-Q"}} {
			code, said := say(t, append(path, wrong...)...)
			want := "slipway: error: " + cmd.CommandPath() + " has no flag " + wrong[0] + "\nslipway: hint: slipway help " + strings.Join(path, " ")
			if code != exitUsage || !strings.HasPrefix(said, want) {
				t.Errorf("%q %q: exit code %d, said\n%swant\n%s", path, wrong, code, said, want)
			}
		}
		if cmd.Args == nil || cmd.Args(cmd, strings.Fields("x x x x x x x x")) == nil {
			return // takes any number
		}
		code, said := say(t, append(path, strings.Fields("x x x x x x x x")...)...)
		if code != exitUsage || !strings.HasPrefix(said, "slipway: error: "+cmd.CommandPath()+" ") || !strings.Contains(said, "\nslipway: hint: slipway help "+strings.Join(path, " ")) {
			t.Errorf("%q with eight arguments: exit code %d, said\n%s", path, code, said)
		}
	}
	visit((&app{}).root())
}

func TestWrongCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"mra":                              `slipway has no verb "mra"; did you mean mar?`,
		"mar crate":                        `slipway mar has no verb "crate"; did you mean create?`,
		"help mar crate":                   `slipway mar has no verb "crate"; did you mean create?`,
		"mar":                              `slipway mar wants a verb: apply, check,`,
		"completion tcsh":                  `slipway completion has no verb "tcsh"`,
		"mar create out.mar":               "slipway mar create wants OUT DIR; got [\"out.mar\"]\nslipway: hint: slipway help mar create; for example: slipway mar create firefox-10.0.complete.mar firefox/ --channel-id",
		"mar create out.mar dir":           `slipway mar create needs --channel-id ID and --product-version VERSION`,
		"mar create a b --chanel-id c":     `slipway mar create has no flag --chanel-id; did you mean --channel-id?`,
		"version extra":                    `slipway version wants no argument; got ["extra"]`,
		"plan 1.0 --build one":             `slipway plan: --build is "one"; want a whole number`,
		"plan 1.0 --rev":                   `slipway plan: --rev [REPOSITORY=]REVISION has no value`,
		"run skiff-1.0-build1 --wait=x":    `slipway run has no flag --wait`,
		"cache trim --max 1 --keep soon":   `slipway cache trim: --keep is "soon"; want a duration such as 90s or 2h`,
		"stop skiff-1.0-build1 --reason x": `slipway stop needs --confirm VERSION`,
	} {
		code, said := say(t, strings.Fields(line)...)
		if code != exitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d, said\n%swant\n%s", line, code, said, want)
		}
	}
	// A script's variable that is not set.
	for _, args := range [][]string{
		{"mar", "list", ""},
		{"mar", "create", "", "dir", "--channel-id", "c", "--product-version", "1"},
		{"compat", "mar", "-t", ""},
	} {
		code, said := say(t, args...)
		if code != exitUsage || !strings.Contains(said, " is empty: is a variable not set?") {
			t.Errorf("%q: exit code %d, said %s", args, code, said)
		}
	}
}
