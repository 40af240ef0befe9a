package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// numReader is the state of NUM_processor while to_number reads.
type numReader struct {
	*numFormat
	in                string
	at                int
	sign              byte // ' ' until one is read
	digits            []byte
	readPre, readPost int
	readPoint         bool
}

func (r *numReader) end() bool { return r.at >= len(r.in) }

func digitByte(c byte) bool { return c >= '0' && c <= '9' }

// skip passes up to n characters that cannot belong to a number.
func (r *numReader) skip(n int) {
	for ; n > 0 && !r.end() && strings.IndexByte("0123456789.,+-", r.in[r.at]) < 0; n-- {
		_, size := utf8.DecodeRuneInString(r.in[r.at:])
		r.at += size
	}
}

// digit reads what stands for a 9, a 0 or the point (NUM_numpart_from_char). The caller passes over the character that was read.
func (r *numReader) digit(k numKey) {
	if !r.end() && r.in[r.at] == ' ' {
		r.at++
	}
	if r.end() {
		return
	}
	if r.sign == ' ' && (k == "0" || k == "9") && r.readPre+r.readPost == 0 {
		c := r.in[r.at]
		switch {
		case c == '-' || c == '<' && r.bracket && !(r.lsign && r.lsignPre):
			r.sign = '-'
			r.at++
		case c == '+':
			r.sign = '+'
			r.at++
		}
	}
	if r.end() {
		return
	}
	read := false
	switch c := r.in[r.at]; {
	case digitByte(c):
		if r.readPoint && r.readPost == r.post {
			return
		}
		r.digits = append(r.digits, c)
		if r.readPoint {
			r.readPost++
		} else {
			r.readPre++
		}
		read = true
	case r.decimal && !r.readPoint && c == '.':
		r.digits = append(r.digits, '.')
		r.readPoint, read = true, true
	}
	if r.sign != ' ' || r.readPre+r.readPost == 0 {
		return
	}
	switch {
	case r.lsign && read && r.at+1 < len(r.in) && !digitByte(r.in[r.at+1]):
		if c := r.in[r.at+1]; c == '-' || c == '+' {
			r.sign = c
			r.at++
		}
	case !read && !r.lsign && (r.plus || r.minus):
		if c := r.in[r.at]; c == '-' || c == '+' {
			r.sign = c
		}
	}
}

func toNumber(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[1].S == "" {
		return sqltype.NullValue(), nil
	}
	f, err := cachedFormat(c, a[1].S, parseNumFormat)
	if err != nil {
		return sqltype.Value{}, err
	}
	unsupported := func(what string) (sqltype.Value, error) {
		return sqltype.Value{}, pgerr.Newf(pgerr.FeatureNotSupported, "\"%s\" not supported for input", what)
	}
	switch {
	case f.eeee:
		return unsupported("EEEE")
	case f.roman:
		return unsupported("RN")
	}
	r := &numReader{numFormat: f, in: a[0].S, sign: ' '}
	for _, n := range f.nodes {
		if r.end() {
			break
		}
		switch n.key {
		case numLiteral:
			_, size := utf8.DecodeRuneInString(r.in[r.at:])
			r.at += size
			continue
		case "9", "0", ".", "D":
			r.digit(n.key)
		case ",", "G":
			if r.fill || r.in[r.at] != ',' {
				continue
			}
		case "MI", "PL", "SG":
			c := r.in[r.at]
			if !(c == '-' && n.key != "PL" || c == '+' && n.key != "MI") {
				r.skip(1)
				continue
			}
			r.sign = c
		case "L":
			r.skip(1)
			continue
		case "TH", "th":
			r.skip(2)
			continue
		default:
			continue
		}
		r.at++
	}
	text := strings.TrimSuffix(string(r.sign)+string(r.digits), ".")
	n, err := sqltype.ParseNumeric(text)
	if err != nil {
		return sqltype.Value{}, err
	}
	typmod := int32((f.pre+f.multiplier+r.readPost)<<16|r.readPost) + 4
	if n, err = sqltype.FitNumeric(n, typmod); err != nil {
		return sqltype.Value{}, err
	}
	if f.multi {
		p, err := sqltype.NumericInt(10).Power(sqltype.NumericInt(int64(-f.multiplier)))
		if err != nil {
			return sqltype.Value{}, err
		}
		if n, err = n.Mul(p); err != nil {
			return sqltype.Value{}, err
		}
	}
	return sqltype.Num(n), nil
}
