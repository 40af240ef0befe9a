package system

import (
	"context"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// call is one scan.
type call struct {
	ctx  context.Context
	env  catalog.SystemEnv
	snap *catalog.Snapshot
	live Live
	role *catalog.Role // who asks
	// rel is the relation that is scanned.
	rel *relation
}

// source gives some of the rows of a relation.
type source interface {
	// bind prepares the source for a relation's columns.
	bind(cols []catalog.Column) bound
}

// bound is a source whose columns are known.
type bound interface {
	// fast reports whether rows are found by the column without reading all of them.
	fast(column string) bool
	// rows fills the wanted places of row and calls emit for each row; value restricts them where column is not "".
	rows(c *call, want []int, column string, value sqltype.Value, row []sqltype.Value, emit func([]sqltype.Value) error) error
}

// relation is the SystemTable of one relation.
type relation struct {
	oid     uint32
	cols    []catalog.Column // own ones; the hidden ones of tables follow them
	sources []bound
	indexed []int
}

func newRelation(oid uint32, cols []catalog.Column, sources []source) *relation {
	r := &relation{oid: oid, cols: cols}
	for _, s := range sources {
		r.sources = append(r.sources, s.bind(cols))
	}
	for i := range cols {
		all := true
		for _, s := range r.sources {
			all = all && s.fast(cols[i].Name)
		}
		if all {
			r.indexed = append(r.indexed, i)
		}
	}
	return r
}

// Indexed implements catalog.SystemTable.
func (r *relation) Indexed() []int { return r.indexed }

// Scan implements catalog.SystemTable.
func (r *relation) Scan(ctx context.Context, env catalog.SystemEnv, want []int, lookup *catalog.Lookup, emit func([]sqltype.Value) error) error {
	c := &call{ctx: ctx, env: env, snap: env.Snapshot(), rel: r}
	c.live, _ = env.Live().(Live)
	if c.live == nil {
		c.live = NoLive{}
	}
	c.role = c.snap.RoleByName(env.User())
	if c.role == nil {
		c.role = &catalog.Role{Name: env.User()}
	}
	s := scan{c: c, row: make([]sqltype.Value, len(r.cols)+len(hiddenNumbers())), emit: emit}
	for _, w := range want {
		if w < len(r.cols) {
			s.own = append(s.own, w)
		} else {
			s.hidden = append(s.hidden, w)
		}
	}
	if lookup == nil || lookup.Column >= len(r.cols) {
		return s.all("", sqltype.Value{})
	}
	seen := make(map[sqltype.Value]bool, len(lookup.Values))
	for _, v := range lookup.Values {
		if v.Null || seen[v] {
			continue
		}
		seen[v] = true
		if err := s.all(r.cols[lookup.Column].Name, v); err != nil {
			return err
		}
	}
	return nil
}

// scan adds the hidden columns to the sources' rows and looks at the context now and then.
type scan struct {
	c           *call
	own, hidden []int
	row         []sqltype.Value
	emit        func([]sqltype.Value) error
	n           int64
}

func (s *scan) all(column string, value sqltype.Value) error {
	for _, b := range s.c.rel.sources {
		if err := b.rows(s.c, s.own, column, value, s.row, s.give); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) give(row []sqltype.Value) error {
	s.n++
	if s.n%256 == 0 {
		if err := s.c.ctx.Err(); err != nil {
			return err
		}
	}
	for _, h := range s.hidden {
		row[h] = hiddenValue(s.c.rel.oid, h-len(s.c.rel.cols), s.n)
	}
	return s.emit(row)
}

// objects is a source whose rows are computed from objects of type T.
type objects[T any] struct {
	all func(c *call, yield func(T) error) error
	// by finds objects by a column's value. It gives those that match and no others: a row that several values of a look-up
	// gave would be there several times.
	by map[string]func(c *call, v sqltype.Value, yield func(T) error) error
	// cols computes the columns. Columns that are not in it are computed by rest.
	cols map[string]func(c *call, o T) sqltype.Value
	rest func(t sqltype.Type) sqltype.Value
}

type boundObjects[T any] struct {
	objects[T]
	at []func(c *call, o T) sqltype.Value
}

func (o objects[T]) bind(cols []catalog.Column) bound {
	b := &boundObjects[T]{objects: o, at: make([]func(c *call, o T) sqltype.Value, len(cols))}
	for i := range cols {
		f := o.cols[cols[i].Name]
		if f == nil && o.rest != nil {
			v := o.rest(cols[i].Type)
			f = func(*call, T) sqltype.Value { return v }
		}
		if f == nil {
			f = func(*call, T) sqltype.Value { return sqltype.NullValue() }
		}
		b.at[i] = f
	}
	return b
}

func (b *boundObjects[T]) fast(column string) bool { return b.by[column] != nil }

func (b *boundObjects[T]) rows(c *call, want []int, column string, value sqltype.Value, row []sqltype.Value, emit func([]sqltype.Value) error) error {
	yield := func(o T) error {
		for _, w := range want {
			row[w] = b.at[w](c, o)
		}
		return emit(row)
	}
	if f := b.by[column]; f != nil {
		return f(c, value, yield)
	}
	return b.all(c, yield)
}

// each calls yield for the members of a list.
func each[T any](list []T, yield func(T) error) error {
	for _, x := range list {
		if err := yield(x); err != nil {
			return err
		}
	}
	return nil
}

// one calls yield for an object that was found.
func one[T any](o *T, yield func(*T) error) error {
	if o == nil {
		return nil
	}
	return yield(o)
}
