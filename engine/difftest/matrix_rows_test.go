package difftest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// rowSource gives rows n from 1 on, of which row %k fails; those before it are good. Each is one operator between the error and the
// client, or above it.
func rowSources() []struct{ name, sql string } {
	const e = "10 / (n - %k)"
	return []struct{ name, sql string }{
		{"projection", "select n, " + e + " from generate_series(1, 6) n"},
		{"projection over VALUES", "select n, " + e + " from (values (1), (2), (3), (4), (5), (6)) t(n)"},
		{"filter", "select n from generate_series(1, 6) n where " + e + " <> 1000"},
		{"filter over a subquery", "select n, x from (select n, " + e + " as x from generate_series(1, 6) n offset 0) q where x < 1000"},
		{"two projections", "select n, x + 1 from (select n, " + e + " as x from generate_series(1, 6) n offset 0) q"},
		{"cross join", "select n, y from generate_series(1, 6) n cross join (values (1)) v(y) where " + e + " <> 1000 + y"},
		{"lateral join", "select n, x from generate_series(1, 6) n, lateral (select " + e + " as x offset 0) q"},
		{"lateral function", "select n, g from generate_series(1, 6) n, lateral generate_series(" + e + ", " + e + ") g"},
		{"projection over a join", "select n, y, " + e + " from (select n, y from generate_series(1, 6) n left join (values (1, 'a'), (2, 'b')) v(x, y) on x = n order by n offset 0) q"},
		{"UNION ALL", "select n, " + e + " from generate_series(1, 6) n union all select 7, 7"},
		{"UNION ALL, later branch", "select 0, 0 union all select n, " + e + " from generate_series(1, 6) n"},
		{"set-returning function", "select n, generate_series(" + e + ", " + e + ") from generate_series(1, 6) n"},
		{"scalar subquery", "select n, (select max(x * (" + e + ")) from (values (1)) v(x) where x > n - n) from generate_series(1, 6) n"},
		{"EXISTS", "select n from generate_series(1, 6) n where exists (select 1 from (values (1)) v(x) where x + " + e + " <> 1000 offset 0)"},
		{"CASE", "select n, case when n > 0 then " + e + " end from generate_series(1, 6) n"},
		{"CTE", "with c as (select n, " + e + " as x from generate_series(1, 6) n) select * from c"},
		{"MATERIALIZED CTE", "with c as materialized (select n, " + e + " as x from generate_series(1, 6) n) select * from c"},
		{"recursion", "with recursive r(n, x) as (select 1, 10 / (1 - %k) union all select n + 1, 10 / (n + 1 - %k) from r where n < 6) select * from r"},
		{"view of a subquery with LIMIT", "select * from (select n, " + e + " as x from generate_series(1, 6) n limit 5) q"},
		{"OFFSET", "select n, " + e + " from (select n from generate_series(0, 6) n offset 1) q"},
		{"sorted rows", "select n, " + e + " from (values (6), (5), (4), (3), (2), (1)) t(n) order by n"},
		{"projection over groups", "select n, " + e + " from (select n, count(*) as c from generate_series(1, 6) n group by n order by n) q"},
		{"projection over DISTINCT", "select n, " + e + " from (select distinct n from generate_series(1, 6) n order by n) q"},
		{"projection over a window", "select n, " + e + " + sum(n) over (order by n) from generate_series(1, 6) n"},
		{"ordinality", "select * from (select o, 10 / (o - %k) from generate_series(1, 6) with ordinality t(n, o)) q"},
		{"DISTINCT ON", "select distinct on (n) n, " + e + " from generate_series(1, 6) n order by n"},
		{"aggregate", "select sum(" + e + ") from generate_series(1, 6) n"},
		{"group by", "select " + e + ", count(*) from generate_series(1, 6) n group by 1"},
		{"sort key", "select n from generate_series(1, 6) n order by " + e + ", n"},
		{"INTERSECT", "select " + e + " from generate_series(1, 6) n intersect select 1"},
		{"service's rows", "select id, 10 / (id - %k) from (select id from samples where id <= 6 order by id offset 0) q"},
		{"service's rows, joined", "select id, price, 10 / (id - %k) from (select s.id, l.price from samples s left join lines l on l.\"sampleId\" = s.id and l.\"lineNo\" = 1 where s.id <= 6 order by s.id offset 0) q"},
	}
}

// rowErrorCells place the error in rows 1, 3 and 5 of each source, read it with limits below, at and above that row, by every way
// that the protocol has to ask for some rows. PostgreSQL's FETCH keeps its rows back until it has all of them.
func rowErrorCells() []cell {
	var out []cell
	for i, src := range rowSources() {
		for _, k := range []int{1, 3, 5} {
			sql := strings.ReplaceAll(src.sql, "%k", fmt.Sprint(k))
			for _, limit := range []int{k - 1, k, k + 1} {
				where := fmt.Sprintf("row %d, %d rows", k, limit)
				text := sql + fmt.Sprintf(" limit %d", limit)
				for _, f := range []format{simple, extendedText, extendedBinary} {
					out = append(out, cell{row: src.name, col: "LIMIT, " + where, sql: text, mode: f, none: limit == 0})
				}
				out = append(out, cell{row: src.name, col: "FETCH FIRST, " + where, sql: sql + fmt.Sprintf(" fetch first %d rows only", limit), mode: format(i % 3), none: limit == 0})
				if limit > 0 {
					out = append(out,
						cell{row: src.name, col: "Execute, " + where, sql: sql, mode: format(1 + i%2), execute: uint32(limit)},
						cell{row: src.name, col: "cursor, " + where, sql: sql, script: []string{
							"begin", "declare c cursor for " + sql, fmt.Sprintf("fetch %d from c", limit), fmt.Sprintf("fetch forward %d from c", limit), "rollback",
						}, blocks: true},
					)
				}
			}
			for _, f := range []format{simple, extendedText, extendedBinary} {
				out = append(out, cell{row: src.name, col: fmt.Sprintf("all, row %d", k), sql: sql, mode: f})
			}
			out = append(out, cell{row: src.name, col: fmt.Sprintf("cursor, row %d, all", k), sql: sql, script: []string{"begin", "declare c cursor for " + sql, "fetch all from c", "rollback"}, blocks: true})
		}
	}
	return out
}

// ask sends the cell's statement, or its statements one after the other: the answer is then all of theirs.
func (c *cell) ask(ctx context.Context, conn *pgconn.PgConn) (*answer, error) {
	if c.execute > 0 {
		return askPortal(ctx, conn, c.sql, c.mode, c.execute)
	}
	if c.script == nil {
		return ask(ctx, conn, c.sql, c.args, c.mode)
	}
	all := &answer{}
	for _, sql := range c.script {
		a, err := ask(ctx, conn, sql, nil, simple)
		if err != nil {
			return nil, err
		}
		if a.columns != nil {
			all.columns = a.columns
		}
		all.rows = append(all.rows, a.rows...)
		all.tag += a.tag + ";"
		if a.fault != nil && all.fault == nil {
			all.fault = a.fault
		}
	}
	return all, nil
}

// askPortal asks a portal for some rows at a time until it ends. The tag tells how each request ended.
func askPortal(ctx context.Context, conn *pgconn.PgConn, sql string, f format, most uint32) (*answer, error) {
	code := int16(0)
	if f == extendedBinary {
		code = 1
	}
	front := conn.Frontend()
	front.SendParse(&pgproto3.Parse{Query: sql})
	front.SendBind(&pgproto3.Bind{ResultFormatCodes: []int16{code}})
	front.SendDescribe(&pgproto3.Describe{ObjectType: 'P'})
	out := &answer{}
	for done := false; !done; {
		front.SendExecute(&pgproto3.Execute{MaxRows: most})
		front.Send(&pgproto3.Flush{})
		if err := front.Flush(); err != nil {
			return nil, err
		}
		for waiting := true; waiting; {
			m, err := conn.ReceiveMessage(ctx)
			var pe *pgconn.PgError
			if err != nil && !errors.As(err, &pe) {
				return nil, err
			}
			switch m := m.(type) {
			case *pgproto3.RowDescription:
				for _, d := range m.Fields {
					out.columns = append(out.columns, pgconn.FieldDescription{
						Name: string(d.Name), DataTypeOID: d.DataTypeOID, DataTypeSize: d.DataTypeSize, TypeModifier: d.TypeModifier, Format: d.Format,
					})
				}
			case *pgproto3.DataRow:
				out.rows = append(out.rows, copyRow(m.Values))
			case *pgproto3.PortalSuspended:
				out.tag += fmt.Sprintf("suspended at %d;", len(out.rows))
				waiting = false
			case *pgproto3.CommandComplete:
				out.tag += string(m.CommandTag)
				waiting, done = false, true
			case *pgproto3.ErrorResponse:
				out.fault = pgconn.ErrorResponseToPgError(m)
				out.tag += "error"
				waiting, done = false, true
			}
		}
	}
	front.Send(&pgproto3.Sync{})
	if err := front.Flush(); err != nil {
		return nil, err
	}
	for {
		m, err := conn.ReceiveMessage(ctx)
		if err != nil {
			return nil, err
		}
		if _, ok := m.(*pgproto3.ReadyForQuery); ok {
			return out, nil
		}
	}
}
