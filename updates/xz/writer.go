package xz

import (
	"fmt"
	"io"
)

// Writer compresses what is written to it, a block at a time: it holds one
// block of input and none of what is done. The stream has the bytes that
// [Encode] makes of the whole, whatever the sizes of the writes.
type Writer struct {
	to     io.Writer
	s      settings
	input  []byte  // of the next block
	blocks []Block // that were written, without their data
	err    error
}

// NewWriter begins a stream. Workers has no effect: blocks come one by one.
func NewWriter(w io.Writer, o Options) (*Writer, error) {
	s, err := o.settings()
	return &Writer{to: w, s: s}, err
}

func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && w.err == nil {
		if len(w.input) == w.s.block { // there is more to come, so there are several
			w.flush(true)
		}
		take := min(len(p), w.s.block-len(w.input))
		w.input = append(w.input, p[:take]...)
		p = p[take:]
	}
	return n - len(p), w.err
}

// flush writes the input as a block; sized is as encodeBlock has it.
func (w *Writer) flush(sized bool) {
	b := encodeBlock(w.input, w.s, sized)
	w.input = w.input[:0]
	if len(w.blocks) == 0 {
		w.put(appendStreamHeader(nil, CheckCRC64))
	}
	w.put(b.Data)
	b.Data = nil
	w.blocks = append(w.blocks, b)
}

func (w *Writer) put(b []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(b)
	}
}

// Close writes the last block and the index; without it there is no stream.
func (w *Writer) Close() error {
	if w.err != nil {
		return fmt.Errorf("xz: the stream is cut off: %w", w.err)
	}
	switch {
	case len(w.input) > 0:
		w.flush(len(w.blocks) > 0)
	case len(w.blocks) == 0:
		w.put(appendStreamHeader(nil, CheckCRC64))
	}
	index := appendIndex(nil, w.blocks)
	w.put(appendFooter(index, CheckCRC64, len(index)))
	return w.err
}
