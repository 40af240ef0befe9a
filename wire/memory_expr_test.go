package wire_test

import (
	"context"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// expr is a typed scalar expression. open is a literal or parameter whose type its surroundings decide.
type expr struct {
	typ     sqltype.Type
	name    string
	open    bool
	literal string
	param   int // 1-based
	pos     int
	sleeps  bool
	varies  bool    // from row to row, so it cannot be computed when planning
	series  []*expr // generate_series in the select list: from, to
	eval    func(r *memoryRow) (sqltype.Value, error)
}

type memoryRow struct {
	ctx     context.Context
	session *memorySession
	params  []sqltype.Value
	series  sqltype.Value
}

// analysis is what is known while a statement is typed.
type analysis struct {
	session *memorySession
	params  *[]sqltype.Type
	column  string // name of the series in FROM
	columnT sqltype.Type
	used    *expr // generate_series in the select list
}

func (a *analysis) paramType(n int) *sqltype.Type {
	for len(*a.params) < n {
		*a.params = append(*a.params, sqltype.Type{Typmod: -1})
	}
	return &(*a.params)[n-1]
}

// coerce gives the expression a type, at analysis for literals and parameters.
func (a *analysis) coerce(e *expr, t sqltype.Type) (*expr, error) {
	if e.open && e.param > 0 {
		p := a.paramType(e.param)
		if p.OID == 0 {
			*p = sqltype.Of(t.OID)
		}
		if p.OID == t.OID {
			c := *e
			c.typ, c.open = t, false
			return &c, nil
		}
		e.typ, e.open = *p, false
	}
	if e.open {
		v, err := sqltype.ParseText(t, e.literal, nil)
		if err != nil {
			if pe := pgerr.As(err); pe != nil {
				err = pe.WithPosition(e.pos)
			}
			return nil, err
		}
		return &expr{typ: t, name: e.name, pos: e.pos, eval: func(*memoryRow) (sqltype.Value, error) { return v, nil }}, nil
	}
	if e.typ.OID == t.OID {
		c := *e
		if t.Typmod >= 0 {
			c.typ = t
		}
		return &c, nil
	}
	inner := e.eval
	from := e.typ
	return &expr{typ: t, name: e.name, pos: e.pos, sleeps: e.sleeps, varies: e.varies, eval: func(r *memoryRow) (sqltype.Value, error) {
		v, err := inner(r)
		if err != nil || v.Null {
			return v, err
		}
		return sqltype.ParseText(t, string(sqltype.AppendText(nil, from, v, nil)), nil)
	}}, nil
}

// settle makes what is still open text.
func (a *analysis) settle(e *expr) (*expr, error) {
	if e.open {
		return a.coerce(e, sqltype.Of(sqltype.OIDText))
	}
	return e, nil
}

func precedence(op string) int {
	switch op {
	case "=", "<>", "<", ">", "<=", ">=", "!=":
		return 1
	case "||":
		return 2
	case "+", "-":
		return 3
	case "*", "/", "%":
		return 4
	}
	return 0
}

func (a *analysis) expression(c *cursor, least int) (*expr, error) {
	left, err := a.primary(c)
	if err != nil {
		return nil, err
	}
	for {
		op := c.peek()
		p := precedence(op.text)
		if op.kind != 'o' || p == 0 || p < least {
			return left, nil
		}
		c.next()
		right, err := a.expression(c, p+1)
		if err != nil {
			return nil, err
		}
		if left, err = a.binary(op, left, right); err != nil {
			return nil, err
		}
	}
}

func (a *analysis) primary(c *cursor) (*expr, error) {
	e, err := a.atom(c)
	if err != nil {
		return nil, err
	}
	for c.accept("::") {
		t, typeName, err := typeName(c)
		if err != nil {
			return nil, err
		}
		named := e.name != "?column?"
		if e, err = a.coerce(e, t); err != nil {
			return nil, err
		}
		if !named {
			e.name = typeName
		}
	}
	return e, nil
}

func typeName(c *cursor) (sqltype.Type, string, error) {
	at := c.peek()
	word, err := c.name()
	if err != nil {
		return sqltype.Type{}, "", err
	}
	switch word {
	case "int", "integer":
		word = "int4"
	case "bigint":
		word = "int8"
	case "smallint":
		word = "int2"
	case "boolean":
		word = "bool"
	case "double":
		if err := c.expect("precision"); err != nil {
			return sqltype.Type{}, "", err
		}
		word = "float8"
	}
	t := sqltype.Type{Typmod: -1}
	info, ok := sqltype.ByName(word)
	if !ok {
		return t, "", pgerr.Newf(pgerr.UndefinedObject, `type "%s" does not exist`, word).WithPosition(at.pos)
	}
	t.OID = info.OID
	if c.accept("(") {
		p, _ := c.integer()
		t.Typmod = int32(p) + 4
		if c.accept(",") {
			s, _ := c.integer()
			t.Typmod = int32(p<<16|s) + 4
		}
		if err := c.expect(")"); err != nil {
			return t, "", err
		}
	}
	if c.accept("[") {
		if err := c.expect("]"); err != nil {
			return t, "", err
		}
		t.OID = info.Array
	}
	return t, word, nil
}

func (a *analysis) atom(c *cursor) (*expr, error) {
	t := c.next()
	switch t.kind {
	case 's':
		return &expr{name: "?column?", open: true, literal: t.text, pos: t.pos}, nil
	case 'n':
		typ := sqltype.Of(sqltype.OIDInt4)
		if strings.Contains(t.text, ".") {
			typ = sqltype.Of(sqltype.OIDNumeric)
		} else if n, err := strconv.ParseInt(t.text, 10, 64); err == nil && n > 1<<31-1 {
			typ = sqltype.Of(sqltype.OIDInt8)
		}
		return a.coerce(&expr{name: "?column?", open: true, literal: t.text, pos: t.pos}, typ)
	case 'p':
		n, _ := strconv.Atoi(t.text)
		e := &expr{name: "?column?", open: true, param: n, pos: t.pos, eval: func(r *memoryRow) (sqltype.Value, error) { return r.params[n-1], nil }}
		if p := a.paramType(n); p.OID != 0 {
			e.open, e.typ = false, *p
		}
		return e, nil
	case 'o':
		switch t.text {
		case "(":
			e, err := a.expression(c, 1)
			if err != nil {
				return nil, err
			}
			return e, c.expect(")")
		case "-":
			e, err := a.primary(c)
			if err != nil {
				return nil, err
			}
			zero, err := a.coerce(&expr{open: true, literal: "0"}, sqltype.Of(sqltype.OIDInt4))
			if err != nil {
				return nil, err
			}
			return a.binary(t, zero, e)
		}
	case 'w', 'q':
		if t.kind == 'w' && c.accept("(") {
			return a.call(c, t)
		}
		return a.word(t)
	}
	c.i--
	return nil, syntaxError(t)
}

func (a *analysis) word(t token) (*expr, error) {
	if t.kind == 'w' {
		switch t.text {
		case "null":
			return &expr{name: "?column?", typ: sqltype.Of(sqltype.OIDText), eval: func(*memoryRow) (sqltype.Value, error) { return sqltype.NullValue(), nil }}, nil
		case "true", "false":
			e, err := a.coerce(&expr{name: "bool", open: true, literal: t.text}, sqltype.Of(sqltype.OIDBool))
			if e != nil {
				e.name = "?column?"
			}
			return e, err
		case "from", "where", "limit", "as":
			return nil, syntaxError(t)
		}
	}
	if a.column != "" && t.text == a.column {
		return &expr{name: t.text, typ: a.columnT, varies: true, eval: func(r *memoryRow) (sqltype.Value, error) { return r.series, nil }}, nil
	}
	return nil, pgerr.Newf(pgerr.UndefinedColumn, `column "%s" does not exist`, t.text).WithPosition(t.pos)
}

func (a *analysis) call(c *cursor, name token) (*expr, error) {
	var args []*expr
	for !c.accept(")") {
		if len(args) > 0 {
			if err := c.expect(","); err != nil {
				return nil, err
			}
		}
		e, err := a.expression(c, 1)
		if err != nil {
			return nil, err
		}
		args = append(args, e)
	}
	want := map[string][]uint32{
		"repeat": {sqltype.OIDText, sqltype.OIDInt4}, "pg_sleep": {sqltype.OIDFloat8}, "length": {sqltype.OIDText},
		"generate_series": {sqltype.OIDInt4, sqltype.OIDInt4}, "current_setting": {sqltype.OIDText},
	}[name.text]
	if len(want) != len(args) {
		return nil, pgerr.Newf(pgerr.UndefinedFunction, "function %s() does not exist", name.text).WithPosition(name.pos).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
	}
	e := &expr{name: name.text, pos: name.pos}
	for i := range args {
		var err error
		if args[i], err = a.coerce(args[i], sqltype.Of(want[i])); err != nil {
			return nil, err
		}
		e.varies = e.varies || args[i].varies
	}
	values := func(r *memoryRow) ([]sqltype.Value, bool, error) {
		out := make([]sqltype.Value, len(args))
		for i, x := range args {
			v, err := x.eval(r)
			if err != nil || v.Null {
				return nil, true, err
			}
			out[i] = v
		}
		return out, false, nil
	}
	switch name.text {
	case "generate_series":
		e.typ, e.series, e.varies, a.used = sqltype.Of(sqltype.OIDInt4), args, true, e
		e.eval = func(r *memoryRow) (sqltype.Value, error) { return r.series, nil }
		return e, nil
	case "pg_sleep":
		e.typ, e.sleeps, e.varies = sqltype.Of(sqltype.OIDVoid), true, true
	case "length":
		e.typ = sqltype.Of(sqltype.OIDInt4)
	default:
		e.typ = sqltype.Of(sqltype.OIDText)
	}
	e.eval = func(r *memoryRow) (sqltype.Value, error) {
		v, null, err := values(r)
		if err != nil || null {
			return sqltype.NullValue(), err
		}
		switch name.text {
		case "repeat":
			return sqltype.Text(strings.Repeat(v[0].S, int(max(v[1].I, 0)))), nil
		case "pg_sleep":
			return sqltype.Text(""), r.session.sleep(r.ctx, v[0].F)
		case "length":
			return sqltype.Int(int64(len([]rune(v[0].S)))), nil
		}
		_, s, err := r.session.setting(v[0].S)
		return sqltype.Text(s), err
	}
	return e, nil
}

func (a *analysis) binary(op token, l, r *expr) (*expr, error) {
	var err error
	t := l.typ
	if l.open {
		t = r.typ
	}
	if op.text == "||" || l.open && r.open {
		t = sqltype.Of(sqltype.OIDText)
	}
	if l.typ.OID == sqltype.OIDInt8 || r.typ.OID == sqltype.OIDInt8 {
		t = sqltype.Of(sqltype.OIDInt8)
	}
	if l, err = a.coerce(l, t); err != nil {
		return nil, err
	}
	if r, err = a.coerce(r, t); err != nil {
		return nil, err
	}
	e := &expr{name: "?column?", typ: t, pos: op.pos, sleeps: l.sleeps || r.sleeps, varies: l.varies || r.varies}
	if precedence(op.text) == 1 {
		e.typ = sqltype.Of(sqltype.OIDBool)
	}
	e.eval = func(row *memoryRow) (sqltype.Value, error) {
		x, err := l.eval(row)
		if err != nil {
			return x, err
		}
		y, err := r.eval(row)
		if err != nil || x.Null || y.Null {
			return sqltype.NullValue(), err
		}
		return apply(op.text, t, x, y)
	}
	return e, nil
}

func apply(op string, t sqltype.Type, x, y sqltype.Value) (sqltype.Value, error) {
	order := 0
	switch {
	case t.Kind() == sqltype.KindBytes:
		if op == "||" {
			return sqltype.Text(x.S + y.S), nil
		}
		order = strings.Compare(x.S, y.S)
	case x.I < y.I:
		order = -1
	case x.I > y.I:
		order = 1
	}
	n := int64(0)
	switch op {
	case "=":
		return sqltype.Bool(order == 0), nil
	case "<>", "!=":
		return sqltype.Bool(order != 0), nil
	case "<":
		return sqltype.Bool(order < 0), nil
	case ">":
		return sqltype.Bool(order > 0), nil
	case "<=":
		return sqltype.Bool(order <= 0), nil
	case ">=":
		return sqltype.Bool(order >= 0), nil
	case "+":
		n = x.I + y.I
	case "-":
		n = x.I - y.I
	case "*":
		n = x.I * y.I
	case "/", "%":
		if y.I == 0 {
			return sqltype.Value{}, pgerr.New(pgerr.DivisionByZero, "division by zero")
		}
		if n = x.I / y.I; op == "%" {
			n = x.I % y.I
		}
	}
	if t.OID == sqltype.OIDInt4 && n != int64(int32(n)) {
		return sqltype.Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "integer out of range")
	}
	return sqltype.Int(n), nil
}
