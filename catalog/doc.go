// Package catalog is the immutable snapshot that clients see: schemas, relations, columns, types, keys, foreign keys,
// roles, comments and OIDs, made from the services' entity models, and the functions over it that do not need rows: names
// to OIDs and back along a search_path, definitions, privileges.
//
// It computes no rows of pg_catalog or information_schema (catalog/system does), knows no functions or operators
// (catalog/builtin) and asks no service. Reading order: snapshot.go (what a statement sees), options.go (what it is made
// from), build.go (how), initdb.go (what PostgreSQL itself brings), naming.go, oid.go, attnums.go, tables.go, keys.go,
// references.go (the parts of building), roles.go, acl.go, view.go (what one user sees of it), lookup.go, identifiers.go,
// keywords.go, names.go and types.go (names to OIDs and back), definitions.go, privileges.go.
//
// Invariants: a Snapshot never changes once Build or ForUser has returned it, so it is read without locks. OIDs of user
// objects depend on nothing but the schema's and the object's names. Keys, nullability and references are claims of the
// services.
package catalog
