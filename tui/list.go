package tui

// list is a cursor over rows of which a window is seen.
type list struct {
	at, top int
}

// move follows an act over n rows of which page are seen; false when the act
// is no movement.
func (l *list) move(a act, n, page int) bool {
	page = max(1, page)
	switch a {
	case actUp:
		l.at--
	case actDown:
		l.at++
	case actPageUp:
		l.at -= page
	case actPageDown:
		l.at += page
	case actTop:
		l.at = 0
	case actEnd:
		l.at = n - 1
	default:
		return false
	}
	l.clamp(n)
	return true
}

// clamp keeps the cursor on a row; rows may have gone since the last frame.
func (l *list) clamp(n int) { l.at = max(0, min(l.at, n-1)) }

// window is the range of rows to draw so that the cursor is among them.
func (l *list) window(n, page int) (from, to int) {
	l.clamp(n)
	page = max(1, page)
	l.top = max(0, min(l.top, n-page))
	if l.at < l.top {
		l.top = l.at
	}
	if l.at >= l.top+page {
		l.top = l.at - page + 1
	}
	return l.top, min(n, l.top+page)
}

// pointer marks the row under the cursor, without colour.
func pointer(here bool) string {
	if here {
		return ">"
	}
	return " "
}
