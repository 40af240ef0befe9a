package bind

import "strings"

// quotedParts says for each part of a dotted name in the text whether it was quoted, which the parse tree does not keep.
// A name that is not found as expected counts as unquoted if it has no capital.
func quotedParts(src string, loc int, names []string) []bool {
	out := make([]bool, len(names))
	for i, n := range names {
		out[i] = n != strings.ToLower(n)
	}
	if loc < 0 || loc >= len(src) {
		return out
	}
	s := src[loc:]
	for i := range names {
		s = skipBlank(s)
		switch {
		case strings.HasPrefix(s, `"`):
			out[i] = true
			s = skipQuoted(s[1:])
		case len(s) > 2 && (s[0] == 'u' || s[0] == 'U') && s[1] == '&' && s[2] == '"':
			out[i] = true
			s = skipQuoted(s[3:])
		default:
			n := 0
			for n < len(s) && isIdent(s[n]) {
				n++
			}
			if n == 0 {
				return out
			}
			s = s[n:]
		}
		s = skipBlank(s)
		if i+1 < len(names) {
			if !strings.HasPrefix(s, ".") {
				return out
			}
			s = s[1:]
		}
	}
	return out
}

func isIdent(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// skipQuoted returns what follows the closing quote.
func skipQuoted(s string) string {
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return ""
		}
		if i+1 < len(s) && s[i+1] == '"' {
			s = s[i+2:]
			continue
		}
		return s[i+1:]
	}
}

// skipBlank skips white space and comments.
func skipBlank(s string) string {
	for s != "" {
		switch {
		case strings.IndexByte(" \t\n\r\f\v", s[0]) >= 0:
			s = s[1:]
		case strings.HasPrefix(s, "--"):
			i := strings.IndexAny(s, "\n\r")
			if i < 0 {
				return ""
			}
			s = s[i:]
		case strings.HasPrefix(s, "/*"):
			depth := 1
			i := 2
			for i < len(s) && depth > 0 {
				switch {
				case strings.HasPrefix(s[i:], "/*"):
					depth++
					i += 2
				case strings.HasPrefix(s[i:], "*/"):
					depth--
					i += 2
				default:
					i++
				}
			}
			s = s[i:]
		default:
			return s
		}
	}
	return s
}
