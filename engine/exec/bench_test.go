package exec_test

import "testing"

// BenchmarkMillion runs one operator over a million rows each, within the default memory of a query.
func BenchmarkMillion(b *testing.B) {
	w := newBench(b)
	for name, sql := range map[string]string{
		"scan":       "select count(*) from generate_series(1, 1000000) g",
		"filter":     "select count(*) from generate_series(1, 1000000) g where g % 3 = 0 and g > 500",
		"project":    "select sum(g * 2 + 1) from generate_series(1, 1000000) g",
		"groups":     "select count(*) from (select g % 100000 as k, count(*), sum(g) from generate_series(1, 1000000) g group by 1) t",
		"text keys":  "select count(*) from (select (g % 1000)::text as k, count(*) from generate_series(1, 1000000) g group by 1) t",
		"join":       "select count(*) from generate_series(1, 1000000) a join generate_series(1, 1000000) b on a = b",
		"sort":       "select count(*) from (select g from generate_series(1, 1000000) g order by (g * 7919::int8) % 1000003 offset 1) t",
		"top":        "select g from generate_series(1, 1000000) g order by (g * 7919::int8) % 1000003 limit 10",
		"distinct":   "select count(distinct g % 1000) from generate_series(1, 1000000) g",
		"window":     "select sum(s) from (select sum(g) over (partition by g % 100 order by g) as s from generate_series(1, 1000000) g) t",
		"union":      "select count(*) from (select g from generate_series(1, 500000) g union select g from generate_series(250000, 750000) g) t",
		"subquery":   "select count(*) from generate_series(1, 1000000) g where g in (select h * 3 from generate_series(1, 300000) h)",
		"recursion":  "with recursive t(n) as (values (1) union all select n + 1 from t where n < 100000) select count(*) from t",
		"correlated": "select count(*) from (select (select count(*) from generate_series(1, 3) h where h <= g % 1000) from generate_series(1, 100000) g) t",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := w.start(b.Context(), sql, 256<<20, false)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.openAndRead(b.Context(), 0); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(r.budget.Peak())/1e6, "MB-peak")
				r.close(b, sql)
			}
		})
	}
}
