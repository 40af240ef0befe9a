// Package wiretest is a PostgreSQL protocol client for test files: it sends typed messages written as JSON and compares the
// server's answers, message by message. The same file runs against this server and against PostgreSQL.
//
// It is not a driver: it decodes no values and keeps no state but the connections. Reading order: script.go (the
// directives), client.go (a connection), send.go (JSON to messages), print.go (messages to JSON), random.go (scripts made by
// chance).
//
// A test file holds datadriven directives, each with an input, a line of four dashes and the expected output:
//
//	connect conn=b [user=… database=…]       opens another connection; the first one, main, opens by itself
//	send [conn=b]                            sends one message a line: a type and its fields as JSON
//	raw [conn=b]                             sends bytes, in hexadecimal; blanks and what follows # do not count
//	until [conn=b] [ignore=(…)] [ignore-fields=(…)] [only-fields=(…)]
//	                                         reads until it has met the types of the input in order, and prints all it read
//	cancel [conn=b] [once]                   sends CancelRequests, each on a connection of its own, until the session has
//	                                         answered with an error, or one
//	eof [conn=b]                             reads what is left and expects that the server closed
//	close [conn=b]                           closes the connection without a message
//
// ignore drops whole messages by type. ignore-fields and only-fields choose the fields of ErrorResponse and NoticeResponse;
// File, Line and Routine are never printed.
package wiretest
