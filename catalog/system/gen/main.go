package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// sources lists every file: its name and the query that gives its rows in a fixed order.
func sources() []struct{ name, query string } {
	return []struct{ name, query string }{
		{"toast_class", `select * from pg_class where oid < 16384 and relnamespace = 99 order by oid`},
		{"toast_attribute", `select * from pg_attribute where attnum > 0 and attrelid in
			(select oid from pg_class where oid < 16384 and relnamespace = 99) order by attrelid, attnum`},
		{"toast_index", `select * from pg_index where indexrelid in
			(select oid from pg_class where oid < 16384 and relnamespace = 99) order by indexrelid`},
		{"pg_depend", `select * from pg_depend where objid < 16384 and refobjid < 16384 order by classid, objid, objsubid, refclassid, refobjid, refobjsubid`},
		{"pg_rewrite", `select oid, rulename, ev_class, ev_type, ev_enabled, is_instead from pg_rewrite where oid < 16384 order by oid`},
		{"pg_rules", `select * from pg_rules order by schemaname, tablename, rulename`},
		{"pg_init_privs", `select * from pg_init_privs where objoid < 16384 order by classoid, objoid, objsubid`},
		{"pg_tablespace", `select * from pg_tablespace where oid < 16384 order by oid`},
		{"pg_extension", `select * from pg_extension where oid < 16384 order by oid`},
		{"view_definitions", `select oid, pg_get_viewdef(oid, false) as definition, pg_get_viewdef(oid, true) as pretty
			from pg_class where relkind = 'v' and oid < 16384 order by oid`},
		{"view_updatable", `select oid, pg_relation_is_updatable(oid, false) as events from pg_class
			where relkind = 'v' and oid < 16384 and pg_relation_is_updatable(oid, false) <> 0 order by oid`},
		{"view_column_updatable", `select attrelid, attnum from pg_attribute a, pg_class c where c.oid = attrelid and relkind = 'v' and c.oid < 16384
			and attnum > 0 and pg_column_is_updatable(attrelid, attnum, false) order by attrelid, attnum`},
		{"check_constraints", `select oid, pg_get_constraintdef(oid) as definition from pg_constraint where contype = 'c' and oid < 16384 order by oid`},
		{"timezone_names", `select name from pg_timezone_names where name !~ '^(posix|right)/' and name not in ('localtime', 'posixrules', 'Factory') order by name collate "C"`},
		{"sql_features", `select * from information_schema.sql_features order by feature_id, sub_feature_id`},
		{"sql_implementation_info", `select * from information_schema.sql_implementation_info order by implementation_info_id`},
		{"sql_parts", `select * from information_schema.sql_parts order by feature_id`},
		{"sql_sizing", `select * from information_schema.sql_sizing order by sizing_id`},
	}
}

const oidRegproc = 24

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: gen DIRECTORY")
	}
	conn, err := pgx.Connect(ctx, os.Getenv("SYSTEM_DSN"))
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, s := range sources() {
		text, err := dump(ctx, conn, s.query)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := os.WriteFile(filepath.Join(args[0], s.name+".tsv"), text, 0o644); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// dump returns the header line and the rows. Functions are written as OIDs, because their names are not unique.
func dump(ctx context.Context, conn *pgx.Conn, query string) ([]byte, error) {
	st, err := conn.Prepare(ctx, "", query)
	if err != nil {
		return nil, err
	}
	var header, list []string
	for _, f := range st.Fields {
		header = append(header, fmt.Sprintf("%s:%d", f.Name, f.DataTypeOID))
		col := pgx.Identifier{f.Name}.Sanitize()
		if f.DataTypeOID == oidRegproc {
			col += "::oid"
		}
		list = append(list, col)
	}
	out := bytes.NewBufferString(strings.Join(header, "\t") + "\n")
	copySQL := fmt.Sprintf("copy (select %s from (%s) x) to stdout", strings.Join(list, ", "), query)
	if _, err := conn.PgConn().CopyTo(ctx, out, copySQL); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
