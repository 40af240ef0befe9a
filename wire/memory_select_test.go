package wire_test

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire/backend"
)

// memoryQuery is a typed SELECT or VALUES.
type memoryQuery struct {
	columns []backend.Column
	outputs []*expr
	values  [][]*expr // VALUES
	from    []*expr   // generate_series(from, to), or nil for one row
	where   *expr
	limit   *expr
	sleeps  bool
}

func (a *analysis) query(c *cursor) (*memoryQuery, error) {
	if c.accept("values") {
		return a.valuesList(c)
	}
	if err := c.expect("select"); err != nil {
		return nil, err
	}
	q := &memoryQuery{columns: []backend.Column{}}
	start := c.i
	// FROM is typed first: the select list refers to it.
	depth := 0
	for c.i < len(c.st.tokens) && (depth > 0 || !isClause(c.peek())) {
		switch t := c.next(); {
		case t.kind == 'o' && t.text == "(":
			depth++
		case t.kind == 'o' && t.text == ")":
			depth--
		}
		if depth < 0 {
			c.i--
			break
		}
	}
	listEnd := c.i
	if err := a.fromClause(c, q); err != nil {
		return nil, err
	}
	after := c.i
	c.i = start
	for c.i < listEnd {
		if len(q.outputs) > 0 {
			if err := c.expect(","); err != nil {
				return nil, err
			}
		}
		if err := a.output(c, q); err != nil {
			return nil, err
		}
	}
	c.i = after
	if a.used != nil && q.from == nil {
		q.from = a.used.series
	}
	return q, a.tail(c, q)
}

func isClause(t token) bool {
	return t.kind == 'w' && (t.text == "from" || t.text == "where" || t.text == "limit")
}

func (a *analysis) output(c *cursor, q *memoryQuery) error {
	e, err := a.expression(c, 1)
	if err != nil {
		return err
	}
	if e, err = a.settle(e); err != nil {
		return err
	}
	name := e.name
	if c.accept("as") {
		if name, err = c.name(); err != nil {
			return err
		}
	} else if t := c.peek(); (t.kind == 'w' || t.kind == 'q') && !isClause(t) {
		name = c.next().text
	}
	q.outputs = append(q.outputs, e)
	q.sleeps = q.sleeps || e.sleeps
	q.columns = append(q.columns, backend.Column{Name: name, Type: e.typ})
	return nil
}

func (a *analysis) fromClause(c *cursor, q *memoryQuery) error {
	if !c.accept("from") {
		return nil
	}
	at := c.peek()
	name, err := c.name()
	if err != nil {
		return err
	}
	if name != "generate_series" || !c.accept("(") {
		return pgerr.Newf(pgerr.UndefinedTable, `relation "%s" does not exist`, name).WithPosition(at.pos)
	}
	e, err := a.call(c, at)
	if err != nil {
		return err
	}
	a.used = nil
	q.from, a.column, a.columnT = e.series, "generate_series", e.typ
	c.accept("as")
	if t := c.peek(); (t.kind == 'w' || t.kind == 'q') && !isClause(t) {
		a.column = c.next().text
	}
	return nil
}

func (a *analysis) tail(c *cursor, q *memoryQuery) error {
	var err error
	if c.accept("where") {
		if q.where, err = a.expression(c, 1); err != nil {
			return err
		}
	}
	if c.accept("limit") {
		if q.limit, err = a.expression(c, 1); err != nil {
			return err
		}
		q.limit, err = a.coerce(q.limit, sqltype.Of(sqltype.OIDInt8))
	}
	return err
}

func (a *analysis) valuesList(c *cursor) (*memoryQuery, error) {
	q := &memoryQuery{}
	for {
		if err := c.expect("("); err != nil {
			return nil, err
		}
		var row []*expr
		for {
			e, err := a.expression(c, 1)
			if err != nil {
				return nil, err
			}
			n := len(row)
			if len(q.values) == 0 {
				if e, err = a.settle(e); err != nil {
					return nil, err
				}
				q.columns = append(q.columns, backend.Column{Name: "column" + string(rune('1'+n)), Type: e.typ})
			} else if e, err = a.coerce(e, q.columns[n].Type); err != nil {
				return nil, err
			}
			row = append(row, e)
			if !c.accept(",") {
				break
			}
		}
		if err := c.expect(")"); err != nil {
			return nil, err
		}
		q.values = append(q.values, row)
		if !c.accept(",") {
			return q, a.tail(c, q)
		}
	}
}

// run is a running query: rows are made when they are asked for, and an error belongs to its row.
type run struct {
	q          *memoryQuery
	row        memoryRow
	next, last int64
	left       int64 // by LIMIT, -1 for none
	started    bool
	failed     error
	finished   bool
}

func (r *run) start() error {
	r.started, r.left, r.next, r.last = true, -1, 0, 0
	if r.q.values != nil {
		r.last = int64(len(r.q.values)) - 1
	}
	if r.q.from != nil {
		from, err := r.q.from[0].eval(&r.row)
		if err != nil {
			return err
		}
		to, err := r.q.from[1].eval(&r.row)
		if err != nil {
			return err
		}
		r.next, r.last = from.I, to.I
	}
	if r.q.limit != nil {
		v, err := r.q.limit.eval(&r.row)
		if err != nil {
			return err
		}
		if !v.Null {
			r.left = v.I
		}
	}
	return nil
}

// batch returns at most limit rows, nil at the end. Rows before one that fails come first.
func (r *run) batch(ctx context.Context, limit int) (*vector.Batch, error) {
	r.row.ctx = ctx
	if r.failed != nil {
		return nil, r.failed
	}
	if !r.started {
		if err := r.start(); err != nil {
			return nil, err
		}
	}
	if limit <= 0 || limit > vector.BatchRows {
		limit = vector.BatchRows
	}
	b := &vector.Batch{}
	for _, c := range r.q.columns {
		b.Cols = append(b.Cols, vector.New(c.Type))
	}
	for b.N < limit && r.next <= r.last && r.left != 0 && !r.finished {
		values, keep, err := r.values()
		if err != nil {
			r.failed = err
			if b.N == 0 {
				return nil, err
			}
			return b, nil
		}
		r.next++
		if !keep {
			continue
		}
		if r.left > 0 {
			r.left--
		}
		for i, v := range values {
			b.Cols[i].Append(v)
		}
		b.N++
		if r.q.sleeps {
			break
		}
	}
	if b.N == 0 {
		r.finished = true
		return nil, nil
	}
	return b, nil
}

func (r *run) values() ([]sqltype.Value, bool, error) {
	r.row.series = sqltype.Int(r.next)
	if r.q.where != nil {
		v, err := r.q.where.eval(&r.row)
		if err != nil || v.Null || v.I == 0 {
			return nil, false, err
		}
	}
	outputs := r.q.outputs
	if r.q.values != nil {
		outputs = r.q.values[r.next]
	}
	values := make([]sqltype.Value, len(outputs))
	for i, e := range outputs {
		var err error
		if values[i], err = e.eval(&r.row); err != nil {
			return nil, false, err
		}
	}
	return values, true, nil
}

// fold computes what does not vary from row to row, as PostgreSQL does when it plans: errors come with Bind.
func (q *memoryQuery) fold(s *memorySession, params []sqltype.Value) error {
	row := memoryRow{ctx: context.Background(), session: s, params: params}
	for _, e := range q.outputs {
		if e.varies {
			continue
		}
		if _, err := e.eval(&row); err != nil {
			return err
		}
	}
	return nil
}
