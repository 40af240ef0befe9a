package sqltype

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

func malformedArray(s, detail string, args ...any) error {
	return pgerr.Newf(pgerr.InvalidTextRepresentation, "malformed array literal: \"%s\"", s).WithDetail(detail, args...)
}

// delimiter is the character between the elements of arrays of a type.
func delimiter(elem uint32) byte {
	if i, ok := Lookup(elem); ok {
		return i.Delim
	}
	return ','
}

// arrayIn reads {…} with optional bounds in front, as in [2:3]={a,b}.
func arrayIn(s string, t Type, env Env) (Value, error) {
	elem := t.Info().Elem
	codec, ok := codecOf(elem)
	if !ok {
		return Value{}, unsupportedType(Of(elem))
	}
	bounds, body, err := arrayBounds(s)
	if err != nil {
		return Value{}, err
	}
	counter := &arrayCounter{text: body, delim: delimiter(elem)}
	if err := counter.run(); err != nil {
		return Value{}, err
	}
	dims := counter.dims()
	if bounds != nil {
		if len(dims) != len(bounds) {
			return Value{}, malformedArray(s, "Specified array dimensions do not match array contents.")
		}
		for i := range bounds {
			if bounds[i].Len != dims[i].Len {
				return Value{}, malformedArray(s, "Specified array dimensions do not match array contents.")
			}
		}
		dims = bounds
	}
	if len(dims) == 0 {
		return EncodeArray(Array{ElemOID: elem}), nil
	}
	r := &arrayReader{text: body, elem: Type{elem, t.Typmod}, codec: codec, delim: counter.delim, env: env, depth: len(dims)}
	if err := r.read(); err != nil {
		return Value{}, err
	}
	items := int64(1)
	for _, d := range dims {
		items *= int64(d.Len)
	}
	if items != int64(len(r.elems)) {
		return Value{}, malformedArray(body, detailDims)
	}
	return EncodeArray(Array{ElemOID: elem, Dims: dims, Elems: r.elems}), nil
}

// arrayBounds reads [l:u][u]…= and returns what follows.
func arrayBounds(s string) (dims []Dim, body string, err error) {
	i := 0
	skip := func() {
		for i < len(s) && isSpace(s[i]) {
			i++
		}
	}
	for {
		skip()
		if i >= len(s) || s[i] != '[' {
			break
		}
		i++
		if len(dims) >= MaxDims {
			return nil, "", pgerr.Newf(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(dims)+1, MaxDims)
		}
		number := func() (int64, bool) {
			start := i
			for i < len(s) && (isDigit(s[i]) || s[i] == '-' || s[i] == '+') {
				i++
			}
			n, _, _ := small(s[start:i])
			return int64(n), i > start
		}
		lower := int64(1)
		upper, ok := number()
		if !ok {
			return nil, "", malformedArray(s, "\"[\" must introduce explicitly-specified array dimensions.")
		}
		if i < len(s) && s[i] == ':' {
			i++
			lower = upper
			if upper, ok = number(); !ok {
				return nil, "", malformedArray(s, "Missing array dimension value.")
			}
		}
		if i >= len(s) || s[i] != ']' {
			return nil, "", malformedArray(s, "Missing \"%s\" after array dimensions.", "]")
		}
		i++
		if upper < lower {
			return nil, "", pgerr.New(pgerr.ArraySubscriptError, "upper bound cannot be less than lower bound")
		}
		if lower < math.MinInt32 || upper > math.MaxInt32-1 || upper-lower+1 > math.MaxInt32 {
			return nil, "", pgerr.Newf(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayItems)
		}
		dims = append(dims, Dim{int32(upper - lower + 1), int32(lower)})
	}
	if len(dims) == 0 {
		if i >= len(s) || s[i] != '{' {
			return nil, "", malformedArray(s, "Array value must start with \"{\" or dimension information.")
		}
		return nil, s[i:], nil
	}
	if i >= len(s) || s[i] != '=' {
		return nil, "", malformedArray(s, "Missing \"%s\" after array dimensions.", "=")
	}
	i++
	skip()
	if i >= len(s) || s[i] != '{' {
		return nil, "", malformedArray(s, "Array contents must start with \"{\".")
	}
	return dims, s[i:], nil
}

const (
	detailEnd       = "Unexpected end of input."
	detailDims      = "Multidimensional arrays must have sub-arrays with matching dimensions."
	detailElement   = "Unexpected array element."
	detailCharacter = "Unexpected \"%c\" character."
)

// The places of arrayCounter between two characters.
type arrayPlace uint8

const (
	placeOutside arrayPlace = iota
	placeLevelStarted
	placeElement
	placeQuoted
	placeQuotedDone
	placeAfterElement // a delimiter after an element
	placeLevelDone
	placeAfterLevel // a delimiter after a level
)

func (p arrayPlace) in(places ...arrayPlace) bool { return slices.Contains(places, p) }

// arrayCounter finds the dimensions and every fault of the braces before any element is read, as PostgreSQL does; which
// of several faults is reported depends on that.
type arrayCounter struct {
	text  string
	delim byte

	place      arrayPlace
	depth, max int
	found      bool // an element
	counts     [MaxDims]int32
	last       [MaxDims]int32
}

func (c *arrayCounter) dims() []Dim {
	if !c.found {
		return nil
	}
	dims := make([]Dim, c.max)
	for i := range dims {
		dims[i] = Dim{c.last[i], 1}
	}
	return dims
}

func (c *arrayCounter) fail(detail string, args ...any) error {
	return malformedArray(c.text, detail, args...)
}

func (c *arrayCounter) run() error {
	for i := range c.counts {
		c.counts[i] = 1
	}
	quoted := false
	for i := 0; ; i++ {
		if c.place.in(placeElement, placeQuoted) {
			c.found = true
		}
		if i >= len(c.text) {
			return c.fail(detailEnd)
		}
		switch b := c.text[i]; {
		case b == '\\':
			if !c.place.in(placeLevelStarted, placeElement, placeQuoted, placeAfterElement) {
				return c.fail(detailCharacter, '\\')
			}
			if c.place != placeQuoted {
				c.place = placeElement
			}
			if i++; i >= len(c.text) {
				return c.fail(detailEnd)
			}
		case b == '"':
			if !c.place.in(placeLevelStarted, placeQuoted, placeAfterElement) {
				return c.fail(detailElement)
			}
			if quoted = !quoted; quoted {
				c.place = placeQuoted
			} else {
				c.place = placeQuotedDone
				c.found = true
			}
		case quoted:
		case b == '{':
			if !c.place.in(placeOutside, placeLevelStarted, placeAfterLevel) {
				return c.fail(detailCharacter, '{')
			}
			c.place = placeLevelStarted
			if c.depth >= MaxDims {
				return pgerr.Newf(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", c.depth+1, MaxDims)
			}
			c.depth++
			c.max = max(c.max, c.depth)
		case b == '}':
			done, err := c.close(c.text[i+1:])
			if done || err != nil {
				return err
			}
		case b == c.delim:
			switch {
			case c.place == placeLevelDone:
				c.place = placeAfterLevel
			case c.place.in(placeElement, placeQuotedDone):
				c.place = placeAfterElement
			default:
				return c.fail(detailCharacter, c.delim)
			}
			c.counts[c.depth-1]++
		case !isSpace(b):
			if !c.place.in(placeLevelStarted, placeElement, placeAfterElement) {
				return c.fail(detailElement)
			}
			c.place = placeElement
		}
	}
}

// close ends a level; done says that it was the outermost, after which only blanks may come.
func (c *arrayCounter) close(rest string) (done bool, err error) {
	if !c.place.in(placeElement, placeQuotedDone, placeLevelDone) && !(c.depth == 1 && c.place == placeLevelStarted) {
		return false, c.fail(detailCharacter, '}')
	}
	c.place = placeLevelDone
	c.depth--
	if last := c.last[c.depth]; last != 0 && last != c.counts[c.depth] {
		return false, c.fail(detailDims)
	}
	c.last[c.depth], c.counts[c.depth] = c.counts[c.depth], 1
	if c.depth > 0 {
		return false, nil
	}
	if trimSpace(rest) != "" {
		return true, c.fail("Junk after closing right brace.")
	}
	return true, nil
}

// arrayReader reads the elements of a text whose braces are known to be right.
type arrayReader struct {
	text  string
	elem  Type
	codec codec
	delim byte
	env   Env
	depth int // of every element
	elems []Value
}

func (r *arrayReader) read() error {
	depth := 0
	for i := 0; i < len(r.text); {
		switch c := r.text[i]; {
		case c == '{':
			depth++
			i++
		case c == '}':
			depth--
			i++
		case c == r.delim || isSpace(c):
			i++
		default:
			if depth != r.depth {
				return malformedArray(r.text, detailDims)
			}
			v, end, err := r.element(i)
			if err != nil {
				return err
			}
			r.elems = append(r.elems, v)
			i = end
		}
	}
	return nil
}

// element reads one quoted or bare element from a place on.
func (r *arrayReader) element(i int) (Value, int, error) {
	var b strings.Builder
	keep, bare, quoted := 0, true, false
	for ; i < len(r.text); i++ {
		c := r.text[i]
		if !quoted && (c == r.delim || c == '}') {
			break
		}
		switch {
		case c == '"':
			quoted, bare = !quoted, false
			keep = b.Len()
		case c == '\\' && i+1 < len(r.text):
			i++
			b.WriteByte(r.text[i])
			keep, bare = b.Len(), false
		default:
			b.WriteByte(c)
			if quoted || !isSpace(c) {
				keep = b.Len()
			}
		}
	}
	s := b.String()[:keep]
	if bare && strings.EqualFold(s, "null") {
		return NullValue(), i, nil
	}
	v, err := r.codec.in(s, r.elem, r.env)
	return v, i, err
}

// AppendArray appends the text form of an array. Bounds are printed if any lower one is not 1.
func AppendArray(dst []byte, a Array, env Env) []byte {
	env = orDefault(env)
	if len(a.Elems) == 0 {
		return append(dst, '{', '}')
	}
	for _, d := range a.Dims {
		if d.Lower == 1 {
			continue
		}
		for _, d := range a.Dims {
			dst = append(strconv.AppendInt(append(dst, '['), int64(d.Lower), 10), ':')
			dst = append(strconv.AppendInt(dst, int64(d.Lower)+int64(d.Len)-1, 10), ']')
		}
		dst = append(dst, '=')
		break
	}
	c, ok := codecOf(a.ElemOID)
	if !ok {
		c = codec{out: textOut}
	}
	w := &arrayWriter{a: a, codec: c, delim: delimiter(a.ElemOID), env: env}
	dst, _ = w.level(dst, 0, 0)
	return dst
}

type arrayWriter struct {
	a     Array
	codec codec
	delim byte
	env   Env
	buf   []byte
}

func (w *arrayWriter) level(dst []byte, dim, at int) ([]byte, int) {
	dst = append(dst, '{')
	for i := range int(w.a.Dims[dim].Len) {
		if i > 0 {
			dst = append(dst, w.delim)
		}
		if dim+1 < len(w.a.Dims) {
			dst, at = w.level(dst, dim+1, at)
			continue
		}
		if v := w.a.Elems[at]; v.Null {
			dst = append(dst, "NULL"...)
		} else {
			w.buf = w.codec.out(w.buf[:0], v, Of(w.a.ElemOID), w.env)
			dst = w.quote(dst, w.buf)
		}
		at++
	}
	return append(dst, '}'), at
}

func (w *arrayWriter) quote(dst, text []byte) []byte {
	need := len(text) == 0 || len(text) == 4 && strings.EqualFold(string(text), "null")
	for _, c := range text {
		if c == '"' || c == '\\' || c == '{' || c == '}' || c == w.delim || isSpace(c) {
			need = true
			break
		}
	}
	if !need {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func arrayOut(dst []byte, v Value, _ Type, env Env) []byte {
	a, err := DecodeArray(v.S)
	if err != nil {
		return append(dst, '{', '}')
	}
	return AppendArray(dst, a, env)
}
