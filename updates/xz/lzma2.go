package xz

// LZMA2 packs LZMA into chunks, so that incompressible stretches can be stored
// and decoders can be reset [format §5.3.1].

const (
	chunkEnd         = 0x00
	chunkStoredFirst = 0x01 // dictionary starts anew
	chunkStored      = 0x02
	chunkLZMA        = 0x80 // plus how much is reset, plus 5 high bits of the size
	resetState       = 1 << 5
	resetProps       = 2 << 5
	resetDict        = 3 << 5

	maxStored     = 1 << 16
	maxCompressed = 1 << 16
	maxChunk      = 1 << 21

	// A chunk is closed between two paths when the next one might not fit: a
	// literal takes about 9 bits at worst, once the model knows that nothing
	// can be known. Should a path take more, the chunk is stored.
	pathBytes = 3 * pathNodes // for a path, and the rest of the one under way
)

// lzma2 compresses buf, less slack, and appends chunks and the end marker.
func (e *encoder) lzma2(dst, buf []byte, s settings) []byte {
	e.start(buf, s)
	n := len(buf) - slack
	reset := byte(resetDict)
	for p := 0; p < n; {
		if reset != 0 {
			e.reset()
		}
		head := len(dst)
		headSize := 5
		if reset >= resetProps {
			headSize = 6
		}
		dst = append(dst, make([]byte, headSize)...)
		e.rc.start(dst)
		from := p
		if p == 0 {
			// There is nothing before it to compare with.
			e.mf.skip(1)
			e.put(0, step{literalStep, 1})
			p = 1
		}
		for p < n && p-from <= maxChunk-2*pathNodes && e.rc.size() <= maxCompressed-pathBytes {
			e.refresh()
			for _, st := range e.parse(p) {
				e.put(p, st)
				p += int(st.length)
			}
		}
		for _, st := range e.cut() {
			e.put(p, st)
			p += int(st.length)
		}
		dst = e.rc.finish()
		packed := len(dst) - head - headSize
		if packed >= p-from || packed > maxCompressed {
			dst = appendStored(dst[:head], buf[from:p], reset == resetDict)
			if reset >= resetProps {
				reset = resetProps
			} else {
				reset = resetState
			}
			continue
		}
		h := dst[head:]
		h[0] = chunkLZMA | reset | byte((p-from-1)>>16)
		h[1], h[2] = byte((p-from-1)>>8), byte(p-from-1)
		h[3], h[4] = byte((packed-1)>>8), byte(packed-1)
		if headSize == 6 {
			h[5] = s.ctx.props()
		}
		reset = 0
	}
	return append(dst, chunkEnd)
}

func appendStored(dst, b []byte, first bool) []byte {
	for len(b) > 0 {
		n := min(len(b), maxStored)
		control := byte(chunkStored)
		if first {
			control, first = chunkStoredFirst, false
		}
		dst = append(dst, control, byte((n-1)>>8), byte(n-1))
		dst = append(dst, b[:n]...)
		b = b[n:]
	}
	return dst
}
