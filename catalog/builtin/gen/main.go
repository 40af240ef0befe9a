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

// sources lists every dump: its name and the query that gives its rows in a fixed order. Only rows that initdb makes are
// wanted, hence the bound on the OIDs.
var sources = []struct{ name, query string }{
	{"pg_type", `select * from pg_type where oid < 16384 order by oid`},
	{"pg_proc", `select * from pg_proc where oid < 16384 order by oid`},
	{"pg_operator", `select * from pg_operator where oid < 16384 order by oid`},
	{"pg_cast", `select * from pg_cast where oid < 16384 order by oid`},
	{"pg_aggregate", `select * from pg_aggregate where aggfnoid < 16384 order by aggfnoid::oid`},
	{"pg_am", `select * from pg_am order by oid`},
	{"pg_amop", `select * from pg_amop order by oid`},
	{"pg_amproc", `select * from pg_amproc order by oid`},
	{"pg_collation", `select * from pg_collation where collname in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8') order by oid`},
	{"pg_language", `select * from pg_language order by oid`},
	{"pg_opclass", `select * from pg_opclass order by oid`},
	{"pg_opfamily", `select * from pg_opfamily order by oid`},
	{"pg_conversion", `select * from pg_conversion order by oid`},
	{"pg_ts_config", `select * from pg_ts_config order by oid`},
	{"pg_ts_config_map", `select * from pg_ts_config_map order by mapcfg, maptokentype, mapseqno`},
	{"pg_ts_dict", `select * from pg_ts_dict order by oid`},
	{"pg_ts_parser", `select * from pg_ts_parser order by oid`},
	{"pg_ts_template", `select * from pg_ts_template order by oid`},
	{"pg_range", `select * from pg_range order by rngtypid`},
	{"pg_description", `select * from pg_description where objoid < 16384 and (classoid <> 'pg_collation'::regclass or objoid in
		(select oid from pg_collation where collname in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8'))) order by classoid, objoid, objsubid`},
	{"pg_shdescription", `select * from pg_shdescription order by classoid, objoid`},
	{"pg_namespace", `select * from pg_namespace where nspname in ('pg_catalog', 'information_schema', 'public', 'pg_toast') order by oid`},
	{"pg_class", `select * from pg_class where oid < 16384 and relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) order by oid`},
	{"pg_attribute", `select * from pg_attribute where attnum > 0 and attrelid in (select oid from pg_class where oid < 16384
		and relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)) order by attrelid, attnum`},
	{"pg_index", `select * from pg_index where indexrelid in (select oid from pg_class where oid < 16384
		and relnamespace = 'pg_catalog'::regnamespace) order by indexrelid`},
	{"pg_constraint", `select * from pg_constraint where oid < 16384 order by oid`},
	{"pg_authid", `select oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
		rolconnlimit from pg_authid where rolname like 'pg\_%' order by oid`},
	{"pg_settings", `select name, case when name ~ '_(file|directory|directories)$' or name = 'port' then boot_val else setting end as setting, unit, category,
		short_desc, extra_desc, context, vartype, source, min_val, max_val, enumvals, boot_val, case when name ~ '_(file|directory|directories)$' or name = 'port'
		then boot_val else reset_val end as reset_val, null::text as sourcefile, null::int4 as sourceline, pending_restart
		from pg_settings order by lower(name)`},
	{"function_defaults", `select p.oid, n as argument, pg_get_function_arg_default(p.oid, n) as expression from pg_proc p,
		generate_series(1, pronargs) n where p.oid < 16384 and pronargdefaults > 0 and n > pronargs - pronargdefaults order by p.oid, n`},
	{"function_bodies", `select oid, pg_get_function_sqlbody(oid) as body from pg_proc where oid < 16384 and prosqlbody is not null order by oid`},
	{"pg_timezone_abbrevs", `select * from pg_timezone_abbrevs order by abbrev`},
	{"pg_get_keywords", `select * from pg_get_keywords() order by word`},
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
	conn, err := pgx.Connect(ctx, os.Getenv("BUILTIN_DSN"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, s := range sources {
		text, err := dump(ctx, conn, s.query)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := os.WriteFile(filepath.Join(args[0], s.name+".tsv"), text, 0o644); err != nil {
			return err
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
