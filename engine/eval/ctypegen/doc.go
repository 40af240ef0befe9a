// Command ctypegen writes ctype_gen.go of package eval: upper and lower case and the character classes of glibc's C.UTF-8, as a
// running PostgreSQL 15 of that locale answers for every code point.
//
// It is run by hand when the supported version of PostgreSQL or its C library changes:
//
//	CTYPEGEN_DSN=postgres://postgres@127.0.0.1:5432/postgres go generate ./engine/eval
//
// It is not part of the build. Invariant: equal answers give equal files.
package main
