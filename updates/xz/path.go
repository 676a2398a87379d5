package xz

// step is one symbol: length bytes, taken from back.
type step struct {
	back   uint32
	length uint32
}

// node is a position and the cheapest known way to it: one symbol, or, when
// combo, three that only pay together: a match or repeat of first bytes
// (none when first is 0), one literal, and the newest distance again for length
// bytes. state and reps hold once the path to here is final.
type node struct {
	back   uint32
	length uint16
	first  uint16
	combo  bool
	state  state
	reps   [4]uint32
}

// settled returns the last node that all ways have in common.
func (par *parser) settled() int {
	clear(par.mark[:par.end+1])
	ways := 0
	for i := par.cur; i <= par.end; i++ {
		if par.price[i] < infinitePrice {
			par.mark[i] = true
			ways++
		}
	}
	for i := par.end; ; i-- {
		if !par.mark[i] {
			continue
		}
		if ways == 1 {
			return i
		}
		n := &par.node[i]
		from := &par.mark[i-n.span()]
		if *from {
			ways--
		}
		*from = true
	}
}

// span is how many bytes a node's way goes back.
func (n *node) span() int {
	if n.combo {
		return int(n.length) + 1 + int(n.first)
	}
	return int(n.length)
}

// drop forgets what is before node at, which becomes the first.
func (par *parser) drop(at int) {
	copy(par.node[:], par.node[at:par.end+1])
	base := par.price[at]
	for i, c := range par.price[at : par.end+1] {
		if c < infinitePrice {
			c -= base
		}
		par.price[i] = c
	}
	par.cur -= at
	par.end -= at
}

// backtrack turns the way to cur into steps, in order.
func (par *parser) backtrack(cur int) {
	s := par.steps
	for cur > 0 {
		n := &par.node[cur]
		if n.combo {
			s = append(s, step{0, uint32(n.length)}, step{literalStep, 1})
			cur -= int(n.length) + 1
			if n.first > 0 {
				s = append(s, step{n.back, uint32(n.first)})
			}
			cur -= int(n.first)
		} else {
			s = append(s, step{n.back, uint32(n.length)})
			cur -= int(n.length)
		}
	}
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
	par.steps = s
}

// arrive settles state and reps of node cur, whose best way is now known.
func (par *parser) arrive(cur int) {
	n := &par.node[cur]
	if n.combo {
		from := &par.node[cur-int(n.length)-1-int(n.first)]
		s := from.state
		n.reps = from.reps
		if n.first > 0 {
			s = afterSymbol(s, &n.reps, n.back, uint32(n.first))
		}
		n.state = afterRep[afterLiteral[s&15]&15]
		return
	}
	from := &par.node[cur-int(n.length)]
	n.reps = from.reps
	n.state = afterSymbol(from.state, &n.reps, n.back, uint32(n.length))
}

// afterSymbol moves the state and the recent distances past one symbol.
func afterSymbol(s state, reps *[4]uint32, back, length uint32) state {
	switch {
	case back == literalStep:
		return afterLiteral[s&15]
	case back >= 4:
		reps[3], reps[2], reps[1], reps[0] = reps[2], reps[1], reps[0], back-4
		return afterMatch[s&15]
	case back == 0 && length == 1:
		return afterShortRep[s&15]
	}
	d := reps[back]
	for i := back; i > 0; i-- {
		reps[i] = reps[i-1]
	}
	reps[0] = d
	return afterRep[s&15]
}

// reach makes sure that the nodes up to end have a price.
func (par *parser) reach(end int) {
	for par.end < end {
		par.end++
		par.price[par.end] = infinitePrice
	}
}
