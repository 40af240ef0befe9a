package sqltype

import (
	"math"
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
	dims, body, explicit, err := arrayBounds(s)
	if err != nil {
		return Value{}, err
	}
	p := &arrayParser{whole: s, text: body, elem: Type{elem, t.Typmod}, delim: delimiter(elem), env: env}
	var ok bool
	if p.codec, ok = codecOf(elem); !ok {
		return Value{}, unsupportedType(Of(elem))
	}
	if err := p.parse(); err != nil {
		return Value{}, err
	}
	a := Array{ElemOID: elem, Elems: p.elems}
	if len(p.elems) > 0 {
		a.Dims = p.dims
	}
	if explicit {
		if len(dims) != len(p.dims) {
			return Value{}, malformedArray(s, "Specified array dimensions do not match array contents.")
		}
		for i := range dims {
			if dims[i].Len != p.dims[i].Len {
				return Value{}, malformedArray(s, "Specified array dimensions do not match array contents.")
			}
		}
		if len(p.elems) > 0 {
			a.Dims = dims
		}
	}
	return EncodeArray(a), nil
}

// arrayBounds reads [l:u][u]…= and returns what follows.
func arrayBounds(s string) (dims []Dim, body string, explicit bool, err error) {
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
			return nil, "", false, pgerr.Newf(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(dims)+1, MaxDims)
		}
		number := func() (int64, bool) {
			start := i
			for i < len(s) && (isDigit(s[i]) || s[i] == '-' || s[i] == '+') {
				i++
			}
			n, _ := strconv.ParseInt(s[start:i], 10, 64)
			return n, i > start
		}
		lower := int64(1)
		upper, ok := number()
		if !ok {
			return nil, "", false, malformedArray(s, "\"[\" must introduce explicitly-specified array dimensions.")
		}
		if i < len(s) && s[i] == ':' {
			i++
			lower = upper
			if upper, ok = number(); !ok {
				return nil, "", false, malformedArray(s, "Missing array dimension value.")
			}
		}
		if i >= len(s) || s[i] != ']' {
			return nil, "", false, malformedArray(s, "Missing \"%s\" after array dimensions.", "]")
		}
		i++
		if upper < lower {
			return nil, "", false, pgerr.New(pgerr.ArraySubscriptError, "upper bound cannot be less than lower bound")
		}
		if lower < math.MinInt32 || upper > math.MaxInt32-1 || upper-lower+1 > maxArrayItems {
			return nil, "", false, pgerr.Newf(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayItems)
		}
		dims = append(dims, Dim{int32(upper - lower + 1), int32(lower)})
	}
	if len(dims) == 0 {
		if i >= len(s) || s[i] != '{' {
			return nil, "", false, malformedArray(s, "Array value must start with \"{\" or dimension information.")
		}
		return nil, s[i:], false, nil
	}
	if i >= len(s) || s[i] != '=' {
		return nil, "", false, malformedArray(s, "Missing \"%s\" after array dimensions.", "=")
	}
	i++
	skip()
	if i >= len(s) || s[i] != '{' {
		return nil, "", false, malformedArray(s, "Array contents must start with \"{\".")
	}
	return dims, s[i:], true, nil
}

type arrayParser struct {
	whole, text string
	pos         int
	elem        Type
	codec       codec
	delim       byte
	env         Env
	elems       []Value
	dims        []Dim
	leafDepth   int // the depth at which elements lie; 0: none seen yet
}

func (p *arrayParser) skip() {
	for p.pos < len(p.text) && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

func (p *arrayParser) fail(detail string, args ...any) error {
	return malformedArray(p.whole, detail, args...)
}

const (
	detailEnd       = "Unexpected end of input."
	detailDims      = "Multidimensional arrays must have sub-arrays with matching dimensions."
	detailElement   = "Unexpected array element."
	detailCharacter = "Unexpected \"%c\" character."
)

func (p *arrayParser) parse() error {
	if err := p.level(0); err != nil {
		return err
	}
	p.skip()
	if p.pos < len(p.text) {
		return p.fail("Junk after closing right brace.")
	}
	return nil
}

// level reads one pair of braces at a depth.
func (p *arrayParser) level(depth int) error {
	if depth >= MaxDims {
		return pgerr.Newf(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", depth+1, MaxDims)
	}
	p.pos++ // the brace
	firstVisit := len(p.dims) == depth
	if firstVisit {
		if p.leafDepth > 0 {
			return p.fail(detailDims)
		}
		p.dims = append(p.dims, Dim{0, 1})
	}
	count := int32(0)
	done := func() error {
		p.pos++
		if firstVisit {
			p.dims[depth].Len = count
		} else if p.dims[depth].Len != count {
			return p.fail(detailDims)
		}
		return nil
	}
	afterDelim := false
	for {
		p.skip()
		if p.pos >= len(p.text) {
			return p.fail(detailEnd)
		}
		switch c := p.text[p.pos]; {
		case c == '{':
			if p.leafDepth > 0 && p.leafDepth <= depth+1 {
				return p.fail(detailDims)
			}
			if err := p.level(depth + 1); err != nil {
				return err
			}
		case c == '}':
			if count == 0 && !afterDelim {
				if p.leafDepth == 0 && depth == 0 || len(p.dims) == depth+1 {
					if p.leafDepth == 0 {
						p.leafDepth = 0
					}
					return done()
				}
				return done()
			}
			return p.fail(detailCharacter, '}')
		case c == p.delim:
			return p.fail(detailCharacter, p.delim)
		default:
			if p.leafDepth == 0 {
				if len(p.dims) > depth+1 {
					return p.fail(detailDims)
				}
				p.leafDepth = depth + 1
			} else if p.leafDepth != depth+1 {
				return p.fail(detailDims)
			}
			v, err := p.element()
			if err != nil {
				return err
			}
			if len(p.elems) >= maxArrayItems {
				return pgerr.Newf(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayItems)
			}
			p.elems = append(p.elems, v)
		}
		count++
		p.skip()
		if p.pos >= len(p.text) {
			return p.fail(detailEnd)
		}
		switch c := p.text[p.pos]; {
		case c == p.delim:
			p.pos++
			afterDelim = true
		case c == '}':
			return done()
		case c == '{':
			return p.fail(detailCharacter, '{')
		default:
			return p.fail(detailElement)
		}
	}
}

// element reads one quoted or bare element.
func (p *arrayParser) element() (Value, error) {
	var b strings.Builder
	if p.text[p.pos] == '"' {
		p.pos++
		for {
			if p.pos >= len(p.text) {
				return Value{}, p.fail(detailEnd)
			}
			c := p.text[p.pos]
			p.pos++
			if c == '"' {
				break
			}
			if c == '\\' {
				if p.pos >= len(p.text) {
					return Value{}, p.fail(detailEnd)
				}
				c = p.text[p.pos]
				p.pos++
			}
			b.WriteByte(c)
		}
		return p.codec.in(b.String(), p.elem, p.env)
	}
	keep, escaped := 0, false
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if c == p.delim || c == '}' {
			break
		}
		if c == '"' {
			return Value{}, p.fail(detailElement)
		}
		if c == '{' {
			return Value{}, p.fail(detailCharacter, '{')
		}
		p.pos++
		if c == '\\' {
			if p.pos >= len(p.text) {
				return Value{}, p.fail(detailEnd)
			}
			b.WriteByte(p.text[p.pos])
			p.pos++
			keep, escaped = b.Len(), true
			continue
		}
		b.WriteByte(c)
		if !isSpace(c) {
			keep = b.Len()
		}
	}
	s := b.String()[:keep]
	if !escaped && strings.EqualFold(s, "null") {
		return NullValue(), nil
	}
	return p.codec.in(s, p.elem, p.env)
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
