package engine_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// Whatever becomes of a statement, it gives its memory back.
func TestStatementsGiveTheirMemoryBack(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{PageSize: 50})
	g := serve(t, engine.Options{
		Logger: zerolog.Nop(), Limits: engine.Limits{QueryMemory: 8 << 20},
		Services: []engine.ServiceOptions{service("intune", sim.URL(), profile.Intune())},
	}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	for _, q := range []string{
		`select d."deviceName", h."osVersion" from devices d join "devicePropertyHistories" h using ("deviceKey") order by 1, 2`,
		`select "osVersion", count(*), array_agg("deviceName") from "devicePropertyHistories" group by 1 having count(*) > 1`,
		`select distinct "deviceName" from "devicePropertyHistories" union select "deviceName" from devices limit 3`,
		`with c as materialized (select * from devices) select * from c a, c b limit 5`,
		`select *, row_number() over (partition by "osVersion" order by "deviceKey") from "devicePropertyHistories" limit 4`,
		`select (select max("deviceName") from devices d where d."deviceKey" > x."deviceKey") from devices x`,
		`select 1 / ("deviceKey" - "deviceKey") from devices order by "deviceName"`,
		`select exists (select 1 from devices a join devices b using ("deviceKey"))`,
		`select string_agg(repeat('x', 200000), '') from "devicePropertyHistories"`, // 53200
		`select array_agg(g) from generate_series(1, 2000000) g`,                    // 53200
		`with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000) select * from r limit 7`,
		`select count(*) from pg_class c join pg_attribute a on a.attrelid = c.oid`,
		`begin; declare c scroll cursor for select * from "devicePropertyHistories"; fetch 30 from c; rollback`,
		`begin; declare c scroll cursor with hold for select * from "devicePropertyHistories"; fetch 3 from c; commit; fetch 4 from c; close c`,
		`explain analyze select * from devices order by "deviceName"`,
		`select nosuch from devices`,
	} {
		run := func() {
			_, err := answer(t, c, q)
			var e *pgconn.PgError
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("%s: %v", q, err)
			}
		}
		run() // the parser's cache takes what it takes
		before, _ := g.engine.Memory()
		for range 3 {
			run()
		}
		if after, _ := g.engine.Memory(); after != before {
			t.Errorf("%s: %d bytes were not given back", q, after-before)
		}
	}
	_ = wantCode(t, c, "select array_agg(g) from generate_series(1, 2000000) g", "53200")
}
