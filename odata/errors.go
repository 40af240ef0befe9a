package odata

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind classifies a fault. The engine's table gives each a SQLSTATE.
type Kind uint8

// The kinds of faults.
const (
	KindConnect     Kind = iota + 1 // name resolution, connecting, TLS
	KindToken                       // the token endpoint refused or could not be reached
	KindAuth                        // 401 after one renewal
	KindForbidden                   // 403
	KindNotFound                    // 404
	KindBadRequest                  // 400, 501 and other 4xx: the service does not take the request
	KindServerError                 // 5xx, or an error object in a 200
	KindThrottled                   // 429 or 503 when the retries are used up
	KindTimeout                     // the service did not answer in time
	KindMalformed                   // a body that is no OData JSON, no CSDL …
	KindTruncated                   // a body that ends early
	KindValue                       // a value that does not convert
	KindLimit                       // a value, row, nesting or document above a limit
	KindDisk                        // a temporary file that cannot be made, written or read
	KindDiskFull                    // a temporary file for which there is no room
	KindLie                         // an answer that contradicts the request
	KindForeignLink                 // a link or redirect to an origin that is not allowed
	KindEndlessLink                 // links that repeat, or pages that stay empty
	KindCanceled                    // the caller's context ended
	KindClosed                      // the reader was closed
	kindEnd
)

var kindNames = [...]string{
	"", "connect", "token", "auth", "forbidden", "not found", "bad request", "server error", "throttled", "timeout",
	"malformed", "truncated", "value", "limit", "disk", "disk full", "lie", "foreign link", "endless link", "canceled", "closed",
}

// Kinds are all kinds of faults.
func Kinds() []Kind {
	all := make([]Kind, 0, kindEnd-1)
	for k := Kind(1); k < kindEnd; k++ {
		all = append(all, k)
	}
	return all
}

func (k Kind) String() string { return kindNames[k] }

// Error is a fault of a service, or on the way to it. Nothing in it holds a token or a secret.
type Error struct {
	Kind       Kind
	Service    string // Config.Name
	Set        string // entity set, empty outside one
	Property   string // of a KindValue error
	Row        string // the row's key as text, or its place in the answer, of a KindValue error
	Status     int    // HTTP status, 0 without a response
	Code       string // the service's own error code
	Message    string // the service's message, or ours
	RetryAfter time.Duration
	RequestID  string // the service's id of the request, for its support
	URL        string // without secrets in its query
	cause      error
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "service %s", e.Service)
	if e.Set != "" {
		fmt.Fprintf(&b, ", entity set %s", e.Set)
	}
	if e.Row != "" {
		fmt.Fprintf(&b, ", %s", e.Row)
	}
	if e.Property != "" {
		fmt.Fprintf(&b, ", property %s", e.Property)
	}
	if e.Status != 0 && e.Status != 200 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %s)", e.RetryAfter)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request id %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// AsError returns the *Error inside err, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
