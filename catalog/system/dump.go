package system

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

//go:generate go run ./gen data

//go:embed data/*.tsv
var data embed.FS

// dump is rows that initdb makes, in text form: they are decoded column by column when asked for.
type dump struct {
	name   string
	index  map[string]int // place of a column
	rows   [][]builtin.Field
	once   map[string]*sync.Once
	lookup map[string]map[string][]int // column, text, places of rows
}

// dumps has a function for every dump, which loads it on the first call.
var dumps = sync.OnceValue(func() map[string]func() *dump {
	m := make(map[string]func() *dump)
	names := builtinDumps()
	files, err := data.ReadDir("data")
	if err != nil {
		panic(fmt.Sprintf("catalog/system: %v", err)) // embedded: a fault of the build
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".tsv"))
	}
	for _, name := range names {
		m[name] = sync.OnceValue(func() *dump { return loadDump(name) })
	}
	return m
})

// builtinDumps are the dumps of package builtin that are read here.
func builtinDumps() []string {
	return []string{
		"pg_type", "pg_proc", "pg_operator", "pg_cast", "pg_aggregate", "pg_am", "pg_amop", "pg_amproc", "pg_collation", "pg_language",
		"pg_opclass", "pg_opfamily", "pg_conversion", "pg_ts_config", "pg_ts_config_map", "pg_ts_dict", "pg_ts_parser",
		"pg_ts_template", "pg_range", "pg_description", "pg_class", "pg_attribute", "pg_index", "pg_constraint", "pg_authid",
		"pg_settings", "pg_timezone_abbrevs",
	}
}

// dumpOf returns a dump of this package, else of package builtin. The files are part of the build: a missing one is a fault
// of the build, and a test reads them all.
func dumpOf(name string) *dump {
	load := dumps()[name]
	if load == nil {
		panic("catalog/system: no dump of " + name)
	}
	return load()
}

func loadDump(name string) *dump {
	d := &dump{name: name, index: make(map[string]int), once: make(map[string]*sync.Once), lookup: make(map[string]map[string][]int)}
	cols, rows, ok := ownTable(name)
	if !ok {
		cols, rows, ok = builtin.StaticTable(name)
	}
	if !ok {
		panic("catalog/system: no dump of " + name)
	}
	for i, c := range cols {
		d.index[c.Name] = i
		d.once[c.Name] = new(sync.Once)
		d.lookup[c.Name] = make(map[string][]int)
	}
	d.rows = rows
	return d
}

// ownTable parses a file of this package as builtin.StaticTable parses one of its own.
func ownTable(name string) ([]builtin.TableColumn, [][]builtin.Field, bool) {
	raw, err := data.ReadFile("data/" + name + ".tsv")
	if err != nil {
		return nil, nil, false
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	var cols []builtin.TableColumn
	for _, c := range strings.Split(lines[0], "\t") {
		n, t, _ := strings.Cut(c, ":")
		typ, err := strconv.ParseUint(t, 10, 32)
		if err != nil {
			panic(fmt.Sprintf("catalog/system: %s: column %q: %v", name, c, err))
		}
		cols = append(cols, builtin.TableColumn{Name: n, Type: uint32(typ)})
	}
	rows := make([][]builtin.Field, 0, len(lines)-1)
	for _, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		row := make([]builtin.Field, len(cells))
		for i, cell := range cells {
			row[i] = builtin.Field{Text: copyText(cell), Null: cell == `\N`}
		}
		rows = append(rows, row)
	}
	return cols, rows, true
}

// copyText undoes the text format of COPY.
func copyText(cell string) string {
	if strings.IndexByte(cell, '\\') < 0 {
		return cell
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\b`, "\b", `\f`, "\f", `\v`, "\v").Replace(cell)
}

func (d *dump) field(row []builtin.Field, col string) builtin.Field { return row[d.index[col]] }
func (d *dump) text(row []builtin.Field, col string) string         { return row[d.index[col]].Text }

func (d *dump) bool(row []builtin.Field, col string) bool { return d.text(row, col) == "t" }

func (d *dump) char(row []builtin.Field, col string) byte {
	if s := d.text(row, col); s != "" {
		return s[0]
	}
	return 0
}

func (d *dump) oid(row []builtin.Field, col string) uint32 {
	n, _ := strconv.ParseUint(d.text(row, col), 10, 32)
	return uint32(n)
}

func (d *dump) int(row []builtin.Field, col string) int {
	n, _ := strconv.Atoi(d.text(row, col))
	return n
}

// find gives the places of the rows whose column has the text.
func (d *dump) find(col, value string) []int {
	d.once[col].Do(func() {
		at, m := d.index[col], d.lookup[col]
		for i, row := range d.rows {
			if !row[at].Null {
				m[row[at].Text] = append(m[row[at].Text], i)
			}
		}
	})
	return d.lookup[col][value]
}

// first gives the row whose column has the text, or nil.
func (d *dump) first(col, value string) []builtin.Field {
	if at := d.find(col, value); len(at) > 0 {
		return d.rows[at[0]]
	}
	return nil
}

// rowsOf is the source of a dump's rows.
type rowsOf struct {
	name string
	by   []string // columns that PostgreSQL has an index on
	keep func(d *dump, row []builtin.Field) bool
	// cols computes columns that the dump lacks or that are not constant.
	cols map[string]func(c *call, d *dump, row []builtin.Field) sqltype.Value
}

type boundRows struct {
	rowsOf
	cols  []catalog.Column
	setup sync.Once
	d     *dump
	place []int // of the relation's columns in the dump, -1 where it lacks them
}

func (s rowsOf) bind(cols []catalog.Column) bound { return &boundRows{rowsOf: s, cols: cols} }

func (b *boundRows) load() {
	b.setup.Do(func() {
		b.d = dumpOf(b.name)
		b.place = make([]int, len(b.cols))
		for i := range b.cols {
			b.place[i] = -1
			if p, ok := b.d.index[b.cols[i].Name]; ok {
				b.place[i] = p
			}
		}
	})
}

func (b *boundRows) fast(column string) bool {
	for _, c := range b.by {
		if c == column {
			return true
		}
	}
	return false
}

func (b *boundRows) rows(c *call, want []int, column string, value sqltype.Value, row []sqltype.Value, emit func([]sqltype.Value) error) error {
	b.load()
	give := func(cells []builtin.Field) error {
		if b.keep != nil && !b.keep(b.d, cells) {
			return nil
		}
		for _, w := range want {
			v, err := b.value(c, w, cells)
			if err != nil {
				return err
			}
			row[w] = v
		}
		return emit(row)
	}
	if column == "" || !b.fast(column) {
		return each(b.d.rows, give)
	}
	for i := range b.cols {
		if b.cols[i].Name != column {
			continue
		}
		for _, at := range b.d.find(column, string(sqltype.AppendText(nil, b.cols[i].Type, value, nil))) {
			if err := give(b.d.rows[at]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *boundRows) value(c *call, w int, cells []builtin.Field) (sqltype.Value, error) {
	if f := b.rowsOf.cols[b.cols[w].Name]; f != nil {
		return f(c, b.d, cells), nil
	}
	if b.place[w] < 0 || cells[b.place[w]].Null {
		return null(), nil
	}
	return decode(b.cols[w].Type, cells[b.place[w]].Text)
}

// decode reads a dumped text. Types that clients cannot write are held as their text.
func decode(t sqltype.Type, s string) (sqltype.Value, error) {
	switch t.OID {
	case sqltype.OIDPGNodeTree, sqltype.OIDAnyArray:
		return text(s), nil
	}
	v, err := sqltype.ParseText(t, s, nil)
	if err != nil {
		return v, fmt.Errorf("catalog/system: a dumped %s: %w", t, err)
	}
	return v, nil
}
