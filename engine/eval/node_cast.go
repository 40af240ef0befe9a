package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

func (c *compiler) cast(e *plan.Cast, arg node) (node, error) {
	from := e.Arg.Type()
	switch e.Method {
	case plan.CastRelabel:
		return &relabelNode{arg: arg, typ: e.T}, nil
	case plan.CastIO:
		return &ioCastNode{arg: arg, from: from, typ: e.T, row: rowColumns(e.Row), explicit: e.Explicit, direct: directCast(from, e.T)}, nil
	case plan.CastTypmod:
		return &typmodNode{arg: arg, typ: e.T, explicit: e.Explicit}, nil
	case plan.CastRow:
		if e.T.OID == sqltype.OIDText {
			return &ioCastNode{arg: arg, from: from, typ: e.T, explicit: e.Explicit}, nil
		}
		return &relabelNode{arg: arg, typ: e.T}, nil
	case plan.CastArray:
		inner := &compiler{layout: c.layout, opts: c.opts, inOnce: true, inEntry: true}
		elem, err := inner.compile(e.Elem)
		if err != nil {
			return nil, err
		}
		return &arrayCastNode{
			arg: arg, elem: elem, typ: e.T, from: sqltype.Of(elemOf(from)),
			to: elemOf(e.T),
		}, nil
	}
	return nil, pgerr.Internal("cast method %d", e.Method)
}

// relabelNode gives a value another type of the same representation. OIDs and int4 are held differently: an OID is unsigned.
type relabelNode struct {
	arg node
	typ sqltype.Type
	hdr vector.Vector
	out *vector.Vector
}

func (n *relabelNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	kind := n.typ.Kind()
	if v.Kind == kind {
		n.hdr = *v
		n.hdr.Type = n.typ
		return &n.hdr
	}
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	for _, r := range f.cut(sel) {
		if v.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		p, i := v.Physical(), v.Index(int(r))
		switch {
		case v.Kind == sqltype.KindInt32 && kind == sqltype.KindInt64:
			n.out.I64[r] = int64(uint32(p.I32[i]))
		case v.Kind == sqltype.KindInt64 && kind == sqltype.KindInt32:
			n.out.I32[r] = int32(uint32(p.I64[i]))
		default:
			f.fail(r, pgerr.Internal("a value of type %s is no %s", v.Type, n.typ))
			return n.out
		}
	}
	return n.out
}

// ioCastNode converts through the text form.
type ioCastNode struct {
	arg      node
	from     sqltype.Type
	typ      sqltype.Type
	row      []sqltype.RowColumn // of a row type
	explicit bool
	direct   rowCast // nil: there is no short way
	out      *vector.Vector
	buf      []byte
	charges  charges
}

func (n *ioCastNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	env := f.ctx.Env
	fromText := isTextual(n.from.OID)
	for _, r := range f.cut(sel) {
		if v.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		if err := n.pay(f.ctx, v, r); err != nil {
			f.fail(r, err)
			break
		}
		if n.direct != nil && n.direct(n.out, v, r, env) {
			continue
		}
		var s string
		if fromText {
			s = alias(v.Bytes(int(r)))
		} else {
			n.buf = sqltype.AppendText(n.buf[:0], n.from, aliasValue(v, int(r)), env)
			s = alias(n.buf)
		}
		var x sqltype.Value
		var err error
		if n.row != nil {
			x, err = sqltype.ParseRow(strings.Clone(s), n.row, env)
		} else {
			x, err = ParseAs(n.typ, s, n.explicit, env)
		}
		if err != nil {
			f.fail(r, err)
			break
		}
		n.out.SetValue(int(r), x)
	}
	n.charges.settle(f.ctx)
	n.out.Finish()
	return n.out
}

// pay charges what a large value takes until it is converted, and looks whether the result has room behind the others.
func (n *ioCastNode) pay(ctx *Ctx, v *vector.Vector, r int32) error {
	if v.Kind != sqltype.KindBytes {
		return nil
	}
	s := v.Bytes(int(r))
	if len(s) < chargeStep/openedJSON {
		return nil
	}
	n.charges.settle(ctx)
	if err := n.charges.charge(ctx, readCost(n.typ, alias(s))+openCost(n.from, alias(s))); err != nil {
		return err
	}
	return ctx.room(n.out, len(s))
}

// isTextual reports whether a type's text form is its bytes.
func isTextual(oid uint32) bool {
	switch oid {
	case sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDBPChar, sqltype.OIDUnknown, sqltype.OIDName, sqltype.OIDCString, sqltype.OIDRefCursor,
		sqltype.OIDJSON, sqltype.OIDPGNodeTree:
		return true
	}
	return false
}

// ParseAs reads a value's text form and makes it fit the type's modifier. The modifier of an interval belongs to its input;
// other types are read without and then fitted, because an explicit cast cuts where input would refuse.
func ParseAs(t sqltype.Type, s string, explicit bool, env sqltype.Env) (sqltype.Value, error) {
	switch t.OID {
	case sqltype.OIDText, sqltype.OIDUnknown, sqltype.OIDCString:
		return sqltype.Text(s), nil
	case sqltype.OIDInterval:
		return sqltype.ParseText(t, s, env)
	}
	v, err := sqltype.ParseText(sqltype.Of(t.OID), s, env)
	if err != nil || t.Typmod < 0 {
		return v, err
	}
	return sqltype.ApplyTypmod(t, v, explicit)
}

// typmodNode makes a value fit its type's modifier.
type typmodNode struct {
	arg      node
	typ      sqltype.Type
	explicit bool
	hdr      vector.Vector
	out      *vector.Vector
}

func (n *typmodNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.typ.Typmod < 0 {
		n.hdr = *v
		n.hdr.Type = n.typ
		return &n.hdr
	}
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	for _, r := range f.cut(sel) {
		if v.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		if n.typ.OID == sqltype.OIDNumeric {
			if err := fitNumeric(v, r, n.typ.Typmod, n.out); err != nil {
				f.fail(r, err)
				break
			}
			continue
		}
		x, err := sqltype.ApplyTypmod(n.typ, aliasValue(v, int(r)), n.explicit)
		if err != nil {
			f.fail(r, err)
			break
		}
		n.out.SetValue(int(r), x)
	}
	n.out.Finish()
	return n.out
}

// arrayCastNode converts an array element by element: the elements of a row's array are the rows of an inner run.
type arrayCastNode struct {
	arg, elem node
	typ       sqltype.Type
	from      sqltype.Type
	to        uint32
	out       *vector.Vector
}

func (n *arrayCastNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	for _, r := range f.cut(sel) {
		if v.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		x, err := n.convert(f, alias(v.Bytes(int(r))))
		if err != nil {
			f.fail(r, err)
			break
		}
		n.out.SetValue(int(r), x)
	}
	n.out.Finish()
	return n.out
}

func (n *arrayCastNode) convert(f *frame, s string) (sqltype.Value, error) {
	a, err := sqltype.DecodeArray(s)
	if err != nil {
		return sqltype.Value{}, err
	}
	out := sqltype.Array{ElemOID: n.to, Dims: a.Dims, Elems: make([]sqltype.Value, len(a.Elems))}
	if len(a.Elems) == 0 {
		return encodeArray(out), nil
	}
	in := vector.NewFlat(n.from, len(a.Elems))
	for i, x := range a.Elems {
		in.SetValue(i, x)
	}
	in.Finish()
	g := f.sub(nil, len(a.Elems))
	g.caseVal = in
	res := n.elem.eval(g, rowsUpTo(len(a.Elems)))
	if g.err != nil {
		return sqltype.Value{}, g.err
	}
	for i := range out.Elems {
		out.Elems[i] = aliasValue(res, i)
	}
	return encodeArray(out), nil
}
