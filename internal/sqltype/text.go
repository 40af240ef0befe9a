package sqltype

import (
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

func textIn(s string, _ Type, _ Env) (Value, error) { return Text(s), nil }

func textOut(dst []byte, v Value, _ Type, _ Env) []byte { return append(dst, v.S...) }

func textRecv(b []byte, _ Type, _ Env) (Value, error) {
	s := string(b)
	return Text(s), CheckUTF8(s)
}

func textSend(dst []byte, v Value, _ Type, _ Env) []byte { return append(dst, v.S...) }

// runePrefix returns the bytes of the first n characters, and false if s has no more than n.
func runePrefix(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for i := range s {
		if n == 0 {
			return s[:i], true
		}
		n--
	}
	return s, false
}

// FitVarchar applies varchar(n). Blanks beyond the length are cut silently; other characters are an error unless the cast
// is explicit.
func FitVarchar(s string, typmod int32, explicit bool) (string, error) {
	if typmod < 4 {
		return s, nil
	}
	n := int(typmod - 4)
	head, longer := runePrefix(s, n)
	if longer && !explicit && strings.Trim(s[len(head):], " ") != "" {
		return "", pgerr.Newf(pgerr.StringDataRightTruncation, "value too long for type character varying(%d)", n)
	}
	return head, nil
}

// FitBPChar applies char(n): pads with blanks, or cuts as FitVarchar does.
func FitBPChar(s string, typmod int32, explicit bool) (string, error) {
	if typmod < 4 {
		return s, nil
	}
	n := int(typmod - 4)
	head, longer := runePrefix(s, n)
	if longer {
		if !explicit && strings.Trim(s[len(head):], " ") != "" {
			return "", pgerr.Newf(pgerr.StringDataRightTruncation, "value too long for type character(%d)", n)
		}
		return head, nil
	}
	if missing := n - utf8.RuneCountInString(s); missing > 0 {
		return s + strings.Repeat(" ", missing), nil
	}
	return s, nil
}

// FitName cuts an identifier to the 63 bytes of type name, at a character's border.
func FitName(s string) string {
	if len(s) < 64 {
		return s
	}
	n := 63
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func varcharIn(s string, t Type, _ Env) (Value, error) {
	s, err := FitVarchar(s, t.Typmod, false)
	return Text(s), err
}

func varcharRecv(b []byte, t Type, env Env) (Value, error) {
	if v, err := textRecv(b, t, env); err != nil {
		return v, err
	}
	return varcharIn(string(b), t, env)
}

func bpcharIn(s string, t Type, _ Env) (Value, error) {
	s, err := FitBPChar(s, t.Typmod, false)
	return Text(s), err
}

func bpcharRecv(b []byte, t Type, env Env) (Value, error) {
	if v, err := textRecv(b, t, env); err != nil {
		return v, err
	}
	return bpcharIn(string(b), t, env)
}

func nameIn(s string, _ Type, _ Env) (Value, error) { return Text(FitName(s)), nil }

func nameRecv(b []byte, t Type, env Env) (Value, error) {
	v, err := textRecv(b, t, env)
	if err != nil {
		return v, err
	}
	if len(b) >= 64 {
		return Value{}, pgerr.New(pgerr.NameTooLong, "identifier too long").WithDetail("Identifier must be less than 64 characters.")
	}
	return v, nil
}

// charIn reads type "char": one byte, written as a backslash and three octal digits if it is not ASCII. The empty string
// is the byte 0.
func charIn(s string, _ Type, _ Env) (Value, error) {
	octal := func(i int) bool { return s[i] >= '0' && s[i] <= '7' }
	if len(s) == 4 && s[0] == '\\' && octal(1) && octal(2) && octal(3) {
		return Text(string([]byte{(s[1]-'0')<<6 + (s[2]-'0')<<3 + s[3] - '0'})), nil
	}
	if s == "" {
		return Text("\x00"), nil
	}
	return Text(s[:1]), nil
}

func charOut(dst []byte, v Value, _ Type, _ Env) []byte {
	switch {
	case v.S == "" || v.S[0] == 0:
		return dst
	case v.S[0] >= 0x80:
		c := v.S[0]
		return append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	}
	return append(dst, v.S[0])
}

func charRecv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 1 {
		return Value{}, wrongByte(len(b))
	}
	return Text(string(b)), nil
}
