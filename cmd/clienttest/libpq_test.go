package clienttest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/lib/pq"
)

func openLibPQ(t *testing.T, address, options string) *sql.DB {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = options
	db, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// libPQText prints what lib/pq made of a value.
func libPQText(v any) *string {
	var s string
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		s = string(v)
	case time.Time:
		s = v.UTC().Format("2006-01-02 15:04:05.999999")
	default:
		s = fmt.Sprint(v)
	}
	return &s
}

func TestLibPQ(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	qs := questions(t, g.URL)
	for _, options := range []string{"sslmode=require", "sslmode=disable&binary_parameters=yes"} {
		db := openLibPQ(t, g.URL, options)
		for _, q := range qs {
			rows, err := db.Query(q.sql)
			if err != nil {
				t.Errorf("%s: %v", q.place, err)
				continue
			}
			names, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			var got [][]*string
			for rows.Next() {
				values := make([]any, len(names))
				targets := make([]any, len(names))
				for i := range values {
					targets[i] = &values[i]
				}
				if err := rows.Scan(targets...); err != nil {
					t.Fatal(err)
				}
				row := make([]*string, len(values))
				for i, v := range values {
					row[i] = libPQText(v)
					// It makes times of dates.
					if row[i] != nil && q.answer.oids[i] == uint32(1082) {
						*row[i] = (*row[i])[:len("2006-01-02")]
					}
				}
				got = append(got, row)
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Errorf("%s: %v", q.place, err)
			}
			q.check(t, "lib/pq, "+options, names, q.canonicalRows(got))
		}
	}
}

func TestLibPQStatements(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	db := openLibPQ(t, g.URL, "sslmode=prefer")
	st, err := db.Prepare(`select count(*) from "devicePropertyHistories" where "dateKey" between $1 and $2`)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var one, two int
	if err := errors.Join(st.QueryRow(20261120, 20261120).Scan(&one), st.QueryRow("20261119", "20261120").Scan(&two)); err != nil || one < 100 || two <= one {
		t.Errorf("%d rows of one day, %d of two, %v", one, two, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := db.ExecContext(ctx, "select pg_sleep(1000)"); err == nil {
		t.Error("the statement was not cancelled")
	}
	var e *pq.Error
	if _, err := db.Exec("select * from nowhere"); !errors.As(err, &e) || e.Code != "42P01" || e.Position != "15" {
		t.Errorf("error %v", err)
	}
	// A transaction that failed stays so until its end.
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, first := tx.Exec("select 1/0")
	_, second := tx.Exec("select 1")
	if !errors.As(first, &e) || e.Code != "22012" || !errors.As(second, &e) || e.Code != "25P02" {
		t.Errorf("errors %v and %v", first, second)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
}
