package eval

import (
	"math/rand/v2"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Marks in entryNode.at for entries without a value.
const (
	entryUnknown int32 = -1
	entryFailed  int32 = -2
	entryNull    int32 = -3
)

// entryNode evaluates a subtree over one column. Where the column is a dictionary, each entry that occurs is evaluated once, however
// many rows and batches have it. Results that are bytes are a dictionary again.
type entryNode struct {
	inner node
	typ   sqltype.Type
	col   int

	dict   uint64
	at     []int32        // by code+1 (null is 0): row of values, or a mark
	values *vector.Vector // without nulls
	errs   map[int32]error
	wide   bool         // the results are too large to be kept: rows are evaluated one by one
	result *vector.Dict // of bytes: values as far as they were filled when somebody last saw them
	id     uint64       // of the result
	out    *vector.Vector
	codes  *vector.Vector
	todo   []int32
	seen   []bool
	cols   []*vector.Vector
}

// resolve evaluates the entries of sel that are new. It returns the column, or nil if that is no dictionary.
func (n *entryNode) resolve(f *frame, sel []int32) *vector.Vector {
	v := f.cols[n.col]
	if v.Form != vector.Dictionary || v.Dict.ID == 0 || n.wide {
		return nil
	}
	if n.dict != v.Dict.ID || n.values == nil {
		n.dict, n.at, n.values, n.errs = v.Dict.ID, n.at[:0], vector.New(n.typ), map[int32]error{}
		n.id, n.result = rand.Uint64(), nil
	}
	size := v.Dict.Values.N + 1
	for len(n.at) < size {
		n.at = append(n.at, entryUnknown)
	}
	at, codes := n.at, v.Codes
	for i, r := range sel {
		if at[codes[r]+1] == entryUnknown {
			n.fill(f, v, sel[i:])
			break
		}
	}
	if n.wide {
		return nil
	}
	return v
}

func (n *entryNode) eval(f *frame, sel []int32) *vector.Vector {
	sel = f.cut(sel)
	v := n.resolve(f, sel)
	switch {
	case v == nil:
		return n.inner.eval(f, sel)
	case n.typ.Kind() == sqltype.KindBytes:
		return n.evalCodes(f, v, sel)
	}
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Type = n.typ
	n.out.Reset(f.n)
	for _, r := range sel {
		switch at := n.at[v.Codes[r]+1]; at {
		case entryFailed:
			f.fail(r, n.errs[v.Codes[r]])
			n.out.Finish()
			return n.out
		case entryNull:
			setNull(n.out, r)
		default:
			if n.out.Kind == sqltype.KindBool {
				n.out.Bools[r] = n.values.Bools[at]
			} else {
				n.out.SetRow(int(r), n.values, int(at))
			}
		}
	}
	n.out.Finish()
	return n.out
}

// evalCodes gives the results as codes into a dictionary of them.
func (n *entryNode) evalCodes(f *frame, v *vector.Vector, sel []int32) *vector.Vector {
	if n.result == nil || n.result.Values.N < n.values.N {
		// The values grow while others hold on to the dictionary, which must not change.
		w := n.values
		seen := vector.NewFlat(n.typ, 0)
		if w.N > 0 {
			seen.N, seen.Data, seen.Offsets = w.N, w.Data[:len(w.Data):len(w.Data)], w.Offsets[:w.N+1:w.N+1]
			seen.EndBytes(w.N - 1)
		}
		n.result = &vector.Dict{ID: n.id, Values: seen}
	}
	if n.codes == nil {
		n.codes = vector.NewDictionary(n.typ, n.result)
	}
	out := n.codes
	out.Dict, out.N = n.result, f.n
	if cap(out.Codes) < f.n {
		out.Codes = make([]int32, max(f.n, vector.BatchRows))
	}
	out.Codes = out.Codes[:f.n]
	if len(sel) < f.n { // rows that are not asked for must be codes all the same
		for i := range out.Codes {
			out.Codes[i] = -1
		}
	}
	for i, r := range sel {
		at := n.at[v.Codes[r]+1]
		if at == entryFailed {
			f.fail(r, n.errs[v.Codes[r]])
			for _, rest := range sel[i:] {
				out.Codes[rest] = -1
			}
			break
		}
		out.Codes[r] = max(at, -1)
	}
	return out
}

// selectRows implements selector for a predicate.
func (n *entryNode) selectRows(f *frame, sel, dst []int32) []int32 {
	sel = f.cut(sel)
	v := n.resolve(f, sel)
	if v == nil {
		return selectRows(n.inner, f, sel, dst)
	}
	dst = room(dst, len(sel))
	k := 0
	for _, r := range sel {
		at := n.at[v.Codes[r]+1]
		if at == entryFailed {
			f.fail(r, n.errs[v.Codes[r]])
			break
		}
		dst[k] = r
		if at >= 0 && n.values.Bools[at] {
			k++
		}
	}
	return dst[:k]
}

// fill evaluates the entries of sel that have no result yet.
func (n *entryNode) fill(f *frame, v *vector.Vector, sel []int32) {
	n.todo = n.todo[:0]
	if len(n.seen) < len(n.at) {
		n.seen = make([]bool, len(n.at))
	}
	null := false
	for _, r := range sel {
		code := v.Codes[r]
		if n.at[code+1] != entryUnknown || n.seen[code+1] {
			continue
		}
		n.seen[code+1] = true
		if code < 0 {
			null = true
		} else {
			n.todo = append(n.todo, code)
		}
	}
	if null {
		n.seen[0] = false
		n.run(f, vector.NewNull(v.Type, 1), 1, firstRows[:1], -1)
	}
	if len(n.todo) == 0 {
		return
	}
	for _, code := range n.todo {
		n.seen[code+1] = false
	}
	sortCodes(n.todo)
	n.run(f, v.Dict.Values, v.Dict.Values.N, n.todo, 0)
}

// run evaluates rows of a stand-in for the column; row + shift is the row's code.
func (n *entryNode) run(f *frame, values *vector.Vector, size int, rows []int32, shift int32) {
	if len(n.cols) < len(f.cols) {
		n.cols = make([]*vector.Vector, len(f.cols))
	}
	n.cols[n.col] = values
	for len(rows) > 0 {
		g := f.sub(n.cols, size)
		res := n.inner.eval(g, rows)
		done := g.cut(rows)
		for _, r := range done {
			if res.IsNull(int(r)) {
				n.at[r+shift+1] = entryNull
				continue
			}
			n.at[r+shift+1] = int32(n.values.N)
			n.values.AppendRow(res, int(r))
		}
		if g.err == nil {
			n.wide = n.wide || f.ctx.fills(n.values, int64(len(n.values.Data)))
			return
		}
		if n.wide = n.wide || Full(g.err); n.wide {
			return
		}
		failed := rows[len(done)]
		n.at[failed+shift+1] = entryFailed
		n.errs[failed+shift] = g.err
		rows = rows[len(done)+1:]
	}
}

func sortCodes(s []int32) {
	for i := 1; i < len(s); i++ {
		if s[i] < s[i-1] {
			sortInt32(s)
			return
		}
	}
}
