package pgerr

import (
	"errors"
	"fmt"
	"strings"
)

// Severity is the S and V field of an ErrorResponse or NoticeResponse.
type Severity string

// The severities that PostgreSQL sends (protocol documentation, section 55.8).
const (
	SeverityError   Severity = "ERROR"
	SeverityFatal   Severity = "FATAL"
	SeverityPanic   Severity = "PANIC"
	SeverityWarning Severity = "WARNING"
	SeverityNotice  Severity = "NOTICE"
	SeverityInfo    Severity = "INFO"
	SeverityDebug   Severity = "DEBUG"
	SeverityLog     Severity = "LOG"
)

// Error is an error or a notice with PostgreSQL's fields. It is immutable once it has been returned; the With methods
// return a changed copy.
type Error struct {
	Severity   Severity
	Code       Code
	Message    string
	Detail     string
	Hint       string
	Position   int // characters, 1-based, 0 = unknown
	Where      string
	Schema     string
	Table      string
	Column     string
	DataType   string
	Constraint string

	cause error
}

// New returns an ERROR with the message as it is.
func New(code Code, message string) *Error {
	return &Error{Severity: SeverityError, Code: code, Message: message}
}

// Newf returns an ERROR with a formatted message. A %w verb keeps its operand as the cause; a %q verb puts its operand between
// quotation marks and leaves it as it is, as PostgreSQL's messages do.
func Newf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(plainQuotes(format), args...)
	return &Error{Severity: SeverityError, Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// plainQuotes makes %q write what stands in a text, where Go would write an escape for it.
func plainQuotes(format string) string { return strings.ReplaceAll(format, "%q", "\"%s\"") }

// Unsupported returns the 0A000 error for something that PostgreSQL can do and this server cannot; the hint says what to
// do instead.
func Unsupported(hint, format string, args ...any) *Error {
	return Newf(FeatureNotSupported, format, args...).WithHint("%s", hint)
}

// Internal returns the XX000 error for a broken invariant of the server's own.
func Internal(format string, args ...any) *Error { return Newf(InternalError, format, args...) }

// Notice returns a NOTICE with SQLSTATE 00000.
func Notice(format string, args ...any) *Error {
	return &Error{Severity: SeverityNotice, Code: SuccessfulCompletion, Message: fmt.Sprintf(plainQuotes(format), args...)}
}

// Warning returns a WARNING with the code given.
func Warning(code Code, format string, args ...any) *Error {
	return &Error{Severity: SeverityWarning, Code: code, Message: fmt.Sprintf(plainQuotes(format), args...)}
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// SQLState returns the five characters of the code.
func (e *Error) SQLState() string { return string(e.Code) }

func (e *Error) with(change func(*Error)) *Error {
	c := *e
	change(&c)
	return &c
}

// WithDetail returns a copy with the D field set.
func (e *Error) WithDetail(format string, args ...any) *Error {
	return e.with(func(c *Error) { c.Detail = fmt.Sprintf(plainQuotes(format), args...) })
}

// WithHint returns a copy with the H field set.
func (e *Error) WithHint(format string, args ...any) *Error {
	return e.with(func(c *Error) { c.Hint = fmt.Sprintf(plainQuotes(format), args...) })
}

// WithPosition returns a copy with the P field set, in characters from 1.
func (e *Error) WithPosition(p int) *Error { return e.with(func(c *Error) { c.Position = p }) }

// WithSeverity returns a copy with another severity.
func (e *Error) WithSeverity(s Severity) *Error { return e.with(func(c *Error) { c.Severity = s }) }

// WithCause returns a copy that unwraps to the cause.
func (e *Error) WithCause(err error) *Error { return e.with(func(c *Error) { c.cause = err }) }

// As returns the coded error inside err, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// CodeOf returns the SQLSTATE inside err, or XX000 where it has none.
func CodeOf(err error) Code {
	if e := As(err); e != nil {
		return e.Code
	}
	return InternalError
}
