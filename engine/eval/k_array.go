package eval

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// arrayArg opens an array argument.
func arrayArg(v sqltype.Value) (sqltype.Array, error) { return sqltype.DecodeArray(v.S) }

// elemOf is the element type of an array type.
// elemOf is the type of an array's elements. Those of an array of a relation's rows are held as plain records.
func elemOf(t sqltype.Type) uint32 {
	if e := sqltype.ElemOf(t.OID); e != 0 {
		return e
	}
	return sqltype.OIDRecord
}

func errNotOneDim() error {
	return pgerr.New(pgerr.DataException, "argument must be empty or one-dimensional array")
}

// orEmpty opens an array argument of which null counts as empty.
func orEmpty(v sqltype.Value, elem uint32) (sqltype.Array, error) {
	if v.Null {
		return sqltype.Array{ElemOID: elem}, nil
	}
	return arrayArg(v)
}

func arrayAppend(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	arr, err := orEmpty(a[0], elemOf(c.T))
	if err != nil {
		return sqltype.Value{}, err
	}
	if len(arr.Dims) > 1 {
		return sqltype.Value{}, errNotOneDim()
	}
	if len(arr.Dims) == 0 {
		arr.Dims = []sqltype.Dim{{Len: 0, Lower: 1}}
	}
	arr.Dims[0].Len++
	arr.Elems = append(arr.Elems, a[1])
	return encodeArray(arr), nil
}

func arrayPrepend(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	arr, err := orEmpty(a[1], elemOf(c.T))
	if err != nil {
		return sqltype.Value{}, err
	}
	if len(arr.Dims) > 1 {
		return sqltype.Value{}, errNotOneDim()
	}
	if len(arr.Dims) == 0 {
		arr.Dims = []sqltype.Dim{{Len: 0, Lower: 1}}
	}
	arr.Dims[0].Len++
	arr.Elems = append([]sqltype.Value{a[0]}, arr.Elems...)
	return encodeArray(arr), nil
}

func arrayCat(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	switch {
	case a[0].Null:
		return a[1], nil
	case a[1].Null:
		return a[0], nil
	}
	x, err := arrayArg(a[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	y, err := arrayArg(a[1])
	if err != nil {
		return sqltype.Value{}, err
	}
	switch {
	case len(x.Dims) == 0:
		return a[1], nil
	case len(y.Dims) == 0:
		return a[0], nil
	}
	fail := func(detail string, args ...any) (sqltype.Value, error) {
		return sqltype.Value{}, pgerr.New(pgerr.ArraySubscriptError, "cannot concatenate incompatible arrays").WithDetail(detail, args...)
	}
	nx, ny := len(x.Dims), len(y.Dims)
	out := sqltype.Array{ElemOID: x.ElemOID, Elems: append(x.Elems, y.Elems...)}
	differ := func(p, q []sqltype.Dim) bool {
		for i := range p {
			if p[i].Len != q[i].Len || p[i].Lower != q[i].Lower {
				return true
			}
		}
		return false
	}
	switch {
	case nx == ny:
		if differ(x.Dims[1:], y.Dims[1:]) {
			return fail("Arrays with differing element dimensions are not compatible for concatenation.")
		}
		out.Dims = append([]sqltype.Dim(nil), x.Dims...)
		out.Dims[0].Len += y.Dims[0].Len
	case nx == ny-1:
		if differ(x.Dims, y.Dims[1:]) {
			return fail("Arrays with differing dimensions are not compatible for concatenation.")
		}
		out.Dims = append([]sqltype.Dim(nil), y.Dims...)
		out.Dims[0].Len++
	case nx == ny+1:
		if differ(x.Dims[1:], y.Dims) {
			return fail("Arrays with differing dimensions are not compatible for concatenation.")
		}
		out.Dims = append([]sqltype.Dim(nil), x.Dims...)
		out.Dims[0].Len++
	default:
		return fail("Arrays of %d and %d dimensions are not compatible for concatenation.", nx, ny)
	}
	return encodeArray(out), nil
}

func arrayToText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null || a[1].Null {
		return sqltype.NullValue(), nil
	}
	arr, err := arrayArg(a[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	t := sqltype.Of(arr.ElemOID)
	var words []*string
	for _, v := range arr.Elems {
		switch {
		case !v.Null:
			s := valueText(c, t, v)
			words = append(words, &s)
		case len(a) > 2 && !a[2].Null:
			words = append(words, &a[2].S)
		}
	}
	return concatWords(c, words, a[1].S)
}

// textSplitter gives the parts of string_to_array and string_to_table: a null separator splits into characters, an empty one not at all.
type textSplitter struct {
	rest      string
	sep       string
	runes     bool // split into characters
	null      string
	nulls     bool // parts like null are null
	exhausted bool
}

func newTextSplitter(a []sqltype.Value) *textSplitter {
	t := &textSplitter{rest: a[0].S, sep: a[1].S, runes: a[1].Null, exhausted: a[0].Null || a[0].S == ""}
	if len(a) > 2 && !a[2].Null {
		t.null, t.nulls = a[2].S, true
	}
	return t
}

// count is the number of parts from here on.
func (t *textSplitter) count() int {
	switch {
	case t.exhausted:
		return 0
	case t.runes:
		return utf8.RuneCountInString(t.rest)
	case t.sep == "":
		return 1
	}
	return strings.Count(t.rest, t.sep) + 1
}

// next gives the next part, which is one of the text's own bytes.
func (t *textSplitter) next() (sqltype.Value, bool) {
	if t.exhausted {
		return sqltype.Value{}, false
	}
	p := t.rest
	switch {
	case t.runes:
		_, n := utf8.DecodeRuneInString(t.rest)
		p, t.rest = t.rest[:n], t.rest[n:]
		t.exhausted = t.rest == ""
	case t.sep == "":
		t.exhausted = true
	default:
		i := strings.Index(t.rest, t.sep)
		if t.exhausted = i < 0; i >= 0 {
			p, t.rest = t.rest[:i], t.rest[i+len(t.sep):]
		}
	}
	if t.nulls && p == t.null {
		return sqltype.NullValue(), true
	}
	return sqltype.Text(p), true
}

func textToArray(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	t := newTextSplitter(a)
	n := t.count()
	if err := c.chargeArray(n, len(a[0].S)); err != nil {
		return sqltype.Value{}, err
	}
	vals := make([]sqltype.Value, 0, n)
	for v, ok := t.next(); ok; v, ok = t.next() {
		if err := c.spend(1); err != nil {
			return sqltype.Value{}, err
		}
		vals = append(vals, v)
	}
	return MakeArray(sqltype.OIDText, vals), nil
}

func dimOf(name string, of func(sqltype.Dim) int32) Kernel {
	return shallow(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		dims, err := sqltype.ArrayDims(a[0].S)
		if err != nil || a[1].I < 1 || a[1].I > int64(len(dims)) {
			return sqltype.NullValue(), err
		}
		return sqltype.Int(int64(of(dims[a[1].I-1]))), nil
	})
}

func arrayDims(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	dims, err := sqltype.ArrayDims(a[0].S)
	if err != nil || len(dims) == 0 {
		return sqltype.NullValue(), err
	}
	var b strings.Builder
	for _, d := range dims {
		b.WriteString("[" + strconv.Itoa(int(d.Lower)) + ":" + strconv.Itoa(int(d.Lower+d.Len-1)) + "]")
	}
	return sqltype.Text(b.String()), nil
}

// places lists the subscripts, from start on, at which an element equals v (nulls equal nulls); at most one unless all is set.
func places(c *Call, arr sqltype.Array, v sqltype.Value, start int64, all bool) ([]sqltype.Value, error) {
	if len(arr.Dims) > 1 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported")
	}
	if err := typeComparable(arr.ElemOID, false); err != nil {
		return nil, err
	}
	var out []sqltype.Value
	t := sqltype.Of(arr.ElemOID)
	for i, x := range arr.Elems {
		if err := c.spend(1); err != nil {
			return nil, err
		}
		at := int64(arr.Dims[0].Lower) + int64(i)
		if at < start || x.Null != v.Null || !x.Null && sqltype.Compare(t, x, v) != 0 {
			continue
		}
		if err := c.chargeArray(1, 4); err != nil {
			return nil, err
		}
		out = append(out, sqltype.Int(at))
		if !all {
			break
		}
	}
	return out, nil
}

func arrayPosition(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	start := int64(-1 << 31)
	if len(a) > 2 {
		if a[2].Null {
			return sqltype.Value{}, pgerr.New(pgerr.NullValueNotAllowed, "initial position must not be null")
		}
		start = a[2].I
	}
	arr, err := arrayArg(a[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	at, err := places(c, arr, a[1], start, false)
	if err != nil || len(at) == 0 {
		return sqltype.NullValue(), err
	}
	return at[0], nil
}

func arrayPositions(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	arr, err := arrayArg(a[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	at, err := places(c, arr, a[1], -1<<31, true)
	return MakeArray(sqltype.OIDInt4, at), err
}

func arrayReplace(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	arr, err := arrayArg(a[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	t := sqltype.Of(arr.ElemOID)
	remove := len(a) == 2
	if remove && len(arr.Dims) > 1 {
		return sqltype.Value{}, pgerr.New(pgerr.FeatureNotSupported, "removing elements from multidimensional arrays is not supported")
	}
	if len(arr.Elems) > 0 {
		if err := typeComparable(arr.ElemOID, false); err != nil {
			return sqltype.Value{}, err
		}
	}
	kept := arr.Elems[:0]
	for _, x := range arr.Elems {
		match := x.Null == a[1].Null && (x.Null || sqltype.Compare(t, x, a[1]) == 0)
		switch {
		case !match:
			kept = append(kept, x)
		case !remove:
			kept = append(kept, a[2])
		}
	}
	arr.Elems = kept
	if remove && len(arr.Dims) > 0 {
		arr.Dims[0].Len = int32(len(kept))
	}
	return encodeArray(arr), nil
}

func arrayFill(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	null := func() (sqltype.Value, error) {
		return sqltype.Value{}, pgerr.New(pgerr.NullValueNotAllowed, "dimension array or low bound array cannot be null")
	}
	bounds := func(v sqltype.Value) ([]sqltype.Value, error) {
		arr, err := arrayArg(v)
		if err != nil {
			return nil, err
		}
		if len(arr.Dims) > 1 {
			return nil, pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts").WithDetail("Dimension array must be one dimensional.")
		}
		for _, x := range arr.Elems {
			if x.Null {
				return nil, pgerr.New(pgerr.NullValueNotAllowed, "dimension values cannot be null")
			}
		}
		return arr.Elems, nil
	}
	if a[1].Null || len(a) > 2 && a[2].Null {
		return null()
	}
	sizes, err := bounds(a[1])
	if err != nil {
		return sqltype.Value{}, err
	}
	if len(sizes) > sqltype.MaxDims {
		return sqltype.Value{}, errTooManyDims(len(sizes))
	}
	var lower []sqltype.Value
	if len(a) > 2 {
		if lower, err = bounds(a[2]); err != nil {
			return sqltype.Value{}, err
		}
		if len(lower) != len(sizes) {
			return sqltype.Value{}, pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts").
				WithDetail("Low bound array has different size than dimensions array.")
		}
	}
	out := sqltype.Array{ElemOID: elemOf(c.T)}
	total := int64(1)
	tooLarge := pgerr.Newf(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", 134217727)
	for i, s := range sizes {
		d := sqltype.Dim{Len: int32(s.I), Lower: 1}
		if lower != nil {
			d.Lower = int32(lower[i].I)
		}
		if total *= s.I; s.I < 0 || total > 134217727 {
			return sqltype.Value{}, tooLarge
		}
		if err := d.Check(); err != nil {
			return sqltype.Value{}, err
		}
		out.Dims = append(out.Dims, d)
	}
	if len(sizes) == 0 {
		total = 0
	}
	if err := c.Ctx().checkSize(total * int64(8+len(a[0].S))); err != nil {
		return sqltype.Value{}, err
	}
	if err := c.chargeArray(int(total), int(total)*len(a[0].S)); err != nil {
		return sqltype.Value{}, err
	}
	out.Elems = make([]sqltype.Value, total)
	for i := range out.Elems {
		out.Elems[i] = a[0]
	}
	return encodeArray(out), nil
}

// contains reports whether every element of y is one of x; a null never is.
func contains(c *Call, x, y sqltype.Array) (bool, error) {
	t := sqltype.Of(x.ElemOID)
	for _, v := range y.Elems {
		if v.Null {
			return false, nil
		}
		if ok, err := member(c, t, x.Elems, v); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func member(c *Call, t sqltype.Type, in []sqltype.Value, v sqltype.Value) (bool, error) {
	for i := range in {
		if x := &in[i]; !x.Null && sqltype.Compare(t, *x, v) == 0 {
			return true, c.spend(i)
		}
	}
	return false, c.spend(len(in))
}

func overlap(c *Call, x, y sqltype.Array) (bool, error) {
	t := sqltype.Of(x.ElemOID)
	for _, v := range y.Elems {
		if v.Null {
			continue
		}
		if ok, err := member(c, t, x.Elems, v); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

func arrayTest(name string, test func(c *Call, x, y sqltype.Array) (bool, error)) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		x, err := arrayArg(a[0])
		if err != nil {
			return sqltype.Value{}, err
		}
		y, err := arrayArg(a[1])
		if err == nil {
			err = typeComparable(x.ElemOID, false)
		}
		if err != nil {
			return sqltype.Value{}, err
		}
		ok, err := test(c, x, y)
		return sqltype.Bool(ok), err
	})
}

func trimArray(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	arr, err := arrayArg(a[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	size := 0
	if len(arr.Dims) > 0 {
		size = int(arr.Dims[0].Len)
	}
	n := int(a[1].I)
	if n < 0 || n > size {
		return sqltype.Value{}, pgerr.Newf(pgerr.ArraySubscriptError, "number of elements to trim must be between 0 and %d", size)
	}
	if size > 0 {
		arr.Elems = arr.Elems[:len(arr.Elems)/size*(size-n)]
		arr.Dims[0].Len -= int32(n)
		for i := range arr.Dims {
			arr.Dims[i].Lower = 1
		}
	}
	return encodeArray(arr), nil
}

func widthBucketArray(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	arr, err := arrayArg(a[1])
	if err != nil {
		return sqltype.Value{}, err
	}
	if len(arr.Dims) > 1 {
		return sqltype.Value{}, pgerr.New(pgerr.ArraySubscriptError, "thresholds must be one-dimensional array")
	}
	t := sqltype.Of(arr.ElemOID)
	for _, v := range arr.Elems {
		if v.Null {
			return sqltype.Value{}, pgerr.New(pgerr.NullValueNotAllowed, "thresholds array must not contain NULLs")
		}
	}
	lo, hi := 0, len(arr.Elems)
	for lo < hi {
		mid := (lo + hi) / 2
		if sqltype.Compare(t, a[0], arr.Elems[mid]) < 0 {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return sqltype.Int(int64(lo)), nil
}

func arrayKernels() []Kernel {
	return []Kernel{
		scalar("array_append", arrayAppend), scalar("array_prepend", arrayPrepend), scalar("array_cat", arrayCat),
		scalar("array_to_text", arrayToText), scalar("array_to_text_null", arrayToText),
		scalar("text_to_array", textToArray), scalar("text_to_array_null", textToArray),
		dimOf("array_length", func(d sqltype.Dim) int32 { return d.Len }),
		dimOf("array_lower", func(d sqltype.Dim) int32 { return d.Lower }),
		dimOf("array_upper", func(d sqltype.Dim) int32 { return d.Lower + d.Len - 1 }),
		shallow("array_dims", arrayDims),
		shallow("array_ndims", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			dims, err := sqltype.ArrayDims(a[0].S)
			if err != nil || len(dims) == 0 {
				return sqltype.NullValue(), err
			}
			return sqltype.Int(int64(len(dims))), nil
		}),
		shallow("array_cardinality", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			dims, err := sqltype.ArrayDims(a[0].S)
			if err != nil || len(dims) == 0 {
				return sqltype.Int(0), err
			}
			items := int64(1)
			for _, d := range dims {
				items *= int64(d.Len)
			}
			return sqltype.Int(items), nil
		}),
		scalar("array_position", arrayPosition), scalar("array_position_start", arrayPosition), scalar("array_positions", arrayPositions),
		scalar("array_remove", arrayReplace), scalar("array_replace", arrayReplace),
		scalar("array_fill", arrayFill), scalar("array_fill_with_lower_bounds", arrayFill),
		arrayTest("arraycontains", contains),
		arrayTest("arraycontained", func(c *Call, x, y sqltype.Array) (bool, error) { return contains(c, y, x) }),
		arrayTest("arrayoverlap", overlap),
		scalar("trim_array", trimArray),
		scalar("width_bucket_array", widthBucketArray),
		scalar("oidvectortypes", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			vals, err := arrayValues(a[0].S)
			words := make([]string, len(vals))
			for i, v := range vals {
				words[i] = sqltype.FormatType(uint32(v.I), -1)
			}
			return sqltype.Text(strings.Join(words, ", ")), err
		}),
	}
}
