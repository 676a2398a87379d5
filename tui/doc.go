// Package tui is the console: a view of the journal, and a hand on its command
// table.
//
// There is one Bubble Tea model. Update does no input or output: it turns keys
// into actions and cursor movements, and everything slow happens in commands
// that answer with a message. A screen is a function of (snapshot, cursor,
// size); only rows that are visible are drawn. The journal is polled, a few
// times a second, for a snapshot; events never become one message each.
//
// State is told by glyph, word and colour, in this order of trust: a frame
// without colour, or in plain ASCII, loses nothing. Text from outside has
// passed text.Sanitize before it reaches a frame, so it can neither move the
// cursor nor imitate our own words.
package tui
