package eval

import (
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// columnNode hands on a column of the batch.
type columnNode struct{ col int }

func (n columnNode) eval(f *frame, _ []int32) *vector.Vector { return f.cols[n.col] }

// constNode is a constant.
type constNode struct{ vec *vector.Vector }

func (n *constNode) eval(f *frame, _ []int32) *vector.Vector {
	n.vec.N = f.n
	return n.vec
}

// outerNode is a column of an outer query: constant for one run.
type outerNode struct {
	slot int
	typ  sqltype.Type
}

func (n *outerNode) eval(f *frame, _ []int32) *vector.Vector {
	return vector.NewConstant(n.typ, f.ctx.Outer[n.slot], f.n)
}

// caseValueNode is what the enclosing CASE or array cast is working on.
type caseValueNode struct{}

func (caseValueNode) eval(f *frame, _ []int32) *vector.Vector { return f.caseVal }

// onceNode evaluates a subtree without columns for the first row that asks and keeps the value. An error is not kept: it
// belongs to the row that asked.
type onceNode struct {
	inner node
	typ   sqltype.Type
	vec   *vector.Vector
}

func (n *onceNode) eval(f *frame, sel []int32) *vector.Vector {
	sel = f.cut(sel)
	if n.vec == nil && len(sel) > 0 {
		g := f.sub(nil, 1)
		v := n.inner.eval(g, firstRows[:1])
		if g.err != nil {
			f.fail(sel[0], g.err)
		} else {
			n.vec = vector.NewConstant(n.typ, v.Value(0), f.n)
		}
	}
	if n.vec == nil {
		return vector.NewNull(n.typ, f.n)
	}
	n.vec.N = f.n
	return n.vec
}

// sqlValueNode is CURRENT_DATE and its kin.
type sqlValueNode struct {
	name string
	typ  sqltype.Type
}

func (n *sqlValueNode) eval(f *frame, sel []int32) *vector.Vector {
	v, err := n.value(f.ctx.Env)
	if err != nil {
		if len(sel) > 0 {
			f.fail(sel[0], err)
		}
		return vector.NewNull(n.typ, f.n)
	}
	return vector.NewConstant(n.typ, v, f.n)
}

func (n *sqlValueNode) value(env Env) (sqltype.Value, error) {
	now := env.TransactionTime()
	switch n.name {
	case "current_date":
		return sqltype.Int(floorDiv(localMicros(now, env.Location()), sqltype.MicrosPerDay)), nil
	case "current_time", "localtime", "current_timestamp", "localtimestamp":
		return n.clock(now, env.Location())
	case "current_role", "current_user", "user":
		return sqltype.Text(env.User()), nil
	case "session_user":
		return sqltype.Text(env.SessionUser()), nil
	case "current_catalog":
		return sqltype.Text(env.Database()), nil
	case "current_schema":
		if path := env.Catalog().SearchPath(false); len(path) > 0 {
			return sqltype.Text(path[0]), nil
		}
	}
	return sqltype.NullValue(), nil
}

func (n *sqlValueNode) clock(now time.Time, loc *time.Location) (sqltype.Value, error) {
	local := localMicros(now, loc)
	switch n.typ.OID {
	case sqltype.OIDTimestampTZ:
		return sqltype.ApplyTypmod(n.typ, sqltype.Int(timeMicros(now)), false)
	case sqltype.OIDTimestamp:
		return sqltype.ApplyTypmod(n.typ, sqltype.Int(local), false)
	case sqltype.OIDTime:
		return sqltype.ApplyTypmod(n.typ, sqltype.Int(floorMod(local, sqltype.MicrosPerDay)), false)
	default:
		_, offset := now.In(loc).Zone()
		return sqltype.ApplyTypmod(n.typ, sqltype.Value{Iv: sqltype.Interval{Micros: floorMod(local, sqltype.MicrosPerDay), Months: int32(-offset)}}, false)
	}
}

// subqueryNode runs a subquery for each row, or once where it uses no outer column and does not say that it varies all the
// same: it may read a CTE of an enclosing subquery that depends on an outer row.
type subqueryNode struct {
	sub  PreparedSubquery
	free []node
	typ  sqltype.Type
	vals []sqltype.Value
	once *vector.Vector
	out  *vector.Vector
}

func (c *compiler) subquery(e *plan.Subquery) (node, error) {
	if c.opts.Subqueries == nil {
		return nil, errSubquery()
	}
	refs := plan.Set{}
	plan.Refs(e, refs)
	ids := make([]plan.ColID, 0, len(refs))
	for id := range refs {
		ids = append(ids, id)
	}
	sortIDs(ids)
	n := &subqueryNode{typ: e.T, vals: make([]sqltype.Value, len(ids)), out: vector.New(e.T)}
	for _, id := range ids {
		col, err := c.column(&plan.ColRef{ID: id, Name: "outer"})
		if err != nil {
			return nil, err
		}
		n.free = append(n.free, col)
	}
	sub, err := c.opts.Subqueries.Prepare(e, ids)
	n.sub = sub
	return n, err
}

func (n *subqueryNode) eval(f *frame, sel []int32) *vector.Vector {
	sel = f.cut(sel)
	if v, ok := n.sub.(interface{ Varies() bool }); len(n.free) == 0 && (!ok || !v.Varies()) {
		if n.once == nil && len(sel) > 0 {
			v, err := n.sub.Run(f.ctx, nil)
			if err != nil {
				f.fail(sel[0], err)
				return vector.NewNull(n.typ, f.n)
			}
			n.once = vector.NewConstant(n.typ, v, f.n)
		}
		if n.once == nil {
			return vector.NewNull(n.typ, f.n)
		}
		n.once.N = f.n
		return n.once
	}
	n.out.Reset(f.n)
	for _, r := range sel {
		for i, c := range n.free {
			switch c := c.(type) {
			case columnNode:
				n.vals[i] = f.cols[c.col].Value(int(r))
			case *outerNode:
				n.vals[i] = f.ctx.Outer[c.slot]
			}
		}
		v, err := n.sub.Run(f.ctx, n.vals)
		if err != nil {
			f.fail(r, err)
			break
		}
		if v.Null {
			setNull(n.out, r)
		} else {
			n.out.SetValue(int(r), v)
		}
	}
	n.out.Finish()
	return n.out
}
