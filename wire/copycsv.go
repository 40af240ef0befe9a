package wire

import (
	"github.com/odatagres/odatagres/wire/backend"
)

// copyCSV is COPY's csv format: a value is quoted if it could be read as something else (copyto.c, CopyAttributeOutCSV).
type copyCSV struct {
	format backend.CopyFormat
	names  []backend.Column
	value  []byte
}

func (t *copyCSV) header(dst []byte) ([]byte, bool) {
	if !t.format.Header {
		return dst, false
	}
	for i, c := range t.names {
		if i > 0 {
			dst = append(dst, t.format.Delimiter)
		}
		dst = t.append(dst, []byte(c.Name), false, len(t.names) == 1)
	}
	return append(dst, '\n'), true
}

func (t *copyCSV) row(dst []byte, columns []columnEncoder, row int) ([]byte, error) {
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
		force := i < len(t.format.ForceQuote) && t.format.ForceQuote[i]
		dst = t.append(dst, t.value, force, len(columns) == 1)
	}
	return append(dst, '\n'), nil
}

func (t *copyCSV) trailer(dst []byte) []byte { return dst }

func (t *copyCSV) append(dst, value []byte, quote, single bool) []byte {
	// A value that looks like NULL, and the end-of-data mark alone on its line, would be read back as those.
	if !quote && string(value) != t.format.Null && !(single && string(value) == `\.`) && !t.needsQuotes(value) {
		return append(dst, value...)
	}
	dst = append(dst, t.format.Quote)
	for _, c := range value {
		if c == t.format.Quote || c == t.format.Escape {
			dst = append(dst, t.format.Escape)
		}
		dst = append(dst, c)
	}
	return append(dst, t.format.Quote)
}

func (t *copyCSV) needsQuotes(value []byte) bool {
	for _, c := range value {
		if c == t.format.Delimiter || c == t.format.Quote || c == '\n' || c == '\r' {
			return true
		}
	}
	return false
}
