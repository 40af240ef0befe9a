package edm

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decodeText makes UTF-8 of a document. A byte order mark decides; then the declaration, unless it names UTF-16: services that
// print XML into a string declare UTF-16 and send UTF-8.
func decodeText(raw []byte) (string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		return checkUTF8(raw[3:])
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")), bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		return transcode(raw, unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
	}
	switch declaredEncoding(raw) {
	case "iso-8859-1", "latin1":
		return transcode(raw, charmap.ISO8859_1)
	case "windows-1252":
		return transcode(raw, charmap.Windows1252)
	}
	return checkUTF8(raw)
}

func transcode(raw []byte, enc encoding.Encoding) (string, error) {
	out, err := enc.NewDecoder().Bytes(raw)
	if err != nil {
		return "", &SyntaxError{Text: err.Error()}
	}
	return string(out), nil
}

func checkUTF8(raw []byte) (string, error) {
	head := bytes.TrimLeft(raw, " \t\r\n")
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		return "", &SyntaxError{Line: 1, Column: 1, Text: "the document is JSON, not CSDL XML"}
	}
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	line, rest := 1, raw
	for len(rest) > 0 {
		c, n := utf8.DecodeRune(rest)
		if c == utf8.RuneError && n == 1 {
			break
		}
		if c == '\n' {
			line++
		}
		rest = rest[n:]
	}
	return "", &SyntaxError{Line: line, Column: 1, Text: "the document is not valid UTF-8"}
}

// declaredEncoding reads the encoding of an XML declaration, in lower case.
func declaredEncoding(raw []byte) string {
	if !bytes.HasPrefix(raw, []byte("<?xml")) {
		return ""
	}
	decl, _, ok := bytes.Cut(raw[:min(len(raw), 300)], []byte("?>"))
	if !ok {
		return ""
	}
	_, after, ok := bytes.Cut(decl, []byte("encoding"))
	if !ok {
		return ""
	}
	after = bytes.TrimLeft(after, " \t\r\n=")
	if len(after) == 0 || (after[0] != '"' && after[0] != '\'') {
		return ""
	}
	name, _, ok := bytes.Cut(after[1:], after[:1])
	if !ok {
		return ""
	}
	return strings.ToLower(string(name))
}
