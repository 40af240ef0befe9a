// Package vector holds columns of values and batches of columns, the form in which rows travel through the engine.
//
// It is not an expression evaluator: kernels live in engine/eval. Reading order: vector.go (Vector and its forms), set.go
// (writing), copy.go (moving rows between vectors), bulk.go (many at once), refs.go (many of many vectors), raw.go (their memory, for files), batch.go (Batch), budget.go (who pays for the memory).
//
// Invariants: validity bits and offsets are laid out as Arrow's. A vector of form Constant holds its one value at index 0; a
// vector of form Dictionary holds codes into a flat, append-only dictionary. Rows of a bytes-like vector are written in
// ascending order. A batch belongs to its producer until the producer's next call of Next or Close: whoever keeps rows
// copies them into memory that it has accounted for.
package vector
