package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// byteOrder lists the collations that sort by bytes, as everything here does; COLLATE with one of them changes no order.
func byteOrder(schema, name string) bool {
	if schema != "" && schema != "pg_catalog" {
		return false
	}
	switch name {
	case "C", "POSIX", "default", "C.utf8", "ucs_basic":
		return true
	}
	return false
}

// collate is transformCollateClause. The clause stays in the tree while the statement is bound: it makes an expression another
// one (ORDER BY of a DISTINCT), and says which collations meet (collationderive.go).
func (b *binder) collate(s *scope, x *pg_query.CollateClause) plan.Expr {
	arg := b.expr(s, x.Arg)
	loc := int(x.Location)
	if oid := arg.Type().OID; oid != sqltype.OIDUnknown && arg.Type().Info().Collation == 0 {
		b.failf(pgerr.DatatypeMismatch, loc, "collations are not supported by type %s", b.typeName(oid))
	}
	names := stringsOf(x.Collname)
	schema, name := "", names[len(names)-1]
	if len(names) > 1 {
		schema = names[len(names)-2]
	}
	if !byteOrder(schema, name) {
		if schema != "" && schema != "pg_catalog" && b.findSchema(schema, true) == nil {
			b.failf(pgerr.InvalidSchemaName, loc, `schema "%s" does not exist`, schema)
		}
		if (schema == "" || schema == "pg_catalog") && strings.HasSuffix(name, "-x-icu") {
			b.unsupported(loc, `Text is ordered by bytes: use the collation "C".`, `collation "%s" is not supported`, name)
		}
		b.failf(pgerr.UndefinedObject, loc, `collation "%s" for encoding "UTF8" does not exist`, joinNames(names))
	}
	b.collated = true
	return b.collateAs(arg, name, loc)
}

func (b *binder) collateAs(arg plan.Expr, name string, loc int) plan.Expr {
	return at(b, &plan.Cast{Arg: arg, T: arg.Type(), Method: plan.CastRelabel, Explicit: true, Collate: name, CollateAt: loc}, b.loc(arg))
}

// uncollated takes COLLATE clauses off an expression.
func uncollated(e plan.Expr) (plan.Expr, *plan.Cast) {
	var outer *plan.Cast
	for {
		c, ok := e.(*plan.Cast)
		if !ok || c.Collate == "" {
			return e, outer
		}
		if outer == nil {
			outer = c
		}
		e = c.Arg
	}
}

// recollate puts a COLLATE clause over what a coercion made of its argument; types without collations lose it.
func (b *binder) recollate(c *plan.Cast, e plan.Expr) plan.Expr {
	if e == nil || e.Type().Info().Collation == 0 {
		return e
	}
	return b.collateAs(e, c.Collate, c.CollateAt)
}

// settleCollations derives all collations, for the errors, answers pg_collation_for and takes the clauses out of the plan.
// Statements without COLLATE have nothing that could conflict.
func (b *binder) settleCollations(root plan.Node) plan.Node {
	if !b.collated {
		return root
	}
	d := &derivation{b: b, cols: map[plan.ColID]derived{}, asked: map[plan.Expr]*plan.Const{}}
	d.node(root)
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e plan.Expr) plan.Expr { return d.strip(e) })
	})
}

// strip takes the clauses out of an expression, from the outside in: what was asked is found by the expression itself.
func (d *derivation) strip(e plan.Expr) plan.Expr {
	if e == nil {
		return nil
	}
	if c, ok := d.asked[e]; ok {
		return c
	}
	bare, _ := uncollated(e)
	ops := bare.Operands()
	if len(ops) == 0 {
		return bare
	}
	out := make([]plan.Expr, len(ops))
	for i, o := range ops {
		out[i] = d.strip(o)
	}
	return bare.WithOperands(out)
}
