package sqltype

import "encoding/hex"

// ParseUUID reads a uuid: 32 hexadecimal digits, optionally in braces, with an optional hyphen after any group of four.
func ParseUUID(s string) (u [16]byte, err error) {
	body := s
	braces := body != "" && body[0] == '{'
	if braces {
		body = body[1:]
	}
	for i := range u {
		if len(body) < 2 {
			return u, syntaxError("uuid", s)
		}
		if _, err := hex.Decode(u[i:i+1], []byte(body[:2])); err != nil {
			return u, syntaxError("uuid", s)
		}
		body = body[2:]
		if body != "" && body[0] == '-' && i%2 == 1 && i < 15 {
			body = body[1:]
		}
	}
	if braces {
		if body == "" || body[0] != '}' {
			return u, syntaxError("uuid", s)
		}
		body = body[1:]
	}
	if body != "" {
		return u, syntaxError("uuid", s)
	}
	return u, nil
}

// AppendUUID appends the canonical form.
func AppendUUID(dst []byte, u [16]byte) []byte {
	dst = hex.AppendEncode(dst, u[0:4])
	for _, part := range [][]byte{u[4:6], u[6:8], u[8:10], u[10:16]} {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

func uuidIn(s string, _ Type, _ Env) (Value, error) {
	u, err := ParseUUID(s)
	if err != nil {
		return Value{}, err
	}
	return Text(string(u[:])), nil
}

func uuidOut(dst []byte, v Value, _ Type, _ Env) []byte {
	var u [16]byte
	copy(u[:], v.S)
	return AppendUUID(dst, u)
}

func uuidRecv(b []byte, _ Type, _ Env) (Value, error) {
	if len(b) != 16 {
		return Value{}, wrongSize(len(b), 16)
	}
	return Text(string(b)), nil
}
