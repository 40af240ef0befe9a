// Package parser turns SQL text into parse trees behind a guard: the text is parsed in a child process of the same binary,
// so that no text can take the server down.
//
// The parser is PostgreSQL's own, in C, and recurses without a limit: a statement of a few kilobytes can overflow its stack,
// and no size or token count tells such a text from an honest one. So the child bounds its stack and memory and may die;
// the parent then answers 54001.
//
// It is not name resolution or typing (package bind). Reading order: statement.go (what a parse gives), parser.go (the way of
// one text: checks, cache, pool), pool.go (the children), frame.go (what parent and child say to each other), worker.go (the
// child), fault.go (SQLSTATE of the parser's errors), cache.go.
//
// Invariants: parse trees are shared between sessions and never changed; the text is checked before a child sees it;
// memory is charged before a tree is unmarshalled; positions are in characters from 1 once they leave this package.
package parser
