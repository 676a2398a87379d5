package bsdiff

// advance pays for new from pos up to until or where a lane ends, and returns how
// far it came.
func (c *chooser) advance(pos, until int) int {
	c.rouse(pos)
	until = min(until, c.wake)
	for _, l := range c.lanes {
		until = min(until, l.hi)
	}
	for pos < until && len(c.lanes) > 0 {
		if r := c.run(pos, until); r > 0 {
			pos += r
		} else {
			c.step(pos)
			pos++
		}
		until = min(until, c.wake)
	}
	c.insert.cost += (until - pos) * costInsert
	return until
}

// run pays for the bytes from pos on that are equal in the only lane, and returns
// how many they are.
func (c *chooser) run(pos, until int) int {
	if len(c.lanes) != 1 {
		return 0
	}
	l := &c.lanes[0]
	r := equalRun(c.old[pos+l.off:], c.new[pos:until])
	if r > 0 {
		c.zeros(l, pos, r)
		c.insert.cost += r * costInsert
		c.settle(c.best(), l.cost, pos+r)
	}
	return r
}

// step pays for the byte at pos.
func (c *chooser) step(pos int) {
	b := c.new[pos]
	c.insert.cost += costInsert
	best, most := &c.insert, 0
	for i := range c.lanes {
		l := &c.lanes[i]
		if c.old[pos+l.off] == b {
			c.zeros(l, pos, 1)
		} else {
			c.change(l, pos)
		}
		if l.cost < best.cost {
			best = l
		}
		most = max(most, l.cost)
	}
	c.settle(best, most, pos+1)
}

// settle lets each lane start over from best, the cheapest, where that is cheaper.
// None costs more than most.
func (c *chooser) settle(best *lane, most, pos int) {
	if best != &c.insert {
		c.follow(&c.insert, best, pos, best.cost)
	}
	limit := best.cost + costTriple
	if most <= limit {
		return
	}
	for i := range c.lanes {
		if l := &c.lanes[i]; l.cost > limit+patience && pos < l.until {
			c.follow(l, best, pos, limit)
		}
	}
	for i := len(c.lanes) - 1; i >= 0; i-- {
		if l := &c.lanes[i]; l.cost > limit && pos >= l.until {
			c.sleep(l.span, pos)
			n := len(c.lanes) - 1
			*l = c.lanes[n]
			c.lanes = c.lanes[:n]
		}
	}
}
