// Package pushdown decides what of a plan a service evaluates, and builds the OData query: it moves the line up without
// changing a row.
//
// It is not the client (odata) and knows no URLs beyond their length. Reading order: pushdown.go (from Scan to Remote, and
// who is asked), filter.go (conditions), leaf.go (one comparison), constant.go (constants as literals), timebound.go
// (instants, whose fractions are finer there than here), like.go, select.go, top.go ($top and $orderby), count.go.
//
// Invariants: unknown is Local. Every pushed fragment has a verdict: Exact (the service keeps exactly SQL's rows) or Superset
// (never too few); both are evaluated again here. $top and $count stand only on Exact filters; $orderby is kept only where
// the profile proves it to be SQL's order, and is checked on the rows.
package pushdown
