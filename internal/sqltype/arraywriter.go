package sqltype

import "encoding/binary"

// ArrayWriter makes arrays of one dimension that grow: each is a copy of what was added so far, which Array.Encode would build anew.
type ArrayWriter struct {
	elem  Type
	codec codec
	items []byte
	n     int
	nulls uint32
}

// NewArrayWriter begins an array without elements.
func NewArrayWriter(elem uint32) *ArrayWriter {
	c, ok := codecOf(elem)
	if !ok {
		c = codec{send: textSend}
	}
	return &ArrayWriter{elem: Of(elem), codec: c}
}

// Add adds an element.
func (w *ArrayWriter) Add(v Value) {
	if v.Null {
		w.nulls = 1
	}
	w.items = appendItem(w.items, v, w.elem, w.codec)
	w.n++
}

// Len is the number of elements.
func (w *ArrayWriter) Len() int { return w.n }

// Bytes is what the elements take.
func (w *ArrayWriter) Bytes() int { return cap(w.items) }

// Reset drops the elements.
func (w *ArrayWriter) Reset() { w.items, w.n, w.nulls = w.items[:0], 0, 0 }

// Append appends the array of the elements, of which there is at least one, in the form of a Value's S.
func (w *ArrayWriter) Append(dst []byte) []byte {
	be := binary.BigEndian
	for _, word := range []uint32{1, w.nulls, w.elem.OID, uint32(w.n), 1} {
		dst = be.AppendUint32(dst, word)
	}
	return append(dst, w.items...)
}
