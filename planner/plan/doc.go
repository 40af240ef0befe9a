// Package plan holds the relational nodes and scalar expressions of a query plan: values that the binder makes, the rules
// and the pushdown rewrite, and engine/exec runs.
//
// It has no behaviour beyond walking, rewriting, validating and printing. Reading order: column.go (ColID), rowshape.go (fields of rows), expr.go (scalar
// expressions), subquery.go (expressions that hold a plan), node.go (leaves and simple nodes), join.go, aggregate.go,
// setop.go (set operations and CTEs), remote.go (what is below the line), operands.go, walk.go, predicate.go (questions
// about expressions), cost.go (which of some conditions is tested first), hashpair.go (equalities that a hash can answer), estimate.go (rows), clone.go, format.go (expressions as EXPLAIN prints them), validate.go.
//
// Invariants: nodes and expressions are immutable once built; a rewrite returns the very same node when nothing changed.
// Columns are named by query-unique ids, never by position. A node states the ids that it gives; expressions name ids of
// their node's inputs, or, inside a subquery or the right side of an Apply, ids of the outer query. Set operations, CTE
// scans, the nullable side of an outer join, and grouped columns give fresh ids.
package plan
