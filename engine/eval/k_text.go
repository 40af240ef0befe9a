package eval

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func runeCount(s []byte) int { return utf8.RuneCount(s) }

func mapRunes(dst, s []byte, f func(rune) rune) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = append(dst, byte(f(rune(c))))
			i++
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		dst = utf8.AppendRune(dst, f(r))
		i += n
	}
	return dst
}

// appendLower and appendUpper change the case; ASCII, which is most text, byte by byte.
func appendLower(dst, s []byte) []byte {
	for i, c := range s {
		if c >= utf8.RuneSelf {
			return mapRunes(dst, s[i:], toLower)
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func appendUpper(dst, s []byte) []byte {
	for i, c := range s {
		if c >= utf8.RuneSelf {
			return mapRunes(dst, s[i:], toUpper)
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func appendInitcap(dst, s []byte) []byte {
	inWord := false
	return mapRunes(dst, s, func(r rune) rune {
		was := inWord
		inWord = inClass(ctypeAlnum, r)
		if was {
			return toLower(r)
		}
		return toUpper(r)
	})
}

// runesFrom returns the part of s that begins n characters in.
func runesFrom(s string, n int) string {
	for ; n > 0 && s != ""; n-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}

// firstRunes returns the first n characters of s.
func firstRunes(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if n >= len(s) {
		return s
	}
	return s[:len(s)-len(runesFrom(s, n))]
}

func errNegativeLength() error {
	return pgerr.New(pgerr.SubstringError, "negative substring length not allowed")
}

// span turns a start from 1 and a length (negative: to the end is meant by open) into characters to skip and to take.
func substrSpan(start, length int64, open bool) (skip, take int, err error) {
	end := int64(math.MaxInt64)
	if !open {
		if length < 0 {
			return 0, 0, errNegativeLength()
		}
		end = start + length
	}
	from := max(start, 1)
	if end <= from {
		return 0, 0, nil
	}
	return int(from - 1), int(min(end-from, math.MaxInt32)), nil
}

func substrText(open bool) func(*Call, []byte, bool, []view[int32], int32) ([]byte, error) {
	return func(_ *Call, s []byte, plain bool, a []view[int32], r int32) ([]byte, error) {
		length := int64(0)
		if !open {
			length = countArg(a, 1, r)
		}
		skip, take, err := substrSpan(countArg(a, 0, r), length, open)
		if err != nil || take == 0 {
			return nil, err
		}
		return cutRunes(s, skip, take, plain), nil
	}
}

func overlayText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	length := int64(utf8.RuneCountInString(a[1].S))
	if len(a) > 3 {
		length = a[3].I
	}
	start := a[2].I
	if start <= 0 {
		return sqltype.Value{}, errNegativeLength()
	}
	rest := start + length
	if rest > math.MaxInt32 || rest < math.MinInt32 {
		return sqltype.Value{}, errInt4Range()
	}
	tail := a[0].S
	if rest > 1 {
		tail = runesFrom(a[0].S, int(rest-1))
	}
	return sqltype.Text(firstRunes(a[0].S, int(start-1)) + a[1].S + tail), nil
}

// position is the place of needle in s in characters from 1; 0 if it is not there.
func position(s, needle []byte) int {
	i := bytes.Index(s, needle)
	if i < 0 {
		return 0
	}
	return utf8.RuneCount(s[:i]) + 1
}

func textPosition(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
	a, b := textsOf(v[0]), textsOf(v[1])
	for _, r := range sel {
		out.I32[r] = int32(position(a.at(r), b.at(r)))
	}
}

func leftText(_ *Call, s []byte, plain bool, a []view[int32], r int32) ([]byte, error) {
	n := int(countArg(a, 0, r))
	if n < 0 {
		n += countRunes(s, plain)
	}
	return cutRunes(s, 0, n, plain), nil
}

func rightText(_ *Call, s []byte, plain bool, a []view[int32], r int32) ([]byte, error) {
	n := int(countArg(a, 0, r))
	if n < 0 {
		if n = -n; n > math.MaxInt32 { // PostgreSQL's int overflows here, and nothing is cut
			n = 0
		}
	} else {
		n = max(countRunes(s, plain)-n, 0)
	}
	return cutRunes(s, n, len(s), plain), nil
}

// padText is lpad and rpad. The size is checked in bytes as PostgreSQL does: four for each character.
func padText(left bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		fill := " "
		if len(a) > 2 {
			fill = a[2].S
		}
		want, have := max(a[1].I, 0), int64(utf8.RuneCountInString(a[0].S))
		if fill == "" {
			want = min(want, have)
		}
		if err := c.Ctx().checkSize(want * 4); err != nil {
			return sqltype.Value{}, err
		}
		if err := c.build(want); err != nil {
			return sqltype.Value{}, err
		}
		if want <= have {
			return sqltype.Text(firstRunes(a[0].S, int(want))), nil
		}
		pad := want - have
		width := int64(utf8.RuneCountInString(fill))
		rest := firstRunes(fill, int(pad%width))
		var b strings.Builder
		b.Grow(len(a[0].S) + len(fill)*int(pad/width) + len(rest))
		if !left {
			b.WriteString(a[0].S)
		}
		for range pad / width {
			b.WriteString(fill)
		}
		b.WriteString(rest)
		if left {
			b.WriteString(a[0].S)
		}
		return sqltype.Text(b.String()), nil
	}
}

// trimMany is for how many bytes of characters to be cut they are looked up by hash.
const trimMany = 64

// trimByHash cuts many different characters off the ends of s.
func trimByHash(s, cut []byte, left, right bool) []byte {
	set := make(map[rune]bool)
	for _, r := range alias(cut) {
		set[r] = true
	}
	in := func(r rune) bool { return set[r] }
	if left {
		s = bytes.TrimLeftFunc(s, in)
	}
	if right {
		s = bytes.TrimRightFunc(s, in)
	}
	return s
}

// trimText makes a trim of the ends; without a second argument blanks are cut.
func trimText(name string, left, right bool) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		t := textsOf(v[0])
		set := texts{data: []byte(" "), offsets: []int32{0, 1}}
		if len(v) > 1 {
			set = textsOf(v[1])
		}
		for _, r := range sel {
			s, cut := t.at(r), set.at(r)
			if len(cut) == 1 && cut[0] < utf8.RuneSelf {
				for left && len(s) > 0 && s[0] == cut[0] {
					s = s[1:]
				}
				for right && len(s) > 0 && s[len(s)-1] == cut[0] {
					s = s[:len(s)-1]
				}
			} else if len(cut) > trimMany && len(s) > trimMany {
				if err := c.charge(int64(len(cut)) * 16); err != nil {
					c.fail(r, err)
					return
				}
				s = trimByHash(s, cut, left, right)
			} else {
				if left {
					s = bytes.TrimLeft(s, alias(cut))
				}
				if right {
					s = bytes.TrimRight(s, alias(cut))
				}
			}
			out.SetBytes(int(r), s)
		}
	}}
}

// translateMany is for how many characters their places are looked up by hash.
const translateMany = 32

func translateText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	most := int64(len(a[0].S)) // what the result may take: characters of one byte may become such of four
	for i := 0; i < len(a[2].S) && most == int64(len(a[0].S)); i++ {
		if a[2].S[i] >= utf8.RuneSelf {
			most *= utf8.UTFMax
		}
	}
	if err := c.build(min(most, MaxValue)); err != nil {
		return sqltype.Value{}, err
	}
	if err := c.charge(int64(len(a[1].S)+len(a[2].S)) * 4); err != nil {
		return sqltype.Value{}, err
	}
	from, to := []rune(a[1].S), []rune(a[2].S)
	var b strings.Builder
	if len(from) > translateMany && len(a[0].S) > translateMany {
		return translateByHash(c, a[0].S, from, to)
	}
next:
	for _, r := range a[0].S {
		for i, f := range from {
			if r == f {
				if i < len(to) {
					b.WriteRune(to[i])
				}
				continue next
			}
		}
		b.WriteRune(r)
	}
	return sqltype.Text(b.String()), nil
}

// translateByHash is translate where there are many characters to be replaced.
func translateByHash(c *Call, s string, from, to []rune) (sqltype.Value, error) {
	if err := c.charge(int64(len(from)) * 48); err != nil {
		return sqltype.Value{}, err
	}
	places := make(map[rune]int)
	for i := len(from) - 1; i >= 0; i-- { // the first of those that are alike counts
		places[from[i]] = i
	}
	var b strings.Builder
	for _, r := range s {
		switch i, ok := places[r]; {
		case !ok:
			b.WriteRune(r)
		case i < len(to):
			b.WriteRune(to[i])
		}
	}
	return sqltype.Text(b.String()), nil
}

func replaceText(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
	a, b, d := textsOf(v[0]), textsOf(v[1]), textsOf(v[2])
	for _, r := range sel {
		s, from, to := a.at(r), b.at(r), d.at(r)
		size := len(s)
		if len(from) > 0 && len(to) > len(from) && len(s)*len(to) > chargeStep {
			size += bytes.Count(s, from) * (len(to) - len(from))
		}
		if !c.fits(out, r, size) {
			return
		}
		out.StartBytes(int(r))
		for len(from) > 0 {
			i := bytes.Index(s, from)
			if i < 0 {
				break
			}
			out.Data = append(append(out.Data, s[:i]...), to...)
			s = s[i+len(from):]
		}
		out.Data = append(out.Data, s...)
		out.EndBytes(int(r))
	}
}

func repeatText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	n := max(a[1].I, 0)
	if a[0].S == "" {
		return a[0], nil
	}
	if err := c.build(int64(len(a[0].S)) * n); err != nil {
		return sqltype.Value{}, err
	}
	return sqltype.Text(strings.Repeat(a[0].S, int(n))), nil
}

func chrText(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	n := a[0].I
	fail := func(code pgerr.Code, format string, args ...any) (sqltype.Value, error) {
		return sqltype.Value{}, pgerr.Newf(code, format, args...)
	}
	switch {
	case n < 0:
		return fail(pgerr.InvalidParameterValue, "character number must be positive")
	case n == 0:
		return fail(pgerr.ProgramLimitExceeded, "null character not permitted")
	case n > 0x10ffff:
		return fail(pgerr.ProgramLimitExceeded, "requested character too large for encoding: %d", n)
	case n >= 0xd800 && n < 0xe000:
		return fail(pgerr.ProgramLimitExceeded, "requested character not valid for encoding: %d", n)
	}
	return sqltype.Text(string(rune(n))), nil
}

// splitPart is the n-th field of s between separators, counted from its end if n is negative; an empty text where there is none.
func splitPart(s, sep []byte, n int64) []byte {
	if len(s) == 0 {
		return nil
	}
	if len(sep) == 0 {
		if n == 1 || n == -1 {
			return s
		}
		return nil
	}
	if n < 0 { // separators are found from the left all the same
		if n += int64(bytes.Count(s, sep)) + 2; n < 1 {
			return nil
		}
	}
	for ; ; n-- {
		i := bytes.Index(s, sep)
		switch {
		case n == 1 && i < 0:
			return s
		case n == 1:
			return s[:i]
		case i < 0:
			return nil
		}
		s = s[i+len(sep):]
	}
}

func splitParts(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
	a, b, n := textsOf(v[0]), textsOf(v[1]), viewOf[int32](v[2])
	for _, r := range sel {
		k := n.d[r&n.mask]
		if k == 0 {
			c.fail(r, invalid("field position must not be zero"))
			return
		}
		s := splitPart(a.at(r), b.at(r), int64(k))
		if !c.fits(out, r, len(s)) {
			return
		}
		out.SetBytes(int(r), s)
	}
}

func hexOf(bits uint) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		u := uint64(a[0].I)
		if bits == 32 {
			u = uint64(uint32(u))
		}
		return sqltype.Text(strconv.FormatUint(u, 16)), nil
	}
}

func appendReverse(dst, s []byte) []byte {
	for len(s) > 0 {
		_, n := utf8.DecodeLastRune(s)
		dst = append(dst, s[len(s)-n:]...)
		s = s[:len(s)-n]
	}
	return dst
}

// concat2 is text || text.
func concat2(c *Call, dst, a, b []byte) ([]byte, error) {
	if len(a)+len(b) > 1<<16 {
		if err := c.Ctx().checkSize(int64(len(a) + len(b))); err != nil {
			return dst, err
		}
	}
	return append(append(dst, a...), b...), nil
}

// keepBytes is a cast between types whose bytes are the same.
func keepBytes(name string) Kernel {
	return text1(name, func(dst, s []byte) []byte { return append(dst, s...) })
}

func appendName(dst, s []byte) []byte { return append(dst, sqltype.FitName(string(s))...) }

func charText(dst, s []byte) []byte {
	return sqltype.AppendText(dst, sqltype.Of(sqltype.OIDChar), sqltype.Text(string(s)), nil)
}

func textKernels() []Kernel {
	fitter := func(name string, oid uint32) Kernel {
		return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if oid == sqltype.OIDBPChar {
				if err := c.Ctx().checkSize(a[1].I); err != nil {
					return sqltype.Value{}, err
				}
			}
			return sqltype.ApplyTypmod(sqltype.Type{OID: oid, Typmod: int32(a[1].I)}, a[0], a[2].I != 0)
		})
	}
	return []Kernel{
		texts2("textcat", concat2),
		{Name: "textlen", Vec: textLength},
		measure("bpcharlen", func(s []byte) int { return runeCount(trimBlanks(s)) }),
		measure("textoctetlen", func(s []byte) int { return len(s) }),
		measure("bpcharoctetlen", func(s []byte) int { return len(s) }),
		measure("byteaoctetlen", func(s []byte) int { return len(s) }),
		measure("bit_length_text", func(s []byte) int { return 8 * len(s) }),
		measure("bit_length_bytea", func(s []byte) int { return 8 * len(s) }),
		measure("ascii", func(s []byte) int {
			if len(s) == 0 {
				return 0
			}
			r, _ := utf8.DecodeRune(s)
			return int(r)
		}),
		changeCase("lower", 'A', appendLower),
		changeCase("upper", 'a', appendUpper),
		text1("initcap", appendInitcap),
		text1("text_reverse", appendReverse),
		part("text_substr", substrText(false)),
		part("text_substr_no_len", substrText(true)),
		scalar("textoverlay", overlayText),
		scalar("textoverlay_no_len", overlayText),
		{Name: "textpos", Vec: textPosition},
		part("text_left", leftText),
		part("text_right", rightText),
		scalar("lpad", padText(true)),
		scalar("rpad", padText(false)),
		scalar("lpad_text_int4", padText(true)),
		scalar("rpad_text_int4", padText(false)),
		trimText("ltrim", true, false),
		trimText("ltrim1", true, false),
		trimText("rtrim", false, true),
		trimText("rtrim1", false, true),
		trimText("btrim", true, true),
		trimText("btrim1", true, true),
		scalar("translate", translateText),
		{Name: "replace_text", Vec: replaceText},
		scalar("repeat", repeatText),
		scalar("chr", chrText),
		{Name: "split_part", Vec: splitParts},
		scalar("to_hex32", hexOf(32)),
		scalar("to_hex64", hexOf(64)),
		{Name: "text_starts_with", Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
			for _, r := range sel {
				out.Bools[r] = bytes.HasPrefix(v[0].Bytes(int(r)), v[1].Bytes(int(r)))
			}
		}},
		keepBytes("name_text"), keepBytes("name_bpchar"),
		text1("text_name", appendName),
		text1("bpchar_name", func(dst, s []byte) []byte { return appendName(dst, trimBlanks(s)) }),
		text1("char_text", charText),
		text1("char_bpchar", charText),
		scalar("text_char", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.ParseText(sqltype.Of(sqltype.OIDChar), a[0].S, nil)
		}),
		scalar("booltext", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if a[0].I != 0 {
				return sqltype.Text("true"), nil
			}
			return sqltype.Text("false"), nil
		}),
		scalar("chartoi4", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if a[0].S == "" {
				return sqltype.Int(0), nil
			}
			return sqltype.Int(int64(int8(a[0].S[0]))), nil
		}),
		scalar("i4tochar", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if a[0].I < -128 || a[0].I > 127 {
				return sqltype.Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "\"char\" out of range")
			}
			return sqltype.Text(string([]byte{byte(a[0].I)})), nil
		}),
		fitter("varchar", sqltype.OIDVarChar),
		fitter("bpchar", sqltype.OIDBPChar),
		scalar("nameconcatoid", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			suffix := "_" + strconv.FormatInt(a[1].I, 10)
			name := a[0].S
			if len(name)+len(suffix) > 63 {
				name = name[:63-len(suffix)]
				for !utf8.ValidString(name) {
					name = name[:len(name)-1]
				}
			}
			return sqltype.Text(name + suffix), nil
		}),
	}
}
