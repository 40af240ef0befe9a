// Package rules holds the local rewrites of a plan, one file each. Every rule keeps the rows; its file states why, and the
// counter-example that limits it.
//
// It is not the pushdown (planner/pushdown), and it decides no order of rules (planner/phases.go). Reading order: fold.go
// (constants), simplify.go (filters that are constant, empty inputs), factor.go (what all arms of an OR require), inline.go
// (CTEs), decorrelate.go (EXISTS and IN as joins), predicates.go (predicates move down), outerjoin.go (outer joins that are
// inner), joinorder.go, prune.go (columns), lookup.go (index look-ups in system relations), windoworder.go
// (sorts that a window makes needless, rows that nobody wants of one), topn.go (Sort and Limit as TopN,
// and what waits for it), unread.go (columns that end where they are last read).
//
// Invariants: a rule returns the same node where nothing changes; ids keep their meaning; an expression that may fail or is
// volatile is never moved to where PostgreSQL would not evaluate it.
package rules
