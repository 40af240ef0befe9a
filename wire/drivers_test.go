package wire_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lib/pq"

	"github.com/odatagres/odatagres/wire"
)

func driverURL(address, options string) string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword(testUser, testPassword), Host: address, Path: "/postgres", RawQuery: options}).String()
}

func TestPgx(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	ctx := context.Background()
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			conn, err := pgx.Connect(ctx, driverURL(address, "sslmode=disable&default_query_exec_mode="+mode))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			if err := conn.Ping(ctx); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				var n int32
				var s string
				var missing *string
				if err := conn.QueryRow(ctx, "select $1::int4 + 1, $2::text || '!', null::text", 41, "x").Scan(&n, &s, &missing); err != nil {
					t.Fatal(err)
				}
				if n != 42 || s != "x!" || missing != nil {
					t.Errorf("row %d %q %v", n, s, missing)
				}
			}
			rows, err := conn.Query(ctx, "select g from generate_series(1, 5000) g")
			if err != nil {
				t.Fatal(err)
			}
			all, err := pgx.CollectRows(rows, pgx.RowTo[int32])
			if err != nil || len(all) != 5000 || all[4999] != 5000 {
				t.Errorf("%d rows, %v", len(all), err)
			}
			_, err = conn.Exec(ctx, "select 1/(g-3) from generate_series(1, 5) g")
			var e *pgconn.PgError
			if !errors.As(err, &e) || e.Code != "22012" {
				t.Errorf("error %v", err)
			}
			tx, err := conn.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(ctx, "selekt"); !errors.As(err, &e) || e.Code != "42601" {
				t.Errorf("error %v", err)
			}
			if _, err := tx.Exec(ctx, "select 1"); !errors.As(err, &e) || e.Code != "25P02" {
				t.Errorf("error %v", err)
			}
			if err := tx.Rollback(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPgxBatchAndCancel(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, driverURL(address, "sslmode=disable"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	batch := &pgx.Batch{}
	const n = 500
	for i := range n {
		batch.Queue("select $1::int4 * 2, repeat('x', 2000)", i)
	}
	results := conn.SendBatch(ctx, batch)
	for i := range n {
		var got int
		var text string
		if err := results.QueryRow().Scan(&got, &text); err != nil || got != 2*i || len(text) != 2000 {
			t.Fatalf("result %d: %d, %v", i, got, err)
		}
	}
	if err := results.Close(); err != nil {
		t.Fatal(err)
	}
	// CopyTo reads COPY TO STDOUT.
	var out writerFunc
	tag, err := conn.PgConn().CopyTo(ctx, &out, "copy (select g, 'x' as b from generate_series(1, 3) g) to stdout with (format csv)")
	if err != nil || tag.RowsAffected() != 3 || string(out) != "1,x\n2,x\n3,x\n" {
		t.Errorf("COPY gave %q, %v, %v", out, tag, err)
	}
	short, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(short, "select pg_sleep(1000)")
		done <- err
	}()
	eventually(t, "the statement runs", func() bool { return engine.sleeping.Load() == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	eventually(t, "the statement ends", func() bool { return engine.sleeping.Load() == 0 })
}

type writerFunc []byte

func (w *writerFunc) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}

func TestLibPQ(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	for _, options := range []string{"sslmode=disable", "sslmode=disable&binary_parameters=yes"} {
		db, err := sql.Open("postgres", driverURL(address, options))
		if err != nil {
			t.Fatal(err)
		}
		var n int
		var s string
		if err := db.QueryRow("select $1::int4 + 1, $2::text", 41, "x").Scan(&n, &s); err != nil || n != 42 || s != "x" {
			t.Errorf("row %d %q, %v", n, s, err)
		}
		st, err := db.Prepare("select g from generate_series(1, $1) g")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{0, 1, 3000} {
			rows, err := st.Query(want)
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for rows.Next() {
				got++
			}
			if err := rows.Err(); err != nil || got != want {
				t.Errorf("%d rows, want %d, %v", got, want, err)
			}
			_ = rows.Close()
		}
		var e *pq.Error
		if _, err := db.Exec("select 1/0"); !errors.As(err, &e) || e.Code != "22012" || e.Severity != "ERROR" {
			t.Errorf("error %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if _, err := db.ExecContext(ctx, "select pg_sleep(1000)"); err == nil {
			t.Error("the statement was not cancelled")
		}
		cancel()
		_ = st.Close()
		_ = db.Close()
	}
	eventually(t, "the statements end", func() bool { return engine.sleeping.Load() == 0 })
}
