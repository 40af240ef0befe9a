package difftest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// answer is what one statement gave over the wire.
type answer struct {
	columns []pgconn.FieldDescription
	rows    [][][]byte // nil cells are NULL
	tag     string
	fault   *pgconn.PgError
}

// format is how statements are sent.
type format uint8

const (
	simple         format = iota // simple protocol, text
	extendedText                 // extended protocol, text
	extendedBinary               // extended protocol, binary
)

func (f format) String() string { return [...]string{"simple", "extended text", "extended binary"}[f] }

// ask sends a statement. The error is of the connection; a statement's own is part of the answer.
func ask(ctx context.Context, c *pgconn.PgConn, sql string, args []*string, f format) (*answer, error) {
	if f == simple {
		return askSimple(ctx, c, sql)
	}
	params := make([][]byte, len(args))
	for i, a := range args {
		if a != nil {
			params[i] = []byte(*a)
		}
	}
	out := &answer{}
	formats := []int16{0}
	if f == extendedBinary {
		formats[0] = 1
	}
	r := c.ExecParams(ctx, sql, params, nil, nil, formats)
	out.columns = append(out.columns, r.FieldDescriptions()...)
	for r.NextRow() {
		out.rows = append(out.rows, copyRow(r.Values()))
	}
	tag, err := r.Close()
	if out.columns == nil {
		out.columns = append(out.columns, r.FieldDescriptions()...)
	}
	out.tag = tag.String()
	return out, out.failed(err)
}

func askSimple(ctx context.Context, c *pgconn.PgConn, sql string) (*answer, error) {
	out := &answer{}
	m := c.Exec(ctx, sql)
	n := 0
	for m.NextResult() {
		r := m.ResultReader()
		if n++; n > 1 {
			continue
		}
		out.columns = append(out.columns, r.FieldDescriptions()...)
		for r.NextRow() {
			out.rows = append(out.rows, copyRow(r.Values()))
		}
		tag, err := r.Close()
		if err != nil {
			break
		}
		out.tag = tag.String()
	}
	err := m.Close()
	if err == nil && n != 1 {
		return nil, fmt.Errorf("%d statements in one case", n)
	}
	return out, out.failed(err)
}

// failed takes an error that the server sent.
func (a *answer) failed(err error) error {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		a.fault = pe
		return nil
	}
	return err
}

func copyRow(values [][]byte) [][]byte {
	row := make([][]byte, len(values))
	for i, v := range values {
		if v != nil {
			row[i] = append([]byte{}, v...)
		}
	}
	return row
}

// String shows an answer in messages, long ones cut.
func (a *answer) String() string {
	var b strings.Builder
	for i, c := range a.columns {
		if i > 0 {
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "%s:%d", c.Name, c.DataTypeOID)
		if c.TypeModifier >= 0 {
			fmt.Fprintf(&b, "(%d)", c.TypeModifier)
		}
	}
	const most = 12
	for i, row := range a.rows {
		if i == most {
			fmt.Fprintf(&b, "\n … %d rows", len(a.rows))
			break
		}
		b.WriteString("\n " + rowText(row))
	}
	if a.fault != nil {
		fmt.Fprintf(&b, "\n %s %s at %d", a.fault.Code, a.fault.Message, a.fault.Position)
		if a.fault.Detail != "" {
			b.WriteString("; " + a.fault.Detail)
		}
	}
	return b.String()
}

func rowText(row [][]byte) string {
	var cells []string
	for _, v := range row {
		if v == nil {
			cells = append(cells, "∅")
		} else {
			cells = append(cells, fmt.Sprintf("%.60q", v))
		}
	}
	return strings.Join(cells, " | ")
}
