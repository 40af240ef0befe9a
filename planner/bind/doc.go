// Package bind turns parse trees into plans with PostgreSQL's rules for names, types, overloads and coercions.
//
// It is the only importer of the SQL parser, whose types do not leave it. It reads the catalog and never asks a service,
// runs nothing and folds nothing but literals.
//
// Reading order: binder.go (Bind, Env, Bound), fault.go (how errors leave), statement.go (which statements there are) and
// utility.go (those without a plan), scope.go and name.go (what a name means), from.go, join.go and cte.go (FROM), query.go
// (SELECT in PostgreSQL's order of analysis), target.go, sortgroup.go, group.go, window.go, windoworder.go and finish.go (its clauses), setop.go, values.go,
// expr.go and its companions (expressions, one family a file), call.go and resolve.go (functions), operator.go, coerce.go,
// common.go and poly.go (types), param.go.
//
// Beside them, one thing each: relation.go, rangefunction.go, rowshape.go, systemcolumns.go and missing.go (what FROM names, or fails to
// name), recursion.go (WITH RECURSIVE), regroup.go (what stands above an Aggregate), indirection.go, sublink.go,
// operatorexpr.go and equal.go (expressions), collation.go, collationderive.go and collationnode.go (COLLATE, and whose collation wins), typename.go, typeinfo.go and defaultvalue.go (types and arguments), explain.go,
// copy.go, procedure.go, utilitytypes.go, commandname.go and exit.go (statements), sessionenv.go (what binding read of the session), rawloc.go
// and quoted.go (the text itself).
//
// Invariants: the order of analysis is PostgreSQL's, because it decides which error comes first and what an untyped
// parameter becomes. Inside the package an error is a panic of *fault that Bind alone recovers; no other panic is recovered. Every bound
// expression has its place in the text in binder.locs until binding ends.
package bind
