package tui

import "slipway/release/pipeline"

// Look is how frames are drawn on the terminal at hand.
type Look struct {
	ASCII   bool // no byte above 0x7f leaves us
	Color   bool // false: bold stays, for it is no colour
	Light   bool // the terminal's background is light
	Sixteen bool // the terminal has no more than 16 colours
}

// mark is how a state is shown.
type mark struct {
	glyph, ascii string // one cell each
	word         string
	tone         tone
}

// marks is the legend. Order tells which state wins where one cell stands for
// many tasks: the first that occurs.
var marks = []struct {
	state pipeline.State
	mark
}{
	{pipeline.Failed, mark{"✗", "X", "FAIL", bad}},
	{pipeline.Held, mark{"◆", "?", "HOLD", need}},
	{pipeline.Retrying, mark{"↻", "~", "retry", warn}},
	{pipeline.Running, mark{"▶", ">", "run", busy}},
	{pipeline.Blocked, mark{"▪", "#", "block", quiet}},
	{pipeline.Cancelled, mark{"⊘", "-", "skip", quiet}},
	{pipeline.Waiting, mark{"·", ".", "wait", quiet}},
	{pipeline.Passed, mark{"✓", "+", "ok", good}},
}

func markOf(s pipeline.State) mark {
	for _, m := range marks {
		if m.state == s {
			return m.mark
		}
	}
	return mark{"!", "!", string(s), warn}
}

// sign is the one cell that a mark is told by.
func (l Look) sign(m mark) string { return l.pick(m.glyph, m.ascii) }

// glyph is the sign of a state, in its colour.
func (l Look) glyph(s pipeline.State) string {
	m := markOf(s)
	return l.paint(m.tone, l.sign(m))
}

// pick chooses between a sign and its ASCII stand-in.
func (l Look) pick(sign, ascii string) string {
	if l.ASCII {
		return ascii
	}
	return sign
}

// only tells whether all tasks that have not passed are in one of these states.
func only(c pipeline.Counts, states ...pipeline.State) bool {
	n := c.Passed
	for _, s := range states {
		n += c.Of(s)
	}
	return n == c.Total()
}

// worst is the state that speaks for many tasks; passed when there are none
// that say otherwise.
func worst(c pipeline.Counts) pipeline.State {
	for _, m := range marks {
		if c.Of(m.state) > 0 {
			return m.state
		}
	}
	return pipeline.Passed
}
