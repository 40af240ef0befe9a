package clienttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

func connectPgx(t *testing.T, url string, mode pgx.QueryExecMode) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = mode
	c, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func pgxModes() []pgx.QueryExecMode {
	return []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec,
		pgx.QueryExecModeSimpleProtocol,
	}
}

// pgxText brings a raw value, text or binary, into canonical form by pgx's own codecs.
func pgxText(m *pgtype.Map, f pgconn.FieldDescription, raw []byte) (string, error) {
	if raw == nil {
		return null, nil
	}
	if f.Format == pgx.TextFormatCode {
		return canonical(f.DataTypeOID, raw), nil
	}
	typ, ok := m.TypeForOID(f.DataTypeOID)
	if !ok {
		return "", fmt.Errorf("pgx does not know type %d", f.DataTypeOID)
	}
	v, err := typ.Codec.DecodeValue(m, f.DataTypeOID, f.Format, raw)
	if err != nil {
		return "", err
	}
	text, err := m.Encode(f.DataTypeOID, pgx.TextFormatCode, v, []byte{}) // nil would make NULL of an empty text
	if err != nil {
		return "", err
	}
	return canonical(f.DataTypeOID, text), nil
}

func TestPgx(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	qs := questions(t, g.URL)
	for _, mode := range pgxModes() {
		c := connectPgx(t, g.URL, mode)
		for _, format := range []int16{pgx.TextFormatCode, pgx.BinaryFormatCode} {
			if format == pgx.BinaryFormatCode && (mode == pgx.QueryExecModeSimpleProtocol || mode == pgx.QueryExecModeExec) {
				continue // text only
			}
			for _, q := range qs {
				rows, err := c.Query(t.Context(), q.sql, pgx.QueryResultFormats{format})
				if err != nil {
					t.Fatalf("%v: %s: %v", mode, q.place, err)
				}
				var names []string
				var got [][]string
				for rows.Next() {
					row := make([]string, 0, len(rows.RawValues()))
					for i, raw := range rows.RawValues() {
						f := rows.FieldDescriptions()[i]
						if mode != pgx.QueryExecModeSimpleProtocol && f.Format != format {
							t.Errorf("%s: column %s came in format %d", q.place, f.Name, f.Format)
						}
						text, err := pgxText(c.TypeMap(), f, raw)
						if err != nil {
							t.Errorf("%s: column %s: %v", q.place, f.Name, err)
						}
						row = append(row, text)
					}
					got = append(got, row)
				}
				for _, f := range rows.FieldDescriptions() {
					names = append(names, f.Name)
				}
				if err := rows.Err(); err != nil {
					t.Errorf("%v: %s: %v", mode, q.place, err)
				}
				q.check(t, fmt.Sprintf("pgx, %v, format %d", mode, format), names, got)
			}
		}
	}
}

// TestPgxParameters asks with typed parameters, whose types the server infers.
func TestPgxParameters(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	for _, mode := range pgxModes() {
		c := connectPgx(t, g.URL, mode)
		for range 2 { // the second time by the cached statement
			var day int32
			var n int64
			err := c.QueryRow(t.Context(), `select "dateKey", count(*) from "devicePropertyHistories" where "dateKey" >= $1 and "osVersion" like $2 group by 1 order by 1 limit $3`,
				int32(20261119), "%.%", 1).Scan(&day, &n)
			if err != nil || day != 20261119 || n < 100 {
				t.Errorf("%v: %d, %d, %v", mode, day, n, err)
			}
			var when time.Time
			var id [16]byte
			var name *string
			err = c.QueryRow(t.Context(), `select "lastSyncDateTime", "deviceId", "deviceName" from devices where "lastSyncDateTime" < $1 and "isDeleted" = $2 order by 1 desc limit 1`,
				time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), false).Scan(&when, &id, &name)
			if err != nil || when.IsZero() || id == [16]byte{} || name == nil {
				t.Errorf("%v: %v, %x, %v, %v", mode, when, id, name, err)
			}
		}
	}
}

func TestPgxBatchPipelineAndCopy(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	c := connectPgx(t, g.URL, pgx.QueryExecModeCacheStatement)
	ctx := t.Context()
	batch := &pgx.Batch{}
	const n = 50
	for i := range n {
		batch.Queue(`select $1::int, count(*) from devices where "deviceKey" % 50 = $1`, i)
	}
	results := c.SendBatch(ctx, batch)
	var total int64
	for i := range n {
		var k int32
		var count int64
		if err := results.QueryRow().Scan(&k, &count); err != nil || int(k) != i {
			t.Fatalf("statement %d: %d, %v", i, k, err)
		}
		total += count
	}
	if err := results.Close(); err != nil {
		t.Fatal(err)
	}
	var all int64
	if err := c.QueryRow(ctx, "select count(*) from devices").Scan(&all); err != nil || all != total {
		t.Errorf("the parts have %d devices, the whole %d, %v", total, all, err)
	}

	// In a pipeline an error skips to the next Sync, and what follows it works.
	p := c.PgConn().StartPipeline(ctx)
	p.SendQueryParams("select 1", nil, nil, nil, nil)
	p.SendQueryParams("select 1/0", nil, nil, nil, nil)
	p.SendQueryParams("select 2", nil, nil, nil, nil)
	if err := p.Sync(); err != nil {
		t.Fatal(err)
	}
	p.SendQueryParams("select 3", nil, nil, nil, nil)
	if err := p.Sync(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for {
		r, err := p.GetResults()
		if err != nil {
			var e *pgconn.PgError
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			seen = append(seen, e.Code)
			continue
		}
		if r == nil {
			break
		}
		switch r := r.(type) {
		case *pgconn.ResultReader:
			res := r.Read()
			if res.Err != nil {
				var e *pgconn.PgError
				if !errors.As(res.Err, &e) {
					t.Fatal(res.Err)
				}
				seen = append(seen, e.Code)
			} else {
				seen = append(seen, string(res.Rows[0][0]))
			}
		case *pgconn.PipelineSync:
			seen = append(seen, "sync")
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1", "22012", "sync", "3", "sync"}; !slices.Equal(seen, want) {
		t.Errorf("the pipeline gave %v, not %v", seen, want)
	}

	var out strings.Builder
	tag, err := c.PgConn().CopyTo(ctx, &out, `copy (select "deviceKey", "deviceName" from devices order by 1) to stdout with (format csv, header)`)
	if err != nil || tag.RowsAffected() != all || int64(strings.Count(out.String(), "\n")) != all+1 {
		t.Errorf("COPY gave %d rows and %d lines, %v", tag.RowsAffected(), strings.Count(out.String(), "\n"), err)
	}
	// The pool's reset.
	for _, sql := range []string{"discard all", "deallocate all", "close all; unlisten *; reset all", "select pg_advisory_unlock_all()"} {
		if _, err := c.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestPgxCancel(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	for _, sql := range []string{
		"select pg_sleep(1000)",
		"select count(*) from generate_series(1, 1000000000000) g",
		`select count(*) from devices a, devices b, devices c, devices d`,
	} {
		c := connectPgx(t, g.URL, pgx.QueryExecModeCacheDescribe)
		done := make(chan error, 1)
		go func() {
			_, err := c.Exec(context.Background(), sql)
			done <- err
		}()
		var err error
		for begin := time.Now(); ; {
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("%s cannot be cancelled", sql)
			}
			if err := c.PgConn().CancelRequest(t.Context()); err != nil {
				t.Fatal(err)
			}
			select {
			case err = <-done:
			case <-time.After(100 * time.Millisecond):
				continue
			}
			break
		}
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "57014" {
			t.Errorf("%s ended with %v", sql, err)
		}
		var n int
		if err := c.QueryRow(t.Context(), "select 1").Scan(&n); err != nil {
			t.Errorf("after the cancel: %v", err)
		}
	}
}

// TestPgxPortals reads a cursor in parts, inside a transaction.
func TestPgxPortals(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	c := connectPgx(t, g.URL, pgx.QueryExecModeSimpleProtocol)
	ctx := t.Context()
	tx, err := c.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `declare c cursor for select "deviceKey" from devices order by 1`); err != nil {
		t.Fatal(err)
	}
	var all []int64
	for {
		rows, err := tx.Query(ctx, "fetch 37 from c")
		if err != nil {
			t.Fatal(err)
		}
		part, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatal(err)
		}
		if len(part) == 0 {
			break
		}
		all = append(all, part...)
	}
	if len(all) < 200 || !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("%d keys, sorted %v", len(all), slices.IsSorted(all))
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
}
