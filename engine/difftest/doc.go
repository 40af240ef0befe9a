// Package difftest compares the gateway with a real PostgreSQL that holds the same rows: values, types, names, order and
// errors, over the real wire protocol and real HTTP to the sample services.
//
// It is tests alone and gives nothing to the product. The questions stand in testdata/rows (intune: what people ask of the
// warehouse, with the requests that an answer needs; sql: the language, topic by topic), what may differ in
// testdata/differences.txt.
//
// Files in reading order:
//
//   - cases_test.go: the files of cases
//   - oracle_test.go, convert_test.go: PostgreSQL with the sample services' rows
//   - gateway_test.go, proxy_test.go: the gateway before a sample service, and what stands between them
//   - result_test.go, compare_test.go: an answer, and when two are equal
//   - mutants_test.go, vacuity_test.go: questions with one condition less must have another answer
//   - unquote_test.go: questions as people type them
//   - intune_test.go, variants_test.go, damage_test.go: the warehouse's questions
//   - sql_test.go, differences_test.go: the language
//   - matrix_test.go, matrix_tails_test.go, matrix_complete_test.go: the coverage matrix, what may differ in it, and that no cell is missing
//   - matrix_types_test.go, matrix_casts_test.go: values of every type, and casts between all of them
//   - matrix_arguments_test.go, matrix_functions_test.go, matrix_operators_test.go: functions, operators and expressions over types
//   - matrix_nodes_test.go: what a plan is made of in every clause
//   - matrix_errors_test.go, matrix_rows_test.go: errors in every place, and in rows that are read or not
//   - generator_types_test.go, generator_rich_test.go, generator_schema_test.go: types, their values, and the tables that hold them
//   - generator_piece_test.go, generator_test.go: statements as trees, and the generator of them
//   - generator_scope_test.go, generator_from_test.go, generator_query_test.go, generator_aggregate_test.go: its queries
//   - generator_calls_test.go, generator_expr_test.go, generator_predicate_test.go: its expressions
//   - generator_shrink_test.go, generated_test.go, equivalence_test.go: questions by chance, made small where answers differ
//
// Invariants: PostgreSQL's clock and the gateway's stand at one instant. Rows reach PostgreSQL without the gateway's decoder.
// No result is stored: PostgreSQL is asked each time.
package difftest
