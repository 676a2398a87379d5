// Package tui is the console: a view of the journal, and a hand on its command
// table.
//
// There is one Bubble Tea model. Update does no input or output: it turns keys
// into actions and cursor movements, and everything slow happens in commands
// that answer with a message. A screen is a function of (snapshot, cursor,
// size); only rows that are visible are drawn. The journal is polled, a few
// times a second, for a snapshot; events never become one message each.
//
// Where things are: keys.go is the one table of acts and their keys (help, key
// row, palette and manual are printed from it), keymap.go lays a person's own
// over it; update.go sends a message or a key where it belongs; acts.go,
// undo.go and send.go are what changes the world; poll.go is what is read of
// it; view.go puts a frame together, draw.go and theme.go have the strokes and
// colours. A screen is a type with the methods of [screen], in a file of its
// name; what it wants beside the snapshot it asks for ([asker]), what can be
// copied from it it offers ([copier]), and it is opened in navigate.go.
//
// State is told by glyph, word and colour, in this order of trust: a frame
// without colour, or in plain ASCII, loses nothing. Text from outside has
// passed text.Sanitize before it reaches a frame, so it can neither move the
// cursor nor imitate our own words.
package tui
