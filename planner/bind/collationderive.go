package bind

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// strength says how a collation was derived, weakest first (CollateStrength of parse_collate.c).
type strength uint8

const (
	strengthNone strength = iota
	strengthImplicit
	strengthConflict // of implicit ones
	strengthExplicit
)

// derived is the collation of an expression, or what the arguments of one have in common.
type derived struct {
	name     string // empty where there is none
	strength strength
	loc      int
	other    string // of a conflict: the second collation, and where it stands
	otherLoc int
	// inner: a column made inside of its query level, which keeps an explicit collation.
	inner bool
}

const defaultCollation = "default"

// merge adds what one argument has (merge_collation_state). Explicit collations must not differ.
func (b *binder) merge(ctx *derived, in derived) {
	switch {
	case in.strength > ctx.strength:
		*ctx = in
		ctx.inner = false
	case in.strength < ctx.strength || in.name == ctx.name:
	case in.strength == strengthExplicit:
		b.failf(pgerr.CollationMismatch, in.loc, `collation mismatch between explicit collations "%s" and "%s"`, ctx.name, in.name)
	case in.strength == strengthImplicit && ctx.name == defaultCollation:
		ctx.name, ctx.loc = in.name, in.loc
	case in.strength == strengthImplicit && in.name != defaultCollation:
		ctx.strength, ctx.other, ctx.otherLoc = strengthConflict, in.name, in.loc
	}
}

// saved is what a node remembers of a derivation: a conflict leaves it without a collation.
func (c derived) saved() derived {
	if c.strength == strengthConflict || c.name == "" {
		return derived{loc: c.loc}
	}
	return c
}

// implied is how a column of an inner query is seen from outside.
func (c derived) implied(loc int) derived {
	c = c.saved()
	if c.name == "" {
		return derived{loc: loc}
	}
	return derived{name: c.name, strength: strengthImplicit, loc: loc}
}

// derivation walks a bound plan from its inputs up, as assign_query_collations walks queries.
type derivation struct {
	b     *binder
	cols  map[plan.ColID]derived
	cases []derived                 // what a CaseValue stands for
	asked map[plan.Expr]*plan.Const // calls of pg_collation_for and their answers
}

func (d *derivation) ofType(t sqltype.Type, loc int) derived {
	switch t.Info().Collation {
	case 0:
		return derived{loc: loc}
	case sqltype.Of(sqltype.OIDName).Info().Collation:
		return derived{name: "C", strength: strengthImplicit, loc: loc}
	default:
		return derived{name: defaultCollation, strength: strengthImplicit, loc: loc}
	}
}

// of derives an expression by itself.
func (d *derivation) of(e plan.Expr) derived {
	loc := d.b.loc(e)
	switch x := e.(type) {
	case nil:
		return derived{}
	case *plan.ColRef:
		c, known := d.cols[x.ID]
		switch {
		case !known:
			return d.ofType(x.T, loc)
		case c.inner, d.b.branches[x.ID]:
			return c
		}
		return c.implied(loc)
	case *plan.CaseValue:
		if len(d.cases) > 0 {
			return d.cases[len(d.cases)-1].implied(loc)
		}
		return d.ofType(x.T, loc)
	case *plan.Cast:
		if x.Collate != "" {
			d.of(x.Arg)
			return derived{name: x.Collate, strength: strengthExplicit, loc: x.CollateAt}
		}
	case *plan.Case:
		return d.ofCase(x)
	case *plan.NullIf:
		ctx := d.among(x.Left, x.Right)
		d.need(ctx, stringComparison, x.Left, x.Right)
		return d.result(e, ctx)
	case *plan.RowExpr:
		for _, f := range x.Fields {
			d.of(f)
		}
		return derived{loc: loc}
	case *plan.RowCompare:
		for i := range x.Left {
			d.need(d.among(x.Left[i], x.Right[i]), stringComparison, x.Left[i], x.Right[i])
		}
		return derived{loc: loc}
	case *plan.Field:
		d.of(x.Arg)
		return d.ofType(x.T, loc)
	case *plan.Subscript:
		for _, s := range append(append([]plan.Expr{}, x.Lower...), x.Upper...) {
			if s != nil {
				d.of(s)
			}
		}
		return d.result(e, d.among(x.Arg))
	case *plan.Subquery:
		return d.ofSubquery(x)
	}
	ops := e.Operands()
	if len(ops) == 0 {
		return d.ofType(e.Type(), loc)
	}
	ctx := d.among(ops...)
	d.needed(e, ctx)
	return d.result(e, ctx)
}

// among is what expressions have in common.
func (d *derivation) among(es ...plan.Expr) derived {
	ctx := derived{loc: -1}
	for _, e := range es {
		if e != nil {
			d.b.merge(&ctx, d.of(e))
		}
	}
	return ctx
}

// result is the collation of a node whose arguments have ctx in common.
func (d *derivation) result(e plan.Expr, ctx derived) derived {
	t := d.ofType(e.Type(), d.b.loc(e))
	if t.name == "" || ctx.strength == strengthNone {
		return t
	}
	return ctx
}

func (d *derivation) ofCase(x *plan.Case) derived {
	if x.Arg != nil {
		d.cases = append(d.cases, d.of(x.Arg))
		defer func() { d.cases = d.cases[:len(d.cases)-1] }()
	}
	ctx := derived{loc: -1}
	for _, w := range x.Whens {
		d.b.merge(&ctx, d.of(w.Cond))
		d.b.merge(&ctx, d.of(w.Result))
	}
	d.b.merge(&ctx, d.of(x.Else))
	return d.result(x, ctx)
}

func (d *derivation) ofSubquery(x *plan.Subquery) derived {
	d.node(x.Plan)
	if x.Test != nil {
		d.of(x.Test)
	}
	cols := x.Plan.Columns()
	if x.Kind != plan.Scalar && x.Kind != plan.Array || len(cols) == 0 {
		return derived{loc: d.b.loc(x)}
	}
	c, known := d.cols[cols[0].ID]
	if !known {
		return d.ofType(x.T, d.b.loc(x))
	}
	return c.implied(d.b.loc(x))
}

const stringComparison = "string comparison"

// need refuses arguments whose collation is not known to an operation that orders or folds by it. PostgreSQL finds out when the
// first row is there.
func (d *derivation) need(ctx derived, what string, es ...plan.Expr) {
	if ctx.saved().name != "" {
		return
	}
	for _, e := range es {
		if i := e.Type().Info(); i.Collation != 0 && !i.IsArray {
			d.b.fail(pgerr.Newf(pgerr.IndeterminateCollation, "could not determine which collation to use for %s", what).
				WithHint("Use the COLLATE clause to set the collation explicitly."), -1)
		}
	}
}

// needed is need for the functions that ask for their collation.
func (d *derivation) needed(e plan.Expr, ctx derived) {
	switch x := e.(type) {
	case *plan.DistinctTest, *plan.MinMax:
		d.need(ctx, stringComparison, e.Operands()...)
	case *plan.ArrayOp:
		if what := collationUse(x.Fn.Name); what != "" {
			d.need(ctx, what, x.Left)
		}
	case *plan.Call:
		if x.Fn.Name == "pg_collation_for" {
			d.ask(x, ctx)
		}
		if what := collationUse(x.Fn.Name); what != "" {
			d.need(ctx, what, x.Args...)
		}
	}
}

// collationUse says, in PostgreSQL's words, what a function needs a collation for; empty if for nothing.
func collationUse(fn string) string {
	switch fn {
	case "lower", "upper", "initcap":
		return fn + "() function"
	case "texteq", "textne", "text_lt", "text_le", "text_gt", "text_ge", "bpchareq", "bpcharne", "bpcharlt", "bpcharle", "bpchargt",
		"bpcharge", "max", "min", "strpos", "position", "replace", "split_part", "string_to_array", "string_to_table":
		return stringComparison
	case "texticlike", "texticnlike", "bpchariclike", "bpcharicnlike", "nameiclike", "nameicnlike":
		return "ILIKE"
	}
	if strings.HasPrefix(fn, "regexp_") || strings.HasSuffix(fn, "regexeq") || strings.HasSuffix(fn, "regexne") {
		return "regular expression"
	}
	return ""
}

// ask answers pg_collation_for; what has no collation is left to the function and its error.
func (d *derivation) ask(x *plan.Call, ctx derived) {
	if t := x.Args[0].Type(); t.Info().Collation == 0 && t.OID != sqltype.OIDUnknown {
		return
	}
	c := &plan.Const{T: x.T, Value: sqltype.NullValue()}
	if name := ctx.saved().name; name == "ucs_basic" {
		c.Value = sqltype.Text(name)
	} else if name != "" {
		c.Value = sqltype.Text(`"` + name + `"`)
	}
	d.asked[x] = c
}
