package oracle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Table is what CreateTable makes.
type Table struct {
	// Schema is made too if it is not there; empty is public.
	Schema string
	Name   string
	// Columns stand in this order.
	Columns []Column
	// Key lists the columns of the primary key; empty is none.
	Key []string
}

// Column is a column of a Table.
type Column struct {
	Name string
	// Type is the SQL type as CREATE TABLE takes it, NOT NULL included.
	Type string
}

func (t Table) ident() pgx.Identifier {
	if t.Schema == "" {
		return pgx.Identifier{"public", t.Name}
	}
	return pgx.Identifier{t.Schema, t.Name}
}

func (t Table) columnNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// CreateTable makes an empty table in place of one of the same name.
func (s *Server) CreateTable(ctx context.Context, t Table) error {
	var b strings.Builder
	name := t.ident()
	fmt.Fprintf(&b, "create schema if not exists %s; drop table if exists %s; create table %s (",
		pgx.Identifier{name[0]}.Sanitize(), name.Sanitize(), name.Sanitize())
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", pgx.Identifier{c.Name}.Sanitize(), c.Type)
	}
	if len(t.Key) > 0 {
		fmt.Fprintf(&b, ", primary key (%s)", quoteAll(t.Key))
	}
	b.WriteString(")")
	return s.Exec(ctx, b.String())
}

// Load copies rows of Go values into a table by binary COPY, which is the
// quickest; pgx must know each value's way into its column's type. It gives the
// number of rows, after which statistics are gathered.
func (s *Server) Load(ctx context.Context, t Table, rows pgx.CopyFromSource) (n int64, err error) {
	c, err := s.Connect(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	if n, err = c.CopyFrom(ctx, t.ident(), t.columnNames(), rows); err != nil {
		return n, fmt.Errorf("load %s: %w", t.Name, err)
	}
	_, err = c.Exec(ctx, "analyze "+t.ident().Sanitize())
	return n, err
}

// LoadText copies rows of texts, nil for NULL, so that every value goes through
// PostgreSQL's own input function. Each row has a value for each column.
func (s *Server) LoadText(ctx context.Context, t Table, rows iter.Seq[[]*string]) (n int64, err error) {
	c, err := s.Connect(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	next, stop := iter.Pull(rows)
	defer stop()
	copySQL := fmt.Sprintf("copy %s (%s) from stdin", t.ident().Sanitize(), quoteAll(t.columnNames()))
	tag, err := c.PgConn().CopyFrom(ctx, &copyText{next: next}, copySQL)
	if err != nil {
		return 0, fmt.Errorf("load %s: %w", t.Name, err)
	}
	_, err = c.Exec(ctx, "analyze "+t.ident().Sanitize())
	return tag.RowsAffected(), err
}

// copyText reads rows as COPY's text format (PostgreSQL, COPY, File Formats).
type copyText struct {
	next   func() ([]*string, bool)
	line   []byte // what is left of the current row
	buffer []byte
}

func (c *copyText) Read(p []byte) (int, error) {
	if len(c.line) == 0 {
		row, ok := c.next()
		if !ok {
			return 0, io.EOF
		}
		c.buffer = appendCopyRow(c.buffer[:0], row)
		c.line = c.buffer
	}
	n := copy(p, c.line)
	c.line = c.line[n:]
	return n, nil
}

func appendCopyRow(b []byte, row []*string) []byte {
	for i, v := range row {
		if i > 0 {
			b = append(b, '\t')
		}
		if v == nil {
			b = append(b, `\N`...)
			continue
		}
		for _, c := range []byte(*v) {
			switch c {
			case '\\':
				b = append(b, `\\`...)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, c)
			}
		}
	}
	return append(b, '\n')
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = pgx.Identifier{n}.Sanitize()
	}
	return strings.Join(quoted, ", ")
}
