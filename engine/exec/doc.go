// Package exec runs plans: one operator per file, pulling batches of vectors upward.
//
// It is not the planner (nothing is decided here but how a node is carried out) and not the expression evaluator (engine/eval).
// Reading order: operator.go (the contract and what an execution is given), build.go (the switch from node to operator, where
// ids become positions), pick.go (columns in another order), memory.go (what an operator may keep, and when it spills),
// partial.go (batches whose values are too large), rowstore.go, gather.go, spool.go and rowops.go (rows kept in accounted
// memory, compared and hashed), then the operators: remote.go, system.go, values.go, function.go, filter.go, project.go,
// projectset.go, limit.go, sort.go with sort_*.go, topn.go, distinct.go, hashtable.go with hash_*.go (numbers of keys, and
// whether they were seen), hashjoin.go with join*.go, apply.go, aggregate.go with agg_*.go, window.go with win_*.go, setop.go
// with setop_keyed.go, append.go, cte.go, keyedspool.go with keyedfile.go, recursive.go with seen.go, seen_table.go,
// seen_runs.go and seen_filter.go, subquery.go with subquery_member.go and
// subquery_masks.go, shared.go (equal reads are made once), instrument.go
// (EXPLAIN ANALYZE).
//
// Invariants: an evaluation error belongs to its row: a batch ends before the failing row, and the error is returned by the
// next call. A batch is valid until its producer's next Next or Close. Operators never write to clients. An operator may be
// opened again after Close; Close is idempotent and ends everything below. Kept rows are charged to the query's budget.
package exec
