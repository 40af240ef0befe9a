package simulator

import (
	"strconv"
	"strings"
)

// rowWriter appends rows as JSON objects; everything but the values is made once.
type rowWriter struct {
	cols     []column
	names    [][]byte // name and colon, with an annotation before them in one variant
	props    []*property
	quoteInt []bool
	begin    string
	end      string
	style    jsonStyle
	turned   bool
	tagged   bool
}

func newRowWriter(r *read, style jsonStyle, t traits, l layout) *rowWriter {
	w := &rowWriter{style: style, begin: l.openRow, end: l.closeRow, turned: t.turnedKeys, tagged: t.annotated}
	for _, i := range r.selected {
		p := &r.set.props[i]
		if p.typ.k == kStream {
			continue // a stream has no value in JSON
		}
		var name []byte
		if t.annotated {
			name = appendString(name, p.name+"@odata.type", false)
			name = append(append(append(name, `:"#`...), strings.Replace(p.typ.csdl(), "Edm.", "", 1)...), `",`...)
		}
		name = append(appendString(name, p.name, false), ':')
		w.names = append(w.names, name)
		w.cols = append(w.cols, r.cols[i])
		w.props = append(w.props, p)
		w.quoteInt = append(w.quoteInt, style.ieee754 && p.typ.name == "Edm.Int64" && !p.typ.collection)
	}
	return w
}

func (w *rowWriter) append(b []byte, at ref) []byte {
	b = append(b, w.begin...)
	if w.tagged {
		b = append(strconv.AppendInt(append(b, `"@odata.etag":"W/\"`...), int64(at.i), 10), `\"",`...)
	}
	if w.turned && at.i%2 == 1 {
		for i := len(w.cols) - 1; i >= 0; i-- {
			b = append(b, w.names[i]...)
			b = w.value(b, i, w.cols[i](at))
			if i > 0 {
				b = append(b, ',')
			}
		}
		return append(b, w.end...)
	}
	for i, col := range w.cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, w.names[i]...)
		b = w.value(b, i, col(at))
	}
	return append(b, w.end...)
}

func (w *rowWriter) value(b []byte, i int, v value) []byte {
	if w.quoteInt[i] && v.k == kInt {
		return append(strconv.AppendInt(append(b, '"'), v.n, 10), '"')
	}
	return appendJSON(b, v, w.style)
}

// spoil writes a row with one fault in it: a value that does not convert, a
// null key, or a missing column.
func (w *rowWriter) spoil(b []byte, at ref, fx *effects) []byte {
	bad, key, dropped := w.victim(), -1, -1
	for i, p := range w.props {
		if p.key {
			key = i
		} else {
			dropped = i
		}
	}
	b = append(b, w.begin...)
	first := true
	for i, col := range w.cols {
		if fx.dropColumn && i == dropped {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, w.names[i]...)
		switch {
		case fx.badValue && i == bad && w.props[i].typ.k == kString:
			b = append(b, `{"not":"a string"}`...)
		case fx.badValue && i == bad:
			b = append(b, `"not of this type"`...)
		case fx.nullKey && i == key:
			b = append(b, "null"...)
		default:
			b = w.value(b, i, col(at))
		}
	}
	return append(b, w.end...)
}

// victim is the column whose value is spoiled: the last one that is no key and
// no text, else the last one.
func (w *rowWriter) victim() int {
	for i := len(w.props) - 1; i >= 0; i-- {
		if !w.props[i].key && w.props[i].typ.k != kString {
			return i
		}
	}
	return len(w.props) - 1
}
