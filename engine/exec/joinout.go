package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// outColumn holds a column of a join's result between two batches, in the form of its source: texts from a dictionary stay codes.
type outColumn struct {
	own    *vector.Vector // flat
	codes  *vector.Vector // of a dictionary
	shared vector.Vector  // a constant of the source
}

func (c *outColumn) flat(t sqltype.Type) *vector.Vector {
	if c.own == nil {
		c.own = vector.New(t)
	}
	return c.own
}

// constant gives n rows of a constant vector.
func (c *outColumn) constant(v *vector.Vector, n int) *vector.Vector {
	c.shared = *v
	c.shared.N = n
	return &c.shared
}

// pick gives the rows of src, none of them negative.
func (c *outColumn) pick(src *vector.Vector, rows []int32) *vector.Vector {
	switch src.Form {
	case vector.Constant:
		return c.constant(src, len(rows))
	case vector.Dictionary:
		if c.codes == nil {
			c.codes = vector.NewDictionary(src.Type, src.Dict)
		}
		v := c.codes
		v.Dict, v.N = src.Dict, len(rows)
		v.Codes = growInts(v.Codes, len(rows))
		for i, r := range rows {
			v.Codes[i] = src.Codes[r]
		}
		return v
	}
	return vector.Gather(c.flat(src.Type), src, rows)
}

// columns is the result batch of n rows, whose columns are still to be set.
func (o *joinOp) columns(n int) *vector.Batch {
	all := len(o.left.out) + len(o.right.out)
	if o.outs == nil {
		o.outs = make([]outColumn, all)
	}
	if cap(o.batch.Cols) < all {
		o.batch.Cols = make([]*vector.Vector, all)
	}
	o.batch = vector.Batch{Cols: o.batch.Cols[:all], N: n}
	return &o.batch
}

// emit makes the result of pairs of places in the left batch, ascending, and right rows; nil for none. A negative right row is null.
//
// Where most of the left batch's rows come out, once each, its columns are passed on as they are and the right ones are put beside them.
func (o *joinOp) emit(b *vector.Batch, left, right []int32) *vector.Batch {
	n := len(left)
	if n == 0 {
		return nil
	}
	if n*4 >= b.N*3 && ascending(left) {
		out := o.columns(b.N)
		for i, k := range o.left.out {
			out.Cols[i] = b.Cols[k]
		}
		if n < b.N {
			o.aligned = growInts(o.aligned, b.N)
			fill(o.aligned, -1)
			if o.store.n > 0 {
				fill(o.aligned, 0) // any row will do where nobody looks, and null is dearer
			}
			for i, at := range left {
				o.aligned[at] = right[i]
			}
			right, out.Sel = o.aligned, left
		}
		o.rightColumns(out, right)
		return out
	}
	out := o.columns(n)
	for i, k := range o.left.out {
		out.Cols[i] = o.outs[i].pick(b.Cols[k], left)
	}
	o.rightColumns(out, right)
	return out
}

// ascending reports places that rise from one to the next.
func ascending(places []int32) bool {
	last := int32(-1)
	for _, p := range places {
		if p <= last {
			return false
		}
		last = p
	}
	return true
}

func (o *joinOp) rightColumns(out *vector.Batch, rows []int32) {
	for i, k := range o.right.out {
		dst := o.outs[len(o.left.out)+i].flat(o.right.types[k])
		o.store.gather(dst, k, rows)
		out.Cols[len(o.left.out)+i] = dst
	}
}
