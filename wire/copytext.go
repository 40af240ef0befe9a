package wire

import (
	"github.com/odatagres/odatagres/wire/backend"
)

// copyText is COPY's text format: values parted by the delimiter, special characters after a backslash (copyto.c,
// CopyAttributeOutText).
type copyText struct {
	format backend.CopyFormat
	names  []backend.Column
	value  []byte
}

func (t *copyText) header(dst []byte) ([]byte, bool) {
	if !t.format.Header {
		return dst, false
	}
	for i, c := range t.names {
		if i > 0 {
			dst = append(dst, t.format.Delimiter)
		}
		dst = appendCopyText(dst, []byte(c.Name), t.format.Delimiter)
	}
	return append(dst, '\n'), true
}

func (t *copyText) row(dst []byte, columns []columnEncoder, row int) ([]byte, error) {
	for i := range columns {
		if i > 0 {
			dst = append(dst, t.format.Delimiter)
		}
		var null bool
		var err error
		if t.value, null, err = columns[i].text(t.value[:0], row); err != nil {
			return dst, err
		}
		if null {
			dst = append(dst, t.format.Null...)
			continue
		}
		dst = appendCopyText(dst, t.value, t.format.Delimiter)
	}
	return append(dst, '\n'), nil
}

func (t *copyText) trailer(dst []byte) []byte { return dst }

func appendCopyText(dst, value []byte, delimiter byte) []byte {
	from := 0
	for i, c := range value {
		if c >= ' ' && c != '\\' && c != delimiter {
			continue
		}
		escaped := c
		switch c {
		case '\b':
			escaped = 'b'
		case '\f':
			escaped = 'f'
		case '\n':
			escaped = 'n'
		case '\r':
			escaped = 'r'
		case '\t':
			escaped = 't'
		case '\v':
			escaped = 'v'
		case '\\', delimiter:
		default:
			continue // other control characters stand for themselves
		}
		dst = append(dst, value[from:i]...)
		dst = append(dst, '\\', escaped)
		from = i + 1
	}
	return append(dst, value[from:]...)
}
