package oracle

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Result is what one statement gave, as PostgreSQL's text output.
type Result struct {
	// Columns are what RowDescription said.
	Columns []ResultColumn
	// Rows hold nil for NULL.
	Rows [][]*string
	// Tag is the command tag, such as SELECT 2.
	Tag string
}

// ResultColumn is one column of a RowDescription.
type ResultColumn struct {
	Name string
	// OID and TypMod are those of pg_attribute.
	OID    uint32
	TypMod int32
}

// Connect opens a connection, which the caller closes. A database may be named.
func (s *Server) Connect(ctx context.Context, database ...string) (*pgx.Conn, error) {
	dsn := s.DSN()
	if len(database) > 0 {
		dsn = s.DSNOf(database[0])
	}
	return pgx.Connect(ctx, dsn)
}

// CreateDatabase makes an empty database for tests that want one of their own.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	return s.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()+" template template0")
}

// Exec runs statements, separated by semicolons, on a connection of its own.
func (s *Server) Exec(ctx context.Context, sql string) error {
	_, err := s.Query(ctx, sql)
	return err
}

// Query runs statements by the simple protocol on a connection of its own. The
// error of a statement is a *pgconn.PgError; the results before it are given too.
func (s *Server) Query(ctx context.Context, sql string) (results []Result, err error) {
	c, err := pgconn.Connect(ctx, s.DSN())
	if err != nil {
		return nil, fmt.Errorf("connect to the oracle: %w", err)
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	return QueryOn(ctx, c, sql)
}

// QueryOn does what Query does on a connection that the caller holds, for cases
// that set something first.
func QueryOn(ctx context.Context, c *pgconn.PgConn, sql string) ([]Result, error) {
	var results []Result
	reader := c.Exec(ctx, sql)
	for reader.NextResult() {
		rows := reader.ResultReader()
		var r Result
		for _, f := range rows.FieldDescriptions() {
			r.Columns = append(r.Columns, ResultColumn{Name: f.Name, OID: f.DataTypeOID, TypMod: f.TypeModifier})
		}
		for rows.NextRow() {
			r.Rows = append(r.Rows, copyRow(rows.Values()))
		}
		tag, err := rows.Close()
		if err != nil {
			break // reader.Close gives it again
		}
		r.Tag = tag.String()
		results = append(results, r)
	}
	return results, reader.Close()
}

// copyRow copies values out of the connection's buffer.
func copyRow(values [][]byte) []*string {
	row := make([]*string, len(values))
	for i, v := range values {
		if v != nil {
			text := string(v)
			row[i] = &text
		}
	}
	return row
}
