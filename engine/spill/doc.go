// Package spill keeps batches of rows in files, for operators whose rows do not fit their memory.
//
// It decides nothing: an operator says what is written and when. Reading order: dir.go (where files are made, and what they may hold
// together), frame.go (the form of a batch on disk), file.go (writing a file), reader.go (reading it back).
//
// Invariants: a file has no name once it is open, so nothing is left of it when the process dies; Close gives its bytes back. What was
// written is read back bit for bit, or the error says that it was not (58030): every frame has a checksum. Buffers are charged to the
// budget of whoever uses them. The errors are 53400 beyond the limit of all files, 53100 on a full disk and 58030 for what else goes wrong.
package spill
