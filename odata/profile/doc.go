// Package profile says what a service can do, and what of it is proved: which conditions it filters as SQL would, which
// order it keeps, which options it takes. planner/pushdown asks it for verdicts and prints its reasons.
//
// It is not the place where SQL is translated, and it assumes no types, keys or names: those come from $metadata alone.
// Reading order: profile.go (Profile and its answers), op.go (what can be asked about), then one file per service:
// intune.go with intune_references.go, standard.go, generic.go.
//
// Invariant: unknown is Local. A profile grants by rules; what no rule grants is refused, with a reason fit for EXPLAIN.
package profile
