package enginebench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// settings are what makes the comparison fair to PostgreSQL and honest: its tables fit its buffers, its memory is ours, and it
// uses one core, as the gateway does, without the compiler of expressions, which the gateway has not got either.
func settings(rows int64) []string {
	buffers := "512MB"
	if rows > 1_000_000 {
		buffers = "4GB"
	}
	return []string{
		"shared_buffers=" + buffers, "work_mem=" + strconv.Itoa(min(*memoryFlag, 2047)) + "MB", "maintenance_work_mem=512MB",
		"max_parallel_workers_per_gather=0", "jit=off", "effective_cache_size=8GB", "random_page_cost=1.1", "huge_pages=try",
		"max_wal_size=16GB", "temp_buffers=64MB",
	}
}

// startPostgres is a server for so many rows, or the one that the flag names.
func startPostgres(tb testing.TB, rows int64) (dsn string) {
	tb.Helper()
	if *serverFlag != "" {
		return *serverFlag
	}
	s, err := oracle.New(tb.Context(), oracle.Options{Settings: settings(rows)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s.DSN()
}

// connectPostgres connects to a server, and sees to it that it holds the tables in its buffers.
func connectPostgres(tb testing.TB, dsn string, list []table) *pgx.Conn {
	tb.Helper()
	ctx := tb.Context()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close(context.Background()) })
	if err := load(ctx, c, list); err != nil {
		tb.Fatal(err)
	}
	return c
}

// load makes the tables in a schema that is named by their size, unless it is there, and reads them into the buffers.
func load(ctx context.Context, c *pgx.Conn, list []table) error {
	schema := fmt.Sprintf("bench%d", list[0].rows)
	var there bool
	if err := c.QueryRow(ctx, "select to_regclass($1 || '.loaded') is not null", schema).Scan(&there); err != nil {
		return err
	}
	run := func(sql string) error {
		if _, err := c.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
		return nil
	}
	if err := run("create extension if not exists pg_prewarm; set search_path = " + schema + ", public"); err != nil {
		return err
	}
	if !there {
		if err := run("drop schema if exists " + schema + " cascade; create schema " + schema); err != nil {
			return err
		}
		for _, t := range list {
			if err := t.copyTo(ctx, c); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			if err := run("vacuum (freeze, analyze) " + t.name); err != nil {
				return err
			}
		}
		if err := run("create table loaded ()"); err != nil {
			return err
		}
	}
	for _, t := range list {
		if err := run("select pg_prewarm('" + t.name + "')"); err != nil {
			return err
		}
	}
	return nil
}

// copyTo makes the table and sends the very vectors that the gateway's source holds, as COPY's binary format.
func (t *table) copyTo(ctx context.Context, c *pgx.Conn) error {
	sql := "create unlogged table " + t.name + " ("
	for i, col := range t.columns {
		if i > 0 {
			sql += ", "
		}
		sql += col.name + " " + col.sql
	}
	if _, err := c.Exec(ctx, sql+")"); err != nil {
		return err
	}
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := t.encode(w)
		done <- errors.Join(err, w.CloseWithError(err))
	}()
	tag, err := c.PgConn().CopyFrom(ctx, r, "copy "+t.name+" from stdin (format binary)")
	_ = r.CloseWithError(err)
	if err == nil && tag.RowsAffected() != t.rows {
		err = fmt.Errorf("%d rows instead of %d", tag.RowsAffected(), t.rows)
	}
	return errors.Join(err, <-done)
}

// encode writes COPY's binary format (PostgreSQL, COPY, Binary Format).
func (t *table) encode(w io.Writer) error {
	b := append([]byte("PGCOPY\n\xff\r\n\x00"), make([]byte, 8)...)
	cols := make([]*vector.Vector, len(t.columns))
	dicts := make([]*vector.Dict, len(t.columns))
	for i := range t.columns {
		if t.columns[i].coded {
			dicts[i] = t.columns[i].dictionary(1)
		}
	}
	for at := int64(0); at < t.rows; at += vector.BatchRows {
		n := int(min(vector.BatchRows, t.rows-at))
		for i := range t.columns {
			cols[i] = t.columns[i].fill(cols[i], dicts[i], at, n)
		}
		for row := range n {
			b = binary.BigEndian.AppendUint16(b, uint16(len(cols)))
			for _, v := range cols {
				if v.IsNull(row) {
					b = append(b, 0xff, 0xff, 0xff, 0xff)
					continue
				}
				start := len(b)
				var err error
				if b, err = sqltype.AppendBinary(append(b, 0, 0, 0, 0), v.Type, v.Value(row), nil); err != nil {
					return err
				}
				binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-4))
			}
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = b[:0]
	}
	_, err := w.Write([]byte{0xff, 0xff})
	return err
}
