package eval

import (
	"math"
	"sort"

	"github.com/odatagres/odatagres/internal/vector"
)

// frame is one run of a program over the rows of one batch. Rows are named by their place in the batch's columns.
//
// An error at a row makes every later node leave out that row and those behind it. So rows are only ever lost from the end,
// a later node can replace the error only by one of an earlier row, and what is left at the end is the error that
// PostgreSQL, which evaluates row by row, would have met first.
type frame struct {
	ctx     *Ctx
	cols    []*vector.Vector
	n       int // rows that the columns hold
	caseVal *vector.Vector
	errRow  int32
	err     error
}

func newFrame(ctx *Ctx, cols []*vector.Vector, n int) *frame {
	return &frame{ctx: ctx, cols: cols, n: n, errRow: math.MaxInt32}
}

// fail records the error of a row.
func (f *frame) fail(row int32, err error) {
	if row < f.errRow {
		f.errRow, f.err = row, err
	}
}

// cut drops the failing row and those behind it from an ascending selection.
func (f *frame) cut(sel []int32) []int32 {
	if f.err == nil || len(sel) == 0 || sel[len(sel)-1] < f.errRow {
		return sel
	}
	return sel[:sort.Search(len(sel), func(i int) bool { return sel[i] >= f.errRow })]
}

// sub is a frame over other rows within the same run; its error is the caller's to hand on.
func (f *frame) sub(cols []*vector.Vector, n int) *frame {
	g := newFrame(f.ctx, cols, n)
	return g
}

// rowsUpTo returns 0 … n-1.
func rowsUpTo(n int) []int32 {
	if n <= len(firstRows) {
		return firstRows[:n]
	}
	sel := make([]int32, n)
	for i := range sel {
		sel[i] = int32(i)
	}
	return sel
}

// firstRows is the selection of all rows of a full batch; it is never written.
var firstRows = func() []int32 {
	sel := make([]int32, vector.BatchRows)
	for i := range sel {
		sel[i] = int32(i)
	}
	return sel
}()

// setNull marks a row null without touching the row's bytes, so rows may be marked in any order.
func setNull(v *vector.Vector, row int32) {
	if v.Valid == nil {
		v.Valid = make([]uint64, (max(v.N, 1)+63)/64)
		for i := range v.Valid {
			v.Valid[i] = ^uint64(0)
		}
	}
	v.Valid[row>>6] &^= 1 << (uint(row) & 63)
}
