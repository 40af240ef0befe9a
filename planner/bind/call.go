package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// callSite is what a call is besides its name and arguments (the FuncCall of ParseFuncOrColumn).
type callSite struct {
	fc  *pg_query.FuncCall // nil: no decoration
	loc int
}

// funcCall binds a function call.
func (b *binder) funcCall(s *scope, fc *pg_query.FuncCall) plan.Expr {
	loc := int(fc.Location)
	name := stringsOf(fc.Funcname)
	var args []plan.Expr
	var argNames []string
	seen := map[string]bool{}
	for _, a := range fc.Args {
		if p := a.GetParamRef(); p != nil && !fc.AggWithinGroup && b.isVoidParam(int(p.Number)) {
			continue // pgjdbc's CallableStatement: the place of the result stands among the arguments (ParseFuncOrColumn)
		}
		if na := a.GetNamedArgExpr(); na != nil {
			if seen[na.Name] {
				b.failf(pgerr.SyntaxError, int(na.Location), `argument name "%s" used more than once`, na.Name)
			}
			seen[na.Name] = true
			args = append(args, b.expr(s, na.Arg))
			argNames = append(argNames, na.Name)
			continue
		}
		e := b.expr(s, a)
		if len(argNames) > 0 {
			b.failf(pgerr.SyntaxError, b.loc(e), "positional argument cannot follow named argument")
		}
		args = append(args, e)
	}
	if fc.AggWithinGroup {
		for _, o := range fc.AggOrder {
			args = append(args, b.expr(s, o.GetSortBy().Node))
		}
	}
	var filter plan.Expr
	if fc.AggFilter != nil {
		filter = b.where(s, fc.AggFilter, kindFilter, "FILTER")
	}
	return b.call(s, name, args, argNames, filter, callSite{fc: fc, loc: loc})
}

// call is ParseFuncOrColumn.
func (b *binder) call(s *scope, name []string, args []plan.Expr, argNames []string, filter plan.Expr, site callSite) plan.Expr {
	fc, loc := site.fc, site.loc
	plain := fc == nil || (!fc.AggStar && !fc.AggDistinct && !fc.AggWithinGroup && len(fc.AggOrder) == 0 && fc.AggFilter == nil && fc.Over == nil && !fc.FuncVariadic)
	shown := joinNames(name)
	types := make([]uint32, len(args))
	for i, a := range args {
		types[i] = a.Type().OID
	}
	if len(args) > 100 {
		b.failf(pgerr.TooManyArguments, loc, "cannot pass more than %d arguments to a function", 100)
	}
	variadicCall := fc != nil && fc.FuncVariadic
	mayProject := plain && len(args) == 1 && len(name) == 1 && len(argNames) == 0 && b.isRow(types[0])

	fns := b.functions(name, loc)
	cands := b.callCandidates(fns, len(args), argNames, !variadicCall)
	var best *candidate
	for i := range cands {
		same := true
		for j, t := range types {
			if cands[i].args[j] != t {
				same = false
				break
			}
		}
		if same {
			best = &cands[i]
			break
		}
	}
	multiple := false
	if best == nil {
		if len(args) == 1 && len(argNames) == 0 {
			if t, ok := b.functionAsType(name, loc); ok && b.castByCall(args[0], t.OID) {
				if plain {
					return b.coerce(args[0], sqltype.Of(t.OID), explicit, plan.FormFunction, loc)
				}
			}
		}
		m := b.matching(types, cands)
		switch len(m) {
		case 0:
		case 1:
			best = &m[0]
		default:
			best = b.bestCandidate(types, m)
			multiple = best == nil
		}
	}
	if best != nil && best.ambiguous {
		best, multiple = nil, true
	}
	if best == nil {
		if mayProject {
			if e := b.rowField(args[0], name[0], loc); e != nil {
				return e
			}
		}
		sig := b.signature(shown, argNames, types)
		if multiple {
			b.fail(pgerr.Newf(pgerr.AmbiguousFunction, "function %s is not unique", sig).
				WithHint("Could not choose a best candidate function. You might need to add explicit type casts."), loc)
		}
		err := pgerr.Newf(pgerr.UndefinedFunction, "function %s does not exist", sig)
		if fc != nil && len(fc.AggOrder) > 1 && !fc.AggWithinGroup {
			b.fail(err.WithHint("No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate."), loc)
		}
		b.fail(err.WithHint("No function matches the given name and argument types. You might need to add explicit type casts."), loc)
	}
	fn := best.fn
	b.checkDecorations(fn, fc, args, argNames, types, shown, loc)

	// Arguments in the function's own order, with defaults.
	declared := append([]uint32(nil), best.args...)
	actual := append([]uint32(nil), types...)
	all := append([]plan.Expr(nil), args...)
	if best.defaults > 0 {
		all, actual = b.addDefaults(fn, best, all, actual, loc)
	}
	result := b.resolvePoly(actual, declared, fn.Result, false)
	for i := range all {
		all[i] = b.argument(all[i], declared[i])
	}
	if best.order != nil {
		placed := make([]plan.Expr, len(all))
		for i, o := range best.order {
			placed[o] = all[i]
		}
		all = placed
	}
	if variadicCall {
		last := all[len(all)-1].Type().OID
		if fn.Variadic == sqltype.OIDAny && b.elem(last) == 0 && last != sqltype.OIDAnyArray {
			b.failf(pgerr.DatatypeMismatch, b.loc(all[len(all)-1]), "VARIADIC argument must be an array")
		}
	}
	if best.variadic > 0 && fn.Variadic != sqltype.OIDAny && !variadicCall {
		n := len(all) - best.variadic
		elems := all[n:]
		et := elems[0].Type().OID
		at2 := b.arrayOf(et)
		if at2 == 0 {
			b.failf(pgerr.UndefinedObject, b.loc(elems[0]), "could not find array type for data type %s", b.typeName(et))
		}
		arr := at(b, &plan.ArrayExpr{Elems: elems, T: sqltype.Of(at2)}, b.loc(elems[0]))
		all = append(append([]plan.Expr(nil), all[:n]...), arr)
	}
	t := sqltype.Of(result)
	switch {
	case fn.Kind == 'a' || (fn.Kind == 'w'):
		b.needKernel(fn, loc)
		if fc != nil && fc.Over != nil {
			return b.windowCall(s, fn, all, filter, fc, t, loc, len(args) == 0)
		}
		return b.aggregate(s, fn, all, filter, fc, t, loc)
	}
	b.needKernel(fn, loc)
	if fn.RetSet {
		b.checkSetPlacement(s, loc)
		s.lastSet++
	}
	form := plan.FormFunction
	if fc != nil && fc.Funcformat == pg_query.CoercionForm_COERCE_SQL_SYNTAX {
		form = plan.FormSQLSyntax
	}
	call := &plan.Call{Fn: fn, Args: all, T: t, Form: form, VariadicArray: variadicCall, Rows: b.shapes(all)}
	if rowTypeCall(fn.Source) {
		call.Result = b.shapeOfType(t.OID)
	}
	where := loc
	for _, a := range args {
		where = leftmost(where, b.loc(a))
	}
	return at(b, call, where)
}

// addDefaults appends the defaults of the arguments that the call leaves out.
func (b *binder) addDefaults(fn *builtin.Function, c *candidate, args []plan.Expr, actual []uint32, loc int) ([]plan.Expr, []uint32) {
	first := len(fn.Args) - len(fn.Defaults)
	for i := len(args); i < len(fn.Args); i++ {
		place := i
		if c.order != nil {
			place = c.order[i]
		}
		e := b.defaultValue(fn.Defaults[place-first], fn.Args[place], loc)
		args = append(args, e)
		actual = append(actual, e.Type().OID)
	}
	return args, actual
}

// functionAsType is FuncNameAsType: a function name that is a type's.
func (b *binder) functionAsType(name []string, loc int) (sqltype.Type, bool) {
	if len(name) > 3 {
		return sqltype.Type{}, false
	}
	t, ok := b.lookupType(name, loc)
	if !ok || b.isComposite(t.OID) {
		return sqltype.Type{}, false
	}
	return t, true
}

// castByCall says whether type(x) is a cast (func_get_detail).
func (b *binder) castByCall(arg plan.Expr, target uint32) bool {
	source := arg.Type().OID
	if _, ok := arg.(*plan.Const); ok && source == sqltype.OIDUnknown {
		return true
	}
	switch k, _ := b.path(target, source, explicit); k {
	case pathRelabel:
		return true
	case pathIO:
		return !(b.isRow(source) && b.category(target) == 'S')
	}
	return false
}

// checkDecorations refuses FILTER, OVER and their kin where they do not belong.
func (b *binder) checkDecorations(fn *builtin.Function, fc *pg_query.FuncCall, args []plan.Expr, argNames []string, types []uint32, shown string, loc int) {
	wrong := func(format string, a ...any) { b.failf(pgerr.WrongObjectType, loc, format, a...) }
	if fc == nil {
		switch fn.Kind {
		case 'p':
			b.fail(pgerr.Newf(pgerr.WrongObjectType, "%s is a procedure", b.signature(shown, argNames, types)).WithHint("To call a procedure, use CALL."), loc)
		case 'w':
			b.failf(pgerr.WrongObjectType, loc, "window function %s requires an OVER clause", shown)
		}
		return
	}
	switch fn.Kind {
	case 'p':
		b.fail(pgerr.Newf(pgerr.WrongObjectType, "%s is a procedure", b.signature(shown, argNames, types)).WithHint("To call a procedure, use CALL."), loc)
	case 'f':
		switch {
		case fc.AggStar:
			wrong("%s(*) specified, but %s is not an aggregate function", shown, shown)
		case fc.AggDistinct:
			wrong("DISTINCT specified, but %s is not an aggregate function", shown)
		case fc.AggWithinGroup:
			wrong("WITHIN GROUP specified, but %s is not an aggregate function", shown)
		case len(fc.AggOrder) > 0:
			wrong("ORDER BY specified, but %s is not an aggregate function", shown)
		case fc.AggFilter != nil:
			wrong("FILTER specified, but %s is not an aggregate function", shown)
		case fc.Over != nil:
			wrong("OVER specified, but %s is not a window function nor an aggregate function", shown)
		}
	case 'w':
		if fc.Over == nil {
			b.failf(pgerr.WrongObjectType, loc, "window function %s requires an OVER clause", shown)
		}
		if fc.AggWithinGroup {
			wrong("window function %s cannot have WITHIN GROUP", shown)
		}
	case 'a':
		b.checkOrderedSet(fn, fc, args, argNames, types, shown, loc)
	}
}

// checkOrderedSet checks WITHIN GROUP against the kind of the aggregate.
func (b *binder) checkOrderedSet(fn *builtin.Function, fc *pg_query.FuncCall, args []plan.Expr, argNames []string, types []uint32, shown string, loc int) {
	agg := b.reg.Aggregate(fn.OID)
	if agg == nil {
		b.fail(pgerr.Internal("aggregate %s has no entry", shown), loc)
	}
	if agg.Kind == 'n' {
		if fc.AggWithinGroup {
			b.failf(pgerr.WrongObjectType, loc, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", shown)
		}
		return
	}
	if !fc.AggWithinGroup {
		b.failf(pgerr.WrongObjectType, loc, "WITHIN GROUP is required for ordered-set aggregate %s", shown)
	}
	if fc.Over != nil {
		b.failf(pgerr.FeatureNotSupported, loc, "OVER is not supported for ordered-set aggregate %s", shown)
	}
	direct := len(args) - len(fc.AggOrder)
	missing := func(format string, a ...any) {
		b.fail(pgerr.Newf(pgerr.UndefinedFunction, "function %s does not exist", b.signature(shown, argNames, types)).WithHint(format, a...), loc)
	}
	if fn.Variadic == 0 {
		if direct != agg.DirectArgs {
			missing("There is an ordered-set aggregate %s, but it requires %d direct arguments, not %d.", shown, agg.DirectArgs, direct)
		}
		return
	}
	if agg.Kind == 'h' {
		// A hypothetical-set aggregate takes as many direct arguments as there are sort columns.
		if direct != len(fc.AggOrder) {
			missing("To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments (here %d) must match the number of ordering columns (here %d).", shown, direct, len(fc.AggOrder))
		}
		return
	}
	if direct < agg.DirectArgs {
		missing("There is an ordered-set aggregate %s, but it requires at least %d direct arguments.", shown, agg.DirectArgs)
	}
}

// checkSetPlacement is check_srf_call_placement.
func (b *binder) checkSetPlacement(s *scope, loc int) {
	switch s.kind {
	case kindSelectTarget:
		s.hasSets = true
	case kindOrderBy, kindGroupBy, kindDistinctOn:
		s.hasSets = true
	case kindFromFunction:
	case kindOther, kindNone:
		b.failf(pgerr.FeatureNotSupported, loc, "set-valued function called in context that cannot accept a set")
	case kindJoinOn, kindJoinUsing:
		b.failf(pgerr.FeatureNotSupported, loc, "set-returning functions are not allowed in JOIN conditions")
	case kindWindowPartition, kindWindowOrder:
		s.hasSets = true
	case kindFrameRange, kindFrameRows, kindFrameGroups:
		b.failf(pgerr.FeatureNotSupported, loc, "set-returning functions are not allowed in window definitions")
	case kindExecute:
		b.failf(pgerr.FeatureNotSupported, loc, "set-returning functions are not allowed in EXECUTE parameters")
	default:
		b.failf(pgerr.FeatureNotSupported, loc, "set-returning functions are not allowed in %s", s.kind)
	}
}

// outFields lists the fields of a call's record: its OUT arguments.
func (b *binder) outFields(c *plan.Call) ([]field, bool) {
	fn := c.Fn
	if fn.ArgModes == "" || c.T.OID != sqltype.OIDRecord {
		return nil, false
	}
	var decl, actual []uint32
	for i, t := range fn.Args {
		decl = append(decl, t)
		if i < len(c.Args) {
			actual = append(actual, c.Args[i].Type().OID)
		}
	}
	var out []field
	n := 0
	for i, m := range []byte(fn.ArgModes) {
		if m != 'o' && m != 'b' && m != 't' {
			continue
		}
		n++
		t := fn.AllArgs[i]
		if isPolymorphic(t) {
			t = b.resolvePoly(actual, append([]uint32(nil), decl...), t, true)
		}
		name := ""
		if i < len(fn.ArgNames) {
			name = fn.ArgNames[i]
		}
		if name == "" {
			name = "column" + itoa(n)
		}
		out = append(out, field{name: name, typ: sqltype.Of(t)})
	}
	return out, len(out) > 0
}

// rowField is ParseComplexProjection: a field of a row value by name, nil if it has none.
func (b *binder) rowField(row plan.Expr, name string, loc int) plan.Expr {
	fields, ok := b.fieldsOf(row)
	if !ok {
		return nil
	}
	for _, anyCase := range []bool{false, true} {
		for i, f := range fields {
			if !matches(f.name, f.folded, name, anyCase) {
				continue
			}
			if r, isRow := row.(*plan.RowExpr); isRow && r.Whole {
				// A field of a FROM item is its column.
				if c, isCol := r.Fields[i].(*plan.ColRef); isCol {
					return at(b, &plan.ColRef{ID: c.ID, T: c.T, Name: c.Name, Qualifier: c.Qualifier}, loc)
				}
			}
			l := b.loc(row)
			return at(b, &plan.Field{Arg: row, Index: i, Name: f.name, T: f.typ}, l)
		}
	}
	return nil
}

// projection is item.name where the item has no such column: a function over the row, as func(item).
func (b *binder) projection(s *scope, name string, row plan.Expr, loc int) plan.Expr {
	fns := b.functions([]string{name}, loc)
	for _, c := range b.callCandidates(fns, 1, nil, true) {
		if b.canCoerce([]uint32{row.Type().OID}, c.args[:1], implicit) {
			return b.call(s, []string{name}, []plan.Expr{row}, nil, nil, callSite{loc: loc})
		}
	}
	return nil
}
