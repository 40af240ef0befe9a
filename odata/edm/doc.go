// Package edm holds the entity data model of a service: a reader of CSDL XML, the model it gives, the columns that an
// entity set has when its complex properties are flattened, and one table that says for every Edm type which SQL type it
// is, how it looks in JSON and how it is written as a literal in a URL.
//
// It is not a client (odata fetches the document) and not the catalog (names folded or cut for SQL are the catalog's).
// Reading order: kind.go (the kinds of types), type.go (a type with its facets), kinds.go (the table), literal.go (URL
// literals), model.go (the model), csdl.go and csdl_*.go (the reader), resolve.go (references between types), columns.go
// (flattening).
//
// Invariants: a Model is immutable once Read has returned it. What the reader does not understand it skips, and says so
// in Model.Problems; only a document that is no CSDL at all, is cut off, or passes a limit is an error. Everything a
// model says is the service's claim.
package edm
