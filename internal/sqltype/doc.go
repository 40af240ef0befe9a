// Package sqltype holds the SQL types: their OIDs and properties, one scalar value, and the text and binary form of every
// type (PostgreSQL documentation, chapter 8 and section 55).
//
// It is not an expression evaluator (engine/eval) and knows no tables. Reading order: type.go (Type and the table of
// types), oid.go (the OIDs), value.go (Value, the form of one value on cold paths), numeric.go, interval.go, then one file
// per type family with its parser and printers, codec.go (the table from type to codec), env.go (what a codec needs to know
// of the session).
//
// Invariants: a Value is read together with its Type; equal OIDs mean equal representation; every type of the table has
// text input, text output, binary input and binary output, and a test proves it. Errors are *pgerr.Error with PostgreSQL's
// text and SQLSTATE.
package sqltype
