package simulator

import (
	"slices"
	"strings"
)

// exprOp says what a node of an expression is.
type exprOp uint8

const (
	xLiteral exprOp = iota
	xPath
	xAnd
	xOr
	xNot
	xCompare // name is eq ne lt le gt ge
	xIn
	xHas
	xArith // name is add sub mul div divby mod
	xNegate
	xCall
	xAny
	xAll
	xCount // path/$count
)

// expr is a typed expression. k is the representation of its result; kNull is
// the type of the literal null, which fits everywhere.
type expr struct {
	op   exprOp
	name string
	k    kind
	typ  edmType // of paths
	val  value
	args []*expr

	// Of paths: prop is the property of the row, or varDepth counts lambda
	// variables from the outermost; members then lead into complex values.
	prop     int
	varDepth int
	members  []int
	fn       *function
}

// parser is a recursive descent parser over the grammar of OData 4.0, URL
// Conventions section 5.1.1, plus `in` and `divby` of 4.01.
type parser struct {
	toks   []token
	at     int
	src    string
	model  *model
	set    *entitySet
	lookup func(name string) int // property number by name; -1 when unknown
	vars   []lambdaVar
	depth  int
}

type lambdaVar struct {
	name string
	typ  edmType
}

// maxDepth bounds nesting, so that no query can exhaust the stack.
const maxDepth = 200

func newParser(m *model, set *entitySet, src string) (*parser, error) {
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	return &parser{toks: toks, src: src, model: m, set: set, lookup: set.prop}, nil
}

// parseFilter reads a $filter value; its type must be Boolean.
func (p *parser) parseFilter() (*expr, error) {
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tEnd {
		return nil, p.syntax(t)
	}
	if e.k != kBool && e.k != kNull {
		return nil, badRequest("the $filter expression '%s' is not of type Edm.Boolean", p.src)
	}
	return e, nil
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) take() token {
	t := p.toks[p.at]
	if t.kind != tEnd {
		p.at++
	}
	return t
}

func (p *parser) word(words ...string) string {
	if t := p.peek(); t.kind == tName && slices.Contains(words, t.text) {
		p.at++
		return t.text
	}
	return ""
}

func (p *parser) punct(c string) bool {
	if t := p.peek(); t.kind == tPunct && t.text == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(c string) error {
	if !p.punct(c) {
		return badRequest("'%s' expected at position %d in '%s'", c, p.peek().pos, p.src)
	}
	return nil
}

func (p *parser) syntax(t token) error {
	return badRequest("syntax error at position %d in '%s'", t.pos, p.src)
}

// level is one step of precedence with left-associative binary operators.
func (p *parser) level(next func() (*expr, error), join func(op string, a, b *expr) (*expr, error), words ...string) (*expr, error) {
	a, err := next()
	if err != nil {
		return nil, err
	}
	for {
		op := p.word(words...)
		if op == "" {
			return a, nil
		}
		b, err := next()
		if err != nil {
			return nil, err
		}
		if a, err = join(op, a, b); err != nil {
			return nil, err
		}
	}
}

func (p *parser) or() (*expr, error)  { return p.level(p.and, p.logical(xOr), "or") }
func (p *parser) and() (*expr, error) { return p.level(p.equality, p.logical(xAnd), "and") }
func (p *parser) equality() (*expr, error) {
	return p.level(p.relational, p.comparison, "eq", "ne")
}

func (p *parser) relational() (*expr, error) {
	return p.level(p.additive, p.comparison, "gt", "ge", "lt", "le")
}

func (p *parser) additive() (*expr, error) {
	return p.level(p.multiplicative, p.arithmetic, "add", "sub")
}

func (p *parser) multiplicative() (*expr, error) {
	return p.level(p.unary, p.arithmetic, "mul", "divby", "div", "mod")
}

func (p *parser) logical(op exprOp) func(string, *expr, *expr) (*expr, error) {
	return func(name string, a, b *expr) (*expr, error) {
		for _, e := range []*expr{a, b} {
			if e.k != kBool && e.k != kNull {
				return nil, badRequest("an operand of '%s' is not of type Edm.Boolean in '%s'", name, p.src)
			}
		}
		return &expr{op: op, name: name, k: kBool, args: []*expr{a, b}}, nil
	}
}

func (p *parser) unary() (*expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, badRequest("the expression is nested too deeply")
	}
	if p.word("not") != "" {
		a, err := p.unary()
		if err != nil {
			return nil, err
		}
		if a.k != kBool && a.k != kNull {
			return nil, badRequest("the operand of 'not' is not of type Edm.Boolean in '%s'", p.src)
		}
		return &expr{op: xNot, k: kBool, args: []*expr{a}}, nil
	}
	if p.punct("-") {
		a, err := p.unary()
		if err != nil {
			return nil, err
		}
		if !numeric(a.k) && a.k != kDuration && a.k != kNull {
			return nil, badRequest("the operand of '-' is not numeric in '%s'", p.src)
		}
		return &expr{op: xNegate, k: a.k, args: []*expr{a}}, nil
	}
	a, err := p.primary()
	if err != nil {
		return nil, err
	}
	for {
		switch p.word("in", "has") {
		case "in":
			a, err = p.inList(a)
		case "has":
			a, err = p.has(a)
		default:
			return a, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) primary() (*expr, error) {
	t := p.take()
	switch {
	case t.kind == tLiteral:
		return &expr{op: xLiteral, k: t.val.k, val: t.val}, nil
	case t.kind == tEnum:
		return p.enumLiteral(t)
	case t.kind == tPunct && t.text == "(":
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case t.kind == tName && (t.text == "true" || t.text == "false"):
		return &expr{op: xLiteral, k: kBool, val: boolean(t.text == "true")}, nil
	case t.kind == tName && t.text == "null":
		return &expr{op: xLiteral, k: kNull}, nil
	case t.kind == tName && p.peek().kind == tPunct && p.peek().text == "(":
		return p.call(t)
	case t.kind == tName:
		return p.path(t)
	}
	return nil, p.syntax(t)
}

func (p *parser) enumLiteral(t token) (*expr, error) {
	for _, en := range p.model.enums {
		if p.model.namespace+"."+en.name != t.text {
			continue
		}
		var n int64
		for _, part := range strings.Split(t.val.s, ",") {
			m, ok := en.member(strings.TrimSpace(part))
			if !ok {
				return nil, badRequest("'%s' is not a member of '%s'", part, t.text)
			}
			n |= m
		}
		return &expr{op: xLiteral, k: kEnum, name: en.name, val: enum(n, t.val.s)}, nil
	}
	return nil, badRequest("the type '%s' at position %d is not defined", t.text, t.pos)
}

func (en *enumType) member(s string) (int64, bool) {
	for _, m := range en.members {
		if m.name == s {
			return m.n, true
		}
	}
	return 0, false
}

func (p *parser) call(t token) (*expr, error) {
	p.at++ // the parenthesis
	fn := functions()[t.text]
	if fn == nil {
		return nil, badRequest("an unknown function with name '%s' was found", t.text)
	}
	var args []*expr
	for !p.punct(")") {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		args = append(args, e)
	}
	k, ok := fn.result(args)
	if !ok {
		return nil, badRequest("no function signature for the function with name '%s' matches the specified arguments in '%s'", t.text, p.src)
	}
	return &expr{op: xCall, name: t.text, k: k, args: args, fn: fn}, nil
}

// path reads property[/member…] with an optional end of $count, any(…) or all(…).
func (p *parser) path(t token) (*expr, error) {
	e := &expr{op: xPath, prop: -1, varDepth: -1}
	if t.text == "$it" && p.punct("/") {
		t = p.take()
	}
	for i := len(p.vars) - 1; i >= 0; i-- {
		if p.vars[i].name == t.text {
			e.varDepth, e.typ, e.name = i, p.vars[i].typ, t.text
			break
		}
	}
	if e.varDepth < 0 {
		if e.prop = p.lookup(t.text); e.prop < 0 {
			return nil, badRequest("could not find a property named '%s' on type '%s.%s'", t.text, p.model.namespace, p.set.entityType)
		}
		e.typ, e.name = p.set.props[e.prop].typ, p.set.props[e.prop].name
	}
	for p.punct("/") {
		seg := p.take()
		if e.typ.collection {
			return p.collectionEnd(e, seg)
		}
		m := -1
		if e.typ.complexT != nil && seg.kind == tName {
			m = slices.IndexFunc(e.typ.complexT.props, func(q property) bool { return q.name == seg.text })
		}
		if m < 0 {
			return nil, badRequest("could not find a property named '%s' on '%s'", seg.text, e.name)
		}
		e.members = append(e.members, m)
		e.typ = e.typ.complexT.props[m].typ
		e.name += "/" + seg.text
	}
	e.k = e.typ.kindOf()
	return e, nil
}

func (p *parser) collectionEnd(e *expr, seg token) (*expr, error) {
	e.k = kCollection
	switch seg.text {
	case "$count":
		return &expr{op: xCount, k: kInt, args: []*expr{e}}, nil
	case "any", "all":
		if err := p.expect("("); err != nil {
			return nil, err
		}
		op := xAny
		if seg.text == "all" {
			op = xAll
		} else if p.punct(")") {
			return &expr{op: op, k: kBool, args: []*expr{e}}, nil
		}
		v := p.take()
		if v.kind != tName {
			return nil, p.syntax(v)
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		item := e.typ
		item.collection = false
		p.vars = append(p.vars, lambdaVar{v.text, item})
		body, err := p.or()
		p.vars = p.vars[:len(p.vars)-1]
		if err != nil {
			return nil, err
		}
		if body.k != kBool && body.k != kNull {
			return nil, badRequest("the body of '%s' is not of type Edm.Boolean in '%s'", seg.text, p.src)
		}
		return &expr{op: op, k: kBool, args: []*expr{e, body}}, p.expect(")")
	}
	return nil, badRequest("the segment '%s' cannot follow the collection '%s'", seg.text, e.name)
}

func (p *parser) inList(a *expr) (*expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	e := &expr{op: xIn, k: kBool, args: []*expr{a}}
	for {
		item, err := p.or()
		if err != nil {
			return nil, err
		}
		if !canCompare(a, item) {
			return nil, p.incompatible("in", a, item)
		}
		e.args = append(e.args, item)
		if p.punct(")") {
			return e, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

func (p *parser) has(a *expr) (*expr, error) {
	b, err := p.primary()
	if err != nil {
		return nil, err
	}
	if a.k != kEnum || b.k != kEnum {
		return nil, p.incompatible("has", a, b)
	}
	return &expr{op: xHas, k: kBool, args: []*expr{a, b}}, nil
}
