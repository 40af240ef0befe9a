package builtin

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed data/*.tsv
var data embed.FS

// TableColumn is a column of a dump. Values of type regproc are dumped as OIDs.
type TableColumn struct {
	Name string
	Type uint32
}

// Field is a value of a dump in its type's text form.
type Field struct {
	Text string
	Null bool
}

// StaticTable returns the rows of a static system catalog (pg_type, pg_proc, pg_settings …) or of a set-returning function
// without session state (pg_get_keywords). ok is false where there is no such dump. Each call parses anew: whoever wants the
// rows more than once keeps them.
func StaticTable(name string) (columns []TableColumn, rows [][]Field, ok bool) {
	text, err := data.ReadFile("data/" + name + ".tsv")
	if err != nil {
		return nil, nil, false
	}
	columns, lines := splitTable(name, string(text))
	rows = make([][]Field, 0, len(lines))
	all := make([]Field, len(lines)*len(columns))
	for _, line := range lines {
		row := all[:len(columns):len(columns)]
		all = all[len(columns):]
		for i := range row {
			var cell string
			cell, line, _ = strings.Cut(line, "\t")
			row[i] = unescape(cell)
		}
		rows = append(rows, row)
	}
	return columns, rows, true
}

// splitTable returns the columns that the first line declares, and the other lines.
func splitTable(name, text string) ([]TableColumn, []string) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var columns []TableColumn
	for _, c := range strings.Split(lines[0], "\t") {
		n, t, _ := strings.Cut(c, ":")
		oid, err := strconv.ParseUint(t, 10, 32)
		if err != nil {
			panic(fmt.Sprintf("builtin: %s: column %q: %v", name, c, err)) // the embedded file is broken: a fault of the build
		}
		columns = append(columns, TableColumn{Name: n, Type: uint32(oid)})
	}
	return columns, lines[1:]
}

// unescape undoes the text format of COPY.
func unescape(cell string) Field {
	if cell == `\N` {
		return Field{Null: true}
	}
	if strings.IndexByte(cell, '\\') < 0 {
		return Field{Text: cell}
	}
	var b strings.Builder
	for i := 0; i < len(cell); i++ {
		c := cell[i]
		if c == '\\' && i+1 < len(cell) {
			i++
			switch cell[i] {
			case 'b':
				c = '\b'
			case 'f':
				c = '\f'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case 'v':
				c = '\v'
			default:
				c = cell[i]
			}
		}
		b.WriteByte(c)
	}
	return Field{Text: b.String()}
}

// reader gives the named cells of a dump line by line, without unescaping those that nobody asks for.
type reader struct {
	index map[string]int
	cells []string
}

// readTable calls f for every row of a dump. The reader is valid during the call.
func readTable(name string, f func(*reader)) {
	text, err := data.ReadFile("data/" + name + ".tsv")
	if err != nil {
		panic(fmt.Sprintf("builtin: %v", err)) // an embedded file is missing: a fault of the build
	}
	columns, lines := splitTable(name, string(text))
	r := &reader{index: make(map[string]int, len(columns)), cells: make([]string, len(columns))}
	for i, c := range columns {
		r.index[c.Name] = i
	}
	for _, line := range lines {
		for i := range r.cells {
			r.cells[i], line, _ = strings.Cut(line, "\t")
		}
		f(r)
	}
}

func (r *reader) field(col string) Field { return unescape(r.cells[r.index[col]]) }
func (r *reader) text(col string) string { return r.field(col).Text }
func (r *reader) bool(col string) bool   { return r.cells[r.index[col]] == "t" }

func (r *reader) char(col string) byte {
	if s := r.cells[r.index[col]]; s != "" {
		return s[0]
	}
	return 0
}

func (r *reader) oid(col string) uint32 {
	n, _ := strconv.ParseUint(r.cells[r.index[col]], 10, 32)
	return uint32(n)
}

func (r *reader) int(col string) int {
	n, _ := strconv.Atoi(r.cells[r.index[col]])
	return n
}

// oids reads an oidvector or a one-dimensional array of OIDs; nil for null.
func (r *reader) oids(col string) []uint32 {
	cell := r.cells[r.index[col]]
	if cell == `\N` || cell == "" {
		return nil
	}
	var out []uint32
	for _, w := range strings.FieldsFunc(cell, func(c rune) bool { return c == ' ' || c == ',' || c == '{' || c == '}' }) {
		n, _ := strconv.ParseUint(w, 10, 32)
		out = append(out, uint32(n))
	}
	return out
}

// words reads a one-dimensional text or "char" array; nil for null. No element of the dumps holds a comma or a brace.
func (r *reader) words(col string) []string {
	f := r.field(col)
	if f.Null {
		return nil
	}
	ws := strings.Split(strings.Trim(f.Text, "{}"), ",")
	for i, w := range ws {
		ws[i] = strings.Trim(w, `"`)
	}
	return ws
}
