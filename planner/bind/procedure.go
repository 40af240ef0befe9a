package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// procedure refuses CALL. There are no procedures, so it ends as PostgreSQL's look-up of one does.
func (b *binder) procedure(fc *pg_query.FuncCall) {
	s := &scope{kind: kindOther, resolveUnknown: true}
	loc := int(fc.Location)
	name := stringsOf(fc.Funcname)
	var types []uint32
	var argNames []string
	for _, a := range fc.Args {
		if na := a.GetNamedArgExpr(); na != nil {
			argNames = append(argNames, na.Name)
			a = na.Arg
		}
		types = append(types, b.expr(s, a).Type().OID)
	}
	sig := b.signature(joinNames(name), argNames, types)
	cands := b.callCandidates(b.functions(name, loc), len(types), argNames, true)
	if len(b.matching(types, cands)) > 0 {
		b.fail(pgerr.Newf(pgerr.WrongObjectType, "%s is not a procedure", sig).WithHint("To call a function, use SELECT."), loc)
	}
	b.fail(pgerr.Newf(pgerr.UndefinedFunction, "procedure %s does not exist", sig).
		WithHint("No procedure matches the given name and argument types. You might need to add explicit type casts."), loc)
}

// constraintsExist checks the names of SET CONSTRAINTS. The only constraints are primary keys, which are never deferrable.
func (b *binder) constraintsExist(x *pg_query.ConstraintsSetStmt) {
	for _, c := range x.Constraints {
		rv := c.GetRangeVar()
		if rel := b.findRelation(rv.Schemaname, rv.Relname, true, true); rel != nil && rel.Index != nil {
			b.failf(pgerr.WrongObjectType, -1, `constraint "%s" is not deferrable`, rv.Relname)
		}
		b.failf(pgerr.UndefinedObject, -1, `constraint "%s" does not exist`, rv.Relname)
	}
}
