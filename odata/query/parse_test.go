package query

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// parser reads a $filter by the grammar of the OData URL conventions. It is the printer's counterpart and shares nothing with it.
type parser struct {
	s   string
	p   int
	err error
}

func parseFilter(s string) (Expr, error) {
	p := &parser{s: s}
	e := p.or()
	if p.err == nil && p.p != len(s) {
		p.fail("rest %q", s[p.p:])
	}
	return e, p.err
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("at %d: %s", p.p, fmt.Sprintf(format, args...))
		p.p = len(p.s)
	}
}

func (p *parser) word(w string) bool {
	if strings.HasPrefix(p.s[p.p:], " "+w+" ") {
		p.p += len(w) + 2
		return true
	}
	return false
}

func (p *parser) left(next func() Expr, ops ...Op) Expr {
	e := next()
	for p.err == nil {
		found := false
		for _, o := range ops {
			if p.word(map[Op]string{Eq: "eq", Ne: "ne", Lt: "lt", Le: "le", Gt: "gt", Ge: "ge", And: "and", Or: "or", Add: "add", Sub: "sub", Mul: "mul", Div: "div", DivBy: "divby", Mod: "mod", Has: "has"}[o]) {
				e = &Binary{Op: o, Left: e, Right: next()}
				found = true
				break
			}
		}
		if !found {
			break
		}
	}
	return e
}

func (p *parser) or() Expr       { return p.left(p.and, Or) }
func (p *parser) and() Expr      { return p.left(p.equality, And) }
func (p *parser) equality() Expr { return p.left(p.relation, Eq, Ne) }
func (p *parser) relation() Expr { return p.left(p.sum, Lt, Le, Gt, Ge) }
func (p *parser) sum() Expr      { return p.left(p.product, Add, Sub) }
func (p *parser) product() Expr  { return p.left(p.unary, Mul, DivBy, Div, Mod) }

func (p *parser) unary() Expr {
	if strings.HasPrefix(p.s[p.p:], "not ") {
		p.p += 4
		return &Not{p.unary()}
	}
	return p.membership()
}

func (p *parser) membership() Expr {
	e := p.primary()
	for p.err == nil {
		switch {
		case strings.HasPrefix(p.s[p.p:], " in ("):
			p.p += 4
			e = &In{Arg: e, List: p.list()}
		case p.word("has"):
			e = &Binary{Op: Has, Left: e, Right: p.primary()}
		default:
			return e
		}
	}
	return e
}

func (p *parser) list() []Expr {
	var es []Expr
	p.p++ // (
	if strings.HasPrefix(p.s[p.p:], ")") {
		p.p++
		return nil
	}
	for p.err == nil {
		es = append(es, p.or())
		if p.p < len(p.s) && p.s[p.p] == ',' {
			p.p++
			continue
		}
		if p.p >= len(p.s) || p.s[p.p] != ')' {
			p.fail("no )")
			return es
		}
		p.p++
		return es
	}
	return es
}

func (p *parser) primary() Expr {
	rest := p.s[p.p:]
	switch {
	case rest == "":
		p.fail("end")
		return nil
	case rest[0] == '(':
		p.p++
		e := p.or()
		if p.p >= len(p.s) || p.s[p.p] != ')' {
			p.fail("no )")
			return nil
		}
		p.p++
		return e
	case rest[0] == '\'':
		return p.str()
	case rest[0] == '-' || rest[0] >= '0' && rest[0] <= '9':
		end := strings.IndexAny(rest, " ,)")
		if end < 0 {
			end = len(rest)
		}
		n, err := strconv.ParseInt(rest[:end], 10, 64)
		if err != nil {
			p.fail("number %q", rest[:end])
			return nil
		}
		p.p += end
		return &Literal{edm.Of(edm.KindInt64), sqltype.Int(n)}
	}
	end := strings.IndexAny(rest, " ,()'")
	if end < 0 {
		end = len(rest)
	}
	name := rest[:end]
	p.p += end
	switch {
	case name == "":
		p.fail("no name")
	case end < len(rest) && rest[end] == '(':
		return &Func{Name: name, Args: p.list()}
	case name == "null":
		return Null()
	case name == "true" || name == "false":
		return &Literal{edm.Of(edm.KindBoolean), sqltype.Bool(name == "true")}
	}
	return &Property{Path: strings.Split(name, "/")}
}

func (p *parser) str() Expr {
	var b strings.Builder
	for i := p.p + 1; i < len(p.s); i++ {
		if p.s[i] != '\'' {
			b.WriteByte(p.s[i])
			continue
		}
		if i+1 < len(p.s) && p.s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		p.p = i + 1
		return &Literal{edm.Of(edm.KindString), sqltype.Text(b.String())}
	}
	p.fail("no end of string")
	return nil
}
