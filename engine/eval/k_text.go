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

func substrText(open bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		length := int64(0)
		if !open {
			length = a[2].I
		}
		skip, take, err := substrSpan(a[1].I, length, open)
		if err != nil || take == 0 {
			return sqltype.Text(""), err
		}
		return sqltype.Text(firstRunes(runesFrom(a[0].S, skip), take)), nil
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
func position(s, needle string) int64 {
	i := strings.Index(s, needle)
	if i < 0 {
		return 0
	}
	return int64(utf8.RuneCountInString(s[:i])) + 1
}

func leftText(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	n := int(a[1].I)
	if n < 0 {
		n += utf8.RuneCountInString(a[0].S)
	}
	return sqltype.Text(firstRunes(a[0].S, n)), nil
}

func rightText(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	n := int(a[1].I)
	if n < 0 {
		if n = -n; n > math.MaxInt32 { // PostgreSQL's int overflows here, and nothing is cut
			n = 0
		}
	} else {
		n = max(utf8.RuneCountInString(a[0].S)-n, 0)
	}
	return sqltype.Text(runesFrom(a[0].S, n)), nil
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
		if want <= have {
			return sqltype.Text(firstRunes(a[0].S, int(want))), nil
		}
		pad := want - have
		width := int64(utf8.RuneCountInString(fill))
		filler := strings.Repeat(fill, int(pad/width)) + firstRunes(fill, int(pad%width))
		if left {
			return sqltype.Text(filler + a[0].S), nil
		}
		return sqltype.Text(a[0].S + filler), nil
	}
}

func trimText(left, right bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		s, set := a[0].S, " "
		if len(a) > 1 {
			set = a[1].S
		}
		if left {
			s = strings.TrimLeft(s, set)
		}
		if right {
			s = strings.TrimRight(s, set)
		}
		return sqltype.Text(s), nil
	}
}

func translateText(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	from, to := []rune(a[1].S), []rune(a[2].S)
	var b strings.Builder
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

func replaceText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	s, from, to := a[0].S, a[1].S, a[2].S
	if from == "" || s == "" {
		return a[0], nil
	}
	n := strings.Count(s, from)
	if err := c.Ctx().checkSize(int64(len(s)) + int64(n)*int64(len(to)-len(from))); err != nil {
		return sqltype.Value{}, err
	}
	return sqltype.Text(strings.ReplaceAll(s, from, to)), nil
}

func repeatText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	n := max(a[1].I, 0)
	if err := c.Ctx().checkSize(int64(len(a[0].S)) * n); err != nil {
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

func splitPart(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	s, sep, n := a[0].S, a[1].S, a[2].I
	if n == 0 {
		return sqltype.Value{}, invalid("field position must not be zero")
	}
	if s == "" {
		return sqltype.Text(""), nil
	}
	parts := []string{s}
	if sep != "" {
		parts = strings.Split(s, sep)
	}
	if n < 0 {
		n += int64(len(parts)) + 1
	}
	if n < 1 || n > int64(len(parts)) {
		return sqltype.Text(""), nil
	}
	return sqltype.Text(parts[n-1]), nil
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
func concat2(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
	for _, r := range sel {
		a, b := v[0].Bytes(int(r)), v[1].Bytes(int(r))
		if len(a)+len(b) > 1<<16 {
			if err := c.Ctx().checkSize(int64(len(a) + len(b))); err != nil {
				c.fail(r, err)
				return
			}
		}
		out.StartBytes(int(r))
		out.Data = append(append(out.Data, a...), b...)
		out.EndBytes(int(r))
	}
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
		{Name: "textcat", Vec: concat2},
		measure("textlen", runeCount),
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
		text1("lower", appendLower),
		text1("upper", appendUpper),
		text1("initcap", appendInitcap),
		text1("text_reverse", appendReverse),
		scalar("text_substr", substrText(false)),
		scalar("text_substr_no_len", substrText(true)),
		scalar("textoverlay", overlayText),
		scalar("textoverlay_no_len", overlayText),
		scalar("textpos", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(position(a[0].S, a[1].S)), nil
		}),
		scalar("text_left", leftText),
		scalar("text_right", rightText),
		scalar("lpad", padText(true)),
		scalar("rpad", padText(false)),
		scalar("lpad_text_int4", padText(true)),
		scalar("rpad_text_int4", padText(false)),
		scalar("ltrim", trimText(true, false)),
		scalar("ltrim1", trimText(true, false)),
		scalar("rtrim", trimText(false, true)),
		scalar("rtrim1", trimText(false, true)),
		scalar("btrim", trimText(true, true)),
		scalar("btrim1", trimText(true, true)),
		scalar("translate", translateText),
		scalar("replace_text", replaceText),
		scalar("repeat", repeatText),
		scalar("chr", chrText),
		scalar("split_part", splitPart),
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
