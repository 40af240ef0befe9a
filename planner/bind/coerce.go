package bind

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// coercion is how far a conversion may go (CoercionContext), in order.
type coercion uint8

const (
	implicit coercion = iota
	assignment
	explicit
)

// pathKind is CoercionPathType.
type pathKind uint8

const (
	pathNone pathKind = iota
	pathFunc
	pathRelabel
	pathArray
	pathIO
)

// path finds how a type is converted to another (find_coercion_pathway).
func (b *binder) path(target, source uint32, ctx coercion) (pathKind, uint32) {
	if source == target {
		return pathRelabel, 0
	}
	if c, ok := b.reg.Cast(source, target); ok {
		need := implicit
		switch c.Context {
		case 'a':
			need = assignment
		case 'e':
			need = explicit
		}
		if ctx < need {
			return pathNone, 0
		}
		switch c.Method {
		case 'f':
			return pathFunc, c.Function
		case 'i':
			return pathIO, 0
		default:
			return pathRelabel, 0
		}
	}
	if target != sqltype.OIDOIDVector && target != sqltype.OIDInt2Vector {
		te, se := b.elem(target), b.elem(source)
		if te != 0 && se != 0 {
			if k, _ := b.path(te, se, ctx); k != pathNone {
				return pathArray, 0
			}
		}
	}
	if ctx >= assignment && b.category(target) == 'S' {
		return pathIO, 0
	}
	if ctx >= explicit && b.category(source) == 'S' {
		return pathIO, 0
	}
	return pathNone, 0
}

// canCoerce is can_coerce_type for a list of arguments.
func (b *binder) canCoerce(input, target []uint32, ctx coercion) bool {
	generic := false
	for i := range input {
		in, to := input[i], target[i]
		switch {
		case in == to || to == sqltype.OIDAny:
			continue
		case isPolymorphic(to):
			generic = true
			continue
		case in == sqltype.OIDUnknown:
			continue
		}
		if k, _ := b.path(to, in, ctx); k != pathNone {
			continue
		}
		if in == sqltype.OIDRecord && b.isComposite(to) || to == sqltype.OIDRecord && b.isComposite(in) {
			continue
		}
		if to == sqltype.OIDRecordArray && b.isComposite(b.elem(in)) || in == sqltype.OIDRecordArray && b.isComposite(b.elem(to)) {
			continue
		}
		return false
	}
	return !generic || b.genericConsistent(input, target)
}

func (b *binder) can(in, to uint32, ctx coercion) bool {
	return b.canCoerce([]uint32{in}, []uint32{to}, ctx)
}

// coerceTo is coerce_to_target_type: nil if there is no way.
func (b *binder) coerceTo(e plan.Expr, to sqltype.Type, ctx coercion, form plan.CallForm, loc int) plan.Expr {
	from := e.Type().OID
	if !b.can(from, to.OID, ctx) {
		return nil
	}
	if bare, c := uncollated(e); c != nil {
		if from == to.OID && e.Type().Typmod == to.Typmod {
			return e
		}
		return b.recollate(c, b.coerceTo(bare, to, ctx, form, loc))
	}
	r := b.coerce(e, to, ctx, form, loc)
	return b.coerceTypmod(r, to, ctx, form, loc)
}

// castLoc is the location of a coercion step: as exprLocation has it, the leftmost of the step's own and its argument's.
func (b *binder) castLoc(e plan.Expr, loc int) int { return leftmost(loc, b.loc(e)) }

func leftmost(x, y int) int {
	if x < 0 {
		return y
	}
	if y < 0 {
		return x
	}
	return min(x, y)
}

// literal converts an untyped literal to a type (stringTypeDatum), at parse time as PostgreSQL does.
func (b *binder) literal(c *plan.Const, t sqltype.Type, loc int) plan.Expr {
	// Interval reads its modifier while parsing; every other type gets its length applied afterwards.
	in := sqltype.Type{OID: t.OID, Typmod: -1}
	if t.OID == sqltype.OIDInterval {
		in.Typmod = t.Typmod
	}
	out := &plan.Const{T: in}
	l := b.loc(c)
	if c.Value.Null {
		out.Value = sqltype.NullValue()
	} else {
		info := in.Info()
		if b.isComposite(b.elem(t.OID)) {
			b.unsupported(l, "Use ARRAY[…] of rows.", "text input of type %s is not supported", b.typeName(t.OID))
		}
		if _, listed := sqltype.Lookup(t.OID); listed && !info.Implemented && info.TypType != 'p' {
			b.unsupported(l, "Cast the value to text.", "values of type %s are not supported", b.typeName(t.OID))
		}
		var v sqltype.Value
		var err error
		if b.isComposite(t.OID) {
			v, err = sqltype.ParseRow(c.Value.S, columnsOf(b.shapeOfType(t.OID)), b.values)
		} else {
			v, err = sqltype.ParseText(in, c.Value.S, b.values)
		}
		if e := pgerr.As(err); e != nil {
			b.fail(e.WithPosition(0), l) // the literal's place, not one inside of it
		} else if err != nil {
			b.failErr(err, l)
		}
		out.Value = v
	}
	if l < 0 {
		l = loc
	}
	return at(b, out, l)
}

// coerce is coerce_type; the caller knows that there is a way.
func (b *binder) coerce(e plan.Expr, to sqltype.Type, ctx coercion, form plan.CallForm, loc int) plan.Expr {
	from := e.Type().OID
	if from == to.OID {
		return e
	}
	switch to.OID {
	case sqltype.OIDAny, sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
		return e
	case sqltype.OIDAnyArray, sqltype.OIDAnyEnum, sqltype.OIDAnyRange, sqltype.OIDAnyMultirange, sqltype.OIDAnyCompatibleArray,
		sqltype.OIDAnyCompatibleRange, sqltype.OIDAnyCompatibleMultirange:
		if from != sqltype.OIDUnknown {
			return e
		}
	}
	if bare, c := uncollated(e); c != nil {
		return b.recollate(c, b.coerce(bare, to, ctx, form, loc))
	}
	if from == sqltype.OIDUnknown {
		switch c := e.(type) {
		case *plan.Const:
			return b.literal(c, to, loc)
		case *plan.Param:
			if r, ok := b.coerceParam(c, to.OID, loc); ok {
				return r
			}
		}
	}
	kind, fn := b.path(to.OID, from, ctx)
	switch kind {
	case pathRelabel:
		return at(b, &plan.Cast{Arg: e, T: sqltype.Of(to.OID), Method: plan.CastRelabel, Explicit: form == plan.FormExplicitCast}, b.castLoc(e, loc))
	case pathFunc:
		return b.castCall(e, fn, to, ctx, form, loc)
	case pathIO:
		return at(b, &plan.Cast{Arg: e, T: sqltype.Of(to.OID), Method: plan.CastIO, Row: b.shapeOfType(to.OID), Explicit: form == plan.FormExplicitCast}, b.castLoc(e, loc))
	case pathArray:
		return b.arrayCast(e, to, ctx, form, loc)
	}
	if b.isRow(from) && b.isRow(to.OID) {
		return b.rowCast(e, to, ctx, loc)
	}
	if to.OID == sqltype.OIDRecordArray || from == sqltype.OIDRecordArray {
		return e
	}
	if from == sqltype.OIDUnknown {
		// An expression of type unknown that is no literal (a column of an input of a set operation) goes through text.
		return at(b, &plan.Cast{Arg: e, T: sqltype.Of(to.OID), Method: plan.CastIO}, b.castLoc(e, loc))
	}
	b.fail(pgerr.Internal("failed to find conversion function from %s to %s", b.typeName(from), b.typeName(to.OID)), loc)
	return nil
}

// castCall calls a cast's function (build_coercion_expression): a second argument is the modifier, a third says whether
// the cast is explicit.
func (b *binder) castCall(e plan.Expr, oid uint32, to sqltype.Type, ctx coercion, form plan.CallForm, loc int) plan.Expr {
	fn := b.reg.FunctionByOID(oid)
	if fn == nil {
		b.fail(pgerr.Internal("cast function %d does not exist", oid), loc)
	}
	b.needKernel(fn, loc)
	// The result is of the target type also where the function gives a type of the same representation (oid for regclass).
	call := &plan.Call{Fn: fn, T: sqltype.Of(to.OID), Form: form}
	args := []plan.Expr{e}
	if len(fn.Args) >= 2 {
		args = append(args, &plan.Const{T: sqltype.Of(sqltype.OIDInt4), Value: sqltype.Int(int64(to.Typmod))})
		call.T.Typmod = to.Typmod
	}
	if len(fn.Args) >= 3 {
		args = append(args, &plan.Const{T: sqltype.Of(sqltype.OIDBool), Value: sqltype.Bool(ctx == explicit)})
	}
	// The function may take a type that the source is binary compatible with.
	if e.Type().OID != fn.Args[0] && b.binaryCompatible(e.Type().OID, fn.Args[0]) {
		args[0] = at(b, &plan.Cast{Arg: e, T: sqltype.Of(fn.Args[0]), Method: plan.CastRelabel}, b.loc(e))
	}
	call.Args = args
	if held := sqltype.Of(fn.Result); held.Kind() != call.T.Kind() {
		// smallint goes to oid through int4(smallint): the same bits in PostgreSQL, two forms here, and the kernel writes its own.
		target := call.T
		call.T = held
		return at(b, &plan.Cast{Arg: at(b, call, b.castLoc(e, loc)), T: target, Method: plan.CastRelabel, Explicit: form == plan.FormExplicitCast}, b.castLoc(e, loc))
	}
	return at(b, call, b.castLoc(e, loc))
}

func (b *binder) binaryCompatible(from, to uint32) bool {
	c, ok := b.reg.Cast(from, to)
	return ok && c.Method == 'b'
}

// arrayCast converts element by element; the element's conversion includes its length.
func (b *binder) arrayCast(e plan.Expr, to sqltype.Type, ctx coercion, form plan.CallForm, loc int) plan.Expr {
	se, te := b.elem(e.Type().OID), b.elem(to.OID)
	cv := &plan.CaseValue{T: sqltype.Of(se)}
	if b.elem(e.Type().OID) == te || se == te {
		cv.T.Typmod = e.Type().Typmod
	}
	conv := b.coerce(cv, sqltype.Type{OID: te, Typmod: to.Typmod}, ctx, form, loc)
	conv = b.coerceTypmod(conv, sqltype.Type{OID: te, Typmod: to.Typmod}, ctx, form, loc)
	t := sqltype.Type{OID: to.OID, Typmod: to.Typmod}
	return at(b, &plan.Cast{Arg: e, T: t, Method: plan.CastArray, Elem: conv, Explicit: form == plan.FormExplicitCast}, b.castLoc(e, loc))
}

// coerceTypmod makes a value fit the modifier (coerce_type_typmod).
func (b *binder) coerceTypmod(e plan.Expr, to sqltype.Type, ctx coercion, form plan.CallForm, loc int) plan.Expr {
	if e.Type().Typmod == to.Typmod || e.Type().OID != to.OID {
		return e
	}
	if to.Typmod < 0 || !b.hasTypmodCast(to.OID) {
		return at(b, &plan.Cast{Arg: e, T: to, Method: plan.CastRelabel, Explicit: form == plan.FormExplicitCast}, b.castLoc(e, loc))
	}
	if el := b.elem(to.OID); el != 0 {
		cv := &plan.CaseValue{T: sqltype.Of(el)}
		conv := b.coerceTypmod(cv, sqltype.Type{OID: el, Typmod: to.Typmod}, ctx, form, loc)
		return at(b, &plan.Cast{Arg: e, T: to, Method: plan.CastArray, Elem: conv, Explicit: ctx == explicit}, b.castLoc(e, loc))
	}
	return at(b, &plan.Cast{Arg: e, T: to, Method: plan.CastTypmod, Explicit: ctx == explicit}, b.castLoc(e, loc))
}

// hasTypmodCast is find_typmod_coercion_function: pg_cast has a cast from the type to itself.
func (b *binder) hasTypmodCast(oid uint32) bool {
	if el := b.elem(oid); el != 0 {
		oid = el
	}
	c, ok := b.reg.Cast(oid, oid)
	return ok && c.Function != 0
}

// rowCast converts between record and composite types.
func (b *binder) rowCast(e plan.Expr, to sqltype.Type, ctx coercion, loc int) plan.Expr {
	if to.OID == sqltype.OIDRecord {
		return e // a row of a named type is a record as it is
	}
	from, known := b.fieldsOf(e)
	want, _ := b.fieldsOf(&plan.Const{T: to})
	row, isRow := e.(*plan.RowExpr)
	fail := func(detail string, args ...any) {
		b.fail(pgerr.Newf(pgerr.CannotCoerce, "cannot cast type %s to %s", b.typeName(e.Type().OID), b.typeName(to.OID)).WithDetail(detail, args...), loc)
	}
	if !known || (!isRow && e.Type().OID != sqltype.OIDRecord) {
		b.failf(pgerr.CannotCoerce, loc, "cannot cast type %s to %s", b.typeName(e.Type().OID), b.typeName(to.OID))
	}
	out := &plan.RowExpr{T: to}
	for i, w := range want {
		if i == len(from) {
			fail("Input has too few columns.")
		}
		var f plan.Expr
		if isRow {
			f = row.Fields[i]
		} else {
			f = at(b, &plan.Field{Arg: e, Index: i, Name: from[i].name, T: from[i].typ}, b.loc(e))
		}
		c := b.coerceTo(f, w.typ, ctx, plan.FormImplicitCast, b.loc(f))
		if c == nil {
			fail("Cannot cast type %s to %s in column %d.", b.typeName(f.Type().OID), b.typeName(w.typ.OID), i+1)
		}
		out.Fields, out.Names = append(out.Fields, c), append(out.Names, w.name)
	}
	if len(from) > len(want) {
		fail("Input has too many columns.")
	}
	return at(b, out, b.castLoc(e, loc))
}

// boolean is coerce_to_boolean.
func (b *binder) boolean(e plan.Expr, what string) plan.Expr {
	if e.Type().OID != sqltype.OIDBool {
		from := e.Type().OID
		r := b.coerceTo(e, sqltype.Of(sqltype.OIDBool), assignment, plan.FormImplicitCast, -1)
		if r == nil {
			b.failf(pgerr.DatatypeMismatch, b.loc(e), "argument of %s must be type %s, not type %s", what, "boolean", b.typeName(from))
		}
		e = r
	}
	if b.returnsSet(e) {
		b.failf(pgerr.DatatypeMismatch, b.loc(e), "argument of %s must not return a set", what)
	}
	return e
}

// specific is coerce_to_specific_type.
func (b *binder) specific(e plan.Expr, oid uint32, what string) plan.Expr {
	if e.Type().OID != oid {
		r := b.coerceTo(e, sqltype.Of(oid), assignment, plan.FormImplicitCast, -1)
		if r == nil {
			b.failf(pgerr.DatatypeMismatch, b.loc(e), "argument of %s must be type %s, not type %s", what, b.typeName(oid), b.typeName(e.Type().OID))
		}
		e = r
	}
	if b.returnsSet(e) {
		b.failf(pgerr.DatatypeMismatch, b.loc(e), "argument of %s must not return a set", what)
	}
	return e
}

// returnsSet is expression_returns_set.
func (b *binder) returnsSet(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		switch c := e.(type) {
		case *plan.Call:
			if c.Fn.RetSet {
				found = true
			}
		case *plan.Subquery:
			return false
		}
		return !found
	})
	return found
}

// needKernel refuses functions that the catalog lists and no code computes.
func (b *binder) needKernel(fn *builtin.Function, loc int) {
	if fn.Kernel != "" || b.opts.ListUnimplemented {
		return
	}
	b.unsupported(loc, "The function exists in PostgreSQL but has no implementation in this server.",
		"function %s is not supported", b.signature(fn.Name, nil, fn.Args))
}
