package plan

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// ExprFormat says how expressions are printed.
type ExprFormat struct {
	// Qualify prints a column with its table's alias, as PostgreSQL's EXPLAIN does when a plan reads several tables.
	Qualify bool
	// Column prints a column that stands for an expression; false: it is printed by its name. Nil: all are.
	Column func(*ColRef) (string, bool)
	// Subplan names a Subquery; nil prints (SubPlan).
	Subplan func(*Subquery) string
}

// FormatExpr prints an expression the way PostgreSQL's EXPLAIN does (ruleutils.c: operators in parentheses, LIKE as ~~,
// constants with their type).
func FormatExpr(e Expr, f ExprFormat) string {
	p := printer{f: f}
	p.expr(e, false)
	return p.b.String()
}

type printer struct {
	f ExprFormat
	b strings.Builder
}

func (p *printer) str(s string) { p.b.WriteString(s) }

// list writes operands or arguments, which show implicit casts.
func (p *printer) list(es []Expr) {
	for i, e := range es {
		if i > 0 {
			p.str(", ")
		}
		p.expr(e, true)
	}
}

// expr prints e; implicit says whether implicit casts are shown, which PostgreSQL does for operands and arguments.
func (p *printer) expr(e Expr, implicit bool) {
	switch e := e.(type) {
	case nil:
		p.str("NULL")
	case *ColRef:
		if p.f.Column != nil {
			if s, ok := p.f.Column(e); ok {
				p.str(s)
				return
			}
		}
		if p.f.Qualify && e.Qualifier != "" {
			p.str(QuoteIdent(e.Qualifier))
			p.str(".")
		}
		p.str(QuoteIdent(e.Name))
	case *Const:
		p.str(FormatConst(e))
	case *Param:
		p.str("$" + itoa(e.N))
	case *Call:
		p.call(e, implicit)
	case *Cast:
		p.cast(e, implicit)
	case *Logic:
		word := " AND "
		if e.Op == Or {
			word = " OR "
		}
		p.str("(")
		for i, a := range e.Args {
			if i > 0 {
				p.str(word)
			}
			p.expr(a, false)
		}
		p.str(")")
	case *Not:
		p.str("(NOT ")
		p.expr(e.Arg, false)
		p.str(")")
	case *NullTest:
		p.str("(")
		p.expr(e.Arg, true)
		if e.Not {
			p.str(" IS NOT NULL)")
		} else {
			p.str(" IS NULL)")
		}
	case *BoolTest:
		p.str("(")
		p.expr(e.Arg, false)
		p.str(" IS ")
		if e.Not {
			p.str("NOT ")
		}
		p.str([...]string{"TRUE", "FALSE", "UNKNOWN"}[e.Kind])
		p.str(")")
	case *DistinctTest:
		p.str("(")
		p.expr(e.Left, true)
		if e.Not {
			p.str(" IS NOT DISTINCT FROM ")
		} else {
			p.str(" IS DISTINCT FROM ")
		}
		p.expr(e.Right, true)
		p.str(")")
	case *Case:
		p.str("CASE ")
		if e.Arg != nil {
			p.expr(e.Arg, true)
			p.str(" ")
		}
		for _, w := range e.Whens {
			p.str("WHEN ")
			p.when(e, w.Cond)
			p.str(" THEN ")
			p.expr(w.Result, true)
			p.str(" ")
		}
		p.str("ELSE ")
		p.expr(e.Else, true)
		p.str(" END")
	case *CaseValue:
		p.str("CASE_TEST_EXPR")
	case *Coalesce:
		p.str("COALESCE(")
		p.list(e.Args)
		p.str(")")
	case *NullIf:
		p.str("NULLIF(")
		p.expr(e.Left, true)
		p.str(", ")
		p.expr(e.Right, true)
		p.str(")")
	case *MinMax:
		if e.Least {
			p.str("LEAST(")
		} else {
			p.str("GREATEST(")
		}
		p.list(e.Args)
		p.str(")")
	case *ArrayOp:
		p.str("(")
		p.expr(e.Left, true)
		p.str(" " + e.Op + " ")
		if e.All {
			p.str("ALL (")
		} else {
			p.str("ANY (")
		}
		p.expr(e.Array, true)
		p.str("))")
	case *ArrayExpr:
		p.str("ARRAY[")
		p.list(e.Elems)
		p.str("]")
	case *RowExpr:
		p.str("ROW(")
		p.list(e.Fields)
		p.str(")")
	case *Field:
		p.str("(")
		p.expr(e.Arg, true)
		p.str(")." + QuoteIdent(e.Name))
	case *Subscript:
		p.expr(e.Arg, true)
		for i, u := range e.Upper {
			p.str("[")
			if e.Slice {
				if e.Lower[i] != nil {
					p.expr(e.Lower[i], false)
				}
				p.str(":")
			}
			if u != nil {
				p.expr(u, false)
			}
			p.str("]")
		}
	case *RowCompare:
		p.str("(ROW(")
		p.list(e.Left)
		p.str(") " + e.Op + " ROW(")
		p.list(e.Right)
		p.str("))")
	case *SQLValue:
		p.str(strings.ToUpper(e.Name))
	case *Subquery:
		if p.f.Subplan != nil {
			p.str(p.f.Subplan(e))
			return
		}
		p.str("(SubPlan)")
	}
}

// when prints the condition of a simple CASE, which compares a CaseValue, as its right operand alone.
func (p *printer) when(c *Case, cond Expr) {
	if call, ok := cond.(*Call); ok && c.Arg != nil && call.Form == FormOperator && len(call.Args) == 2 {
		p.expr(call.Args[1], false)
		return
	}
	p.expr(cond, false)
}

func (p *printer) call(e *Call, implicit bool) {
	switch e.Form {
	case FormOperator:
		p.str("(")
		if len(e.Args) == 1 {
			p.str(e.Op + " ")
			p.expr(e.Args[0], true)
		} else {
			p.expr(e.Args[0], true)
			p.str(" " + e.Op + " ")
			p.expr(e.Args[1], true)
		}
		p.str(")")
	case FormImplicitCast:
		if !implicit {
			p.expr(e.Args[0], false)
			return
		}
		p.typed(e.Args[0], e.T)
	case FormExplicitCast:
		p.typed(e.Args[0], e.T)
	default:
		p.str(QuoteIdent(e.Fn.Name) + "(")
		for i, a := range e.Args {
			if i > 0 {
				p.str(", ")
			}
			if e.VariadicArray && i == len(e.Args)-1 {
				p.str("VARIADIC ")
			}
			p.expr(a, true)
		}
		p.str(")")
	}
}

func (p *printer) cast(e *Cast, implicit bool) {
	if !e.Explicit && !implicit {
		p.expr(e.Arg, false)
		return
	}
	p.typed(e.Arg, e.T)
}

func (p *printer) typed(arg Expr, t sqltype.Type) {
	if _, isCase := arg.(*Case); isCase {
		p.expr(arg, false)
	} else if inner := FormatExpr(arg, p.f); strings.HasPrefix(inner, "(") {
		p.str(inner)
	} else {
		p.str("(" + inner + ")")
	}
	p.str("::" + t.String())
}

// FormatConst prints a constant: numbers and booleans bare, everything else quoted and with its type.
func FormatConst(c *Const) string {
	name := c.T.String()
	if c.Value.Null {
		return "NULL::" + name
	}
	text := string(sqltype.AppendText(nil, c.T, c.Value, nil))
	switch c.T.OID {
	case sqltype.OIDInt4:
		if c.Value.I >= 0 {
			return text
		}
		return "'" + text + "'::integer"
	case sqltype.OIDBool:
		if c.Value.I != 0 {
			return "true"
		}
		return "false"
	case sqltype.OIDNumeric:
		if strings.Trim(text, "0123456789.") == "" && c.T.Typmod < 0 {
			return text
		}
	}
	return QuoteLiteral(text) + "::" + name
}

// QuoteLiteral quotes a string as quote_literal does.
func QuoteLiteral(s string) string {
	out := "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + out
	}
	return out
}

// QuoteIdent quotes an identifier where it needs quotes: anything but lower-case letters, digits and underscores, or an
// empty name.
func QuoteIdent(s string) string {
	safe := s != ""
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9' {
			continue
		}
		safe = false
		break
	}
	if safe {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
