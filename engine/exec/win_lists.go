package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// newWinList makes the state of a call that lists values; nil for other calls. As frames grow, what was listed stays written, and a result is
// a copy of it.
func newWinList(o *windowOp, c *windowCall) winState {
	l := &winList{o: o, c: c}
	switch name := c.call.Fn.Name; name {
	case "string_agg":
		l.writer = &stringWriter{}
	case "array_agg":
		t := c.types[0]
		_, listed := sqltype.Lookup(t.OID)
		if out := c.call.Out.Type.OID; !listed || t.Info().IsArray || out == sqltype.OIDInt2Vector || out == sqltype.OIDOIDVector {
			return nil
		}
		l.writer = &arrayWriter{w: sqltype.NewArrayWriter(t.OID)}
	case "json_agg", "jsonb_agg", "json_object_agg":
		agg := makeAggregate(o, c).(*jsonAgg)
		l.writer = &jsonWriter{agg: agg}
	default:
		return nil
	}
	return l
}

// listWriter writes a list of values down as they come.
type listWriter interface {
	// add takes in the values of a row.
	add(args []*vector.Vector, row int) error
	// append writes the list; ok is false where it is null.
	append(dst []byte) (out []byte, ok bool)
	reset()
	size() int
}

// winList is a list over a frame.
type winList struct {
	o       *windowOp
	c       *windowCall
	writer  listWriter
	args    []*vector.Vector
	charged int64
}

func (l *winList) reset() {
	l.writer.reset()
	l.o.rows.mem.Shrink(l.charged)
	l.charged = 0
}

func (l *winList) add(b *rowBlock, rows []int32) error {
	l.args = l.args[:0]
	for _, place := range l.c.args {
		l.args = append(l.args, b.cols[place])
	}
	for _, r := range rows {
		if err := l.writer.add(l.args, int(r)); err != nil {
			return err
		}
		if now := int64(l.writer.size()); now > l.charged+smallState {
			if err := l.o.rows.mem.Grow(now - l.charged); err != nil {
				return err
			}
			l.charged = now
		}
	}
	return nil
}

func (l *winList) result(out *vector.Vector, at int) error {
	out.StartBytes(at)
	before := len(out.Data)
	data, ok := l.writer.append(out.Data)
	switch {
	case !ok:
		out.SetNull(at)
		return nil
	case len(data)-before > eval.MaxValue:
		return pgerr.New(pgerr.ProgramLimitExceeded, "out of memory").WithDetail("Cannot enlarge string buffer beyond %d bytes.", eval.MaxValue)
	}
	out.Data = data
	out.EndBytes(at)
	return nil
}

// stringWriter is string_agg. The first value's delimiter is not used.
type stringWriter struct {
	has bool
	buf []byte
}

func (w *stringWriter) add(args []*vector.Vector, row int) error {
	if args[0].IsNull(row) {
		return nil
	}
	if w.has && !args[1].IsNull(row) {
		w.buf = append(w.buf, args[1].Bytes(row)...)
	}
	w.has = true
	w.buf = append(w.buf, args[0].Bytes(row)...)
	if len(w.buf) > eval.MaxValue {
		return pgerr.New(pgerr.ProgramLimitExceeded, "out of memory").WithDetail("Cannot enlarge string buffer beyond %d bytes.", eval.MaxValue)
	}
	return nil
}

func (w *stringWriter) append(dst []byte) ([]byte, bool) { return append(dst, w.buf...), w.has }
func (w *stringWriter) reset()                           { w.has, w.buf = false, nil }
func (w *stringWriter) size() int                        { return cap(w.buf) }

// arrayWriter is array_agg of what is no array.
type arrayWriter struct{ w *sqltype.ArrayWriter }

func (w *arrayWriter) add(args []*vector.Vector, row int) error {
	w.w.Add(args[0].Value(row))
	return nil
}

func (w *arrayWriter) append(dst []byte) ([]byte, bool) {
	if w.w.Len() == 0 {
		return dst, false
	}
	return w.w.Append(dst), true
}
func (w *arrayWriter) reset()    { w.w.Reset() }
func (w *arrayWriter) size() int { return w.w.Bytes() }

// jsonWriter is json_agg, jsonb_agg and json_object_agg.
type jsonWriter struct {
	agg *jsonAgg
	n   int
	buf []byte // without what closes it
}

func (w *jsonWriter) add(args []*vector.Vector, row int) error {
	vals := make([]sqltype.Value, len(args))
	for i, a := range args {
		vals[i] = a.Value(row)
	}
	out := w.buf
	if w.n == 0 {
		out = append(out[:0], w.agg.open()...)
	}
	at := len(out)
	out, err := w.agg.element(out, vals, w.n == 0)
	if err != nil {
		return err
	}
	if w.agg.binary {
		skip := 2 // the comma
		if w.n == 0 {
			skip = 0
		}
		v, err := sqltype.ParseText(sqltype.Of(sqltype.OIDJSONB), string(out[at+skip:]), w.agg.ctx.Env)
		if err != nil {
			return err
		}
		out = append(out[:at+skip], v.S...)
	}
	w.n++
	w.buf = out
	return nil
}

func (w *jsonWriter) append(dst []byte) ([]byte, bool) {
	return append(append(dst, w.buf...), w.agg.end()...), w.n > 0
}
func (w *jsonWriter) reset()    { w.n, w.buf = 0, w.buf[:0] }
func (w *jsonWriter) size() int { return cap(w.buf) }
