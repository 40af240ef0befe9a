// Package sqltype holds the SQL types: their OIDs and properties, one scalar value, and the text and binary form of every
// type (PostgreSQL documentation, chapter 8 and section 55).
//
// It is not an expression evaluator (engine/eval) and knows no tables.
//
// Files in reading order:
//
//   - type.go, types.go: Type, Kind, and Info, a row of pg_type; types_gen.go and oid_gen.go are made by typegen
//   - value.go, env.go, defaults.go: one value, and what a codec needs to know of the session
//   - codec.go: the one table from type to codec; ParseText, AppendText, ParseBinary, AppendBinary
//   - format.go, typmod.go: format_type, and modifiers as numeric(10,2)
//   - bool.go, integer.go, oid.go, float.go, text.go, bytea.go, uuid.go: the simple families
//   - numeric.go and numeric_*.go: text, binary form, arithmetic, sums, functions, logarithms, conversions
//   - calendar.go, zone.go: days and dates, zones and their abbreviations (zones_gen.go)
//   - datetime_tokens.go, datetime_parse.go, datetime_fields.go, datetime_words.go, datetime.go, datetime_format.go: dates and times
//   - interval.go, interval_iso.go, interval_format.go
//   - json.go, json_tree.go, jsonb.go, jsonb_writer.go
//   - array.go, arraywriter.go, array_text.go, intvector.go, record.go, row_text.go
//   - compare.go, hash.go: btree order, and hashes that agree with it
//
// Invariants: a Value is read together with its Type; equal OIDs mean equal representation; every type of the table has
// text input, text output, binary input and binary output, and a test proves it. Errors are *pgerr.Error with PostgreSQL's
// text and SQLSTATE.
package sqltype
