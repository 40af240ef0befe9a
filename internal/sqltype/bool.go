package sqltype

import "strings"

// ParseBool reads the words and prefixes of words that PostgreSQL takes for a boolean, without surrounding blanks.
func ParseBool(s string) (value, ok bool) {
	if s == "" {
		return false, false
	}
	is := func(word string, least int) bool {
		return len(s) >= least && len(s) <= len(word) && strings.EqualFold(word[:len(s)], s)
	}
	switch {
	case is("true", 1), is("yes", 1), is("on", 2), s == "1":
		return true, true
	case is("false", 1), is("no", 1), is("off", 2), s == "0":
		return false, true
	}
	return false, false
}

func boolIn(s string, _ Type, _ Env) (Value, error) {
	b, ok := ParseBool(trimSpace(s))
	if !ok {
		return Value{}, syntaxError("boolean", s)
	}
	return Bool(b), nil
}

func boolOut(dst []byte, v Value, _ Type, _ Env) []byte {
	if v.I != 0 {
		return append(dst, 't')
	}
	return append(dst, 'f')
}

func boolRecv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 1 {
		return Value{}, wrongByte(len(b))
	}
	return Bool(b[0] != 0), nil
}

func boolSend(dst []byte, v Value, _ Type, _ Env) []byte {
	if v.I != 0 {
		return append(dst, 1)
	}
	return append(dst, 0)
}
