// Package planner turns a bound statement into a plan that can run: it applies the phases in order, and prints plans for EXPLAIN.
//
// It is not the binder (planner/bind), holds no rule itself (planner/rules, planner/pushdown), and does no I/O. Reading order:
// phases.go (everything that happens to a plan, on one page), explain.go and explain_nodes.go (a plan as a tree of titles and
// properties), explain_text.go and explain_json.go (the two forms).
//
// Invariants: planning needs the values of parameters and the catalog snapshot that the statement was bound with, nothing
// else; a plan serves one execution. The validator of planner/plan holds after every phase.
package planner
