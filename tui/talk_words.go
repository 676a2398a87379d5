package tui

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"slipway/release/text"
)

// heartbeat is how often a release that does nothing is spoken of.
const heartbeat = 30 * time.Second

// say appends one line. Nothing else is ever written.
func (t *Talk) say(format string, args ...any) {
	fmt.Fprintln(t.out, text.Sanitize(fmt.Sprintf(format, args...)))
}

// ask prints a prompt and reads one line.
func (t *Talk) ask(prompt string) (string, error) {
	t.say("%s:", prompt)
	line, err := t.in.ReadString('\n')
	if err == io.EOF && line == "" {
		return "", ErrEnded
	}
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// choose numbers a list from 1; 0 leaves it.
func (t *Talk) choose(title string, list []choice, leave string) error {
	t.say("")
	t.say("%s:", title)
	for i, c := range list {
		t.say("%d: %s", i+1, c.text)
	}
	t.say("0: %s", leave)
	for {
		answer, err := t.ask("Number")
		if errors.Is(err, ErrEnded) {
			return errBack // nothing was half answered
		}
		if err != nil {
			return err
		}
		switch n, err := strconv.Atoi(answer); {
		case err == nil && n == 0:
			return errBack
		case err == nil && n > 0 && n <= len(list):
			return list[n-1].do()
		}
		t.say("Not understood: %q. Type a number from 0 to %d.", answer, len(list))
	}
}
