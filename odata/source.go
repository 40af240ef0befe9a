package odata

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/query"
)

// Source reads entity sets. *Client is one; whatever shares or keeps answers stands in front of one. Requests with equal
// keys have equal answers within a statement. It is safe for concurrent use.
type Source interface {
	// Open starts a read. It returns without waiting for the service: faults come from the reader's Next.
	Open(ctx context.Context, r Request) (Reader, error)
	// Count asks for the number of rows, in the way that the query's Count says (CountOnly, else inline with $top=0).
	Count(ctx context.Context, r Request) (int64, error)
}

// Request is one read of an entity set.
type Request struct {
	Principal string // on whose behalf; part of the key
	Query     query.Query
	Columns   []Column // what a batch holds, in this order; each must be among Query.Select unless that is empty
	Singleton bool     // the set is a singleton: the answer is one entity
	// WholeKey says that the columns marked Key are all of the set's declared key. Two pages in a row that are equal byte for byte
	// then are a service that goes in circles behind new links; without the key they can be honest.
	WholeKey bool
	// RowLimit, where it is above 0, is a number of rows after which the caller surely stops asking. Pages are then fetched on
	// demand only.
	RowLimit int64
	// Budget pays for the decoder's and the prefetch's memory. Nil: nobody does.
	Budget *vector.Budget
}

// Key is equal for requests with equal answers from one client.
func (r Request) Key() string {
	var b strings.Builder
	b.WriteString(r.Principal)
	b.WriteByte(0)
	b.WriteString(r.Query.Canonical())
	for _, c := range r.Columns {
		b.WriteByte(0)
		b.WriteString(c.key())
	}
	return b.String()
}

// Column is one column of the batches to deliver.
type Column struct {
	Path     query.Path
	Edm      edm.Type
	Type     sqltype.Type // as edm's table says, unless the configuration overrides it
	Nullable bool         // false: a null is delivered and noticed
	OnError  OnError
	Key      bool // part of the set's key: names the row in messages
}

func (c Column) key() string {
	var b strings.Builder
	b.WriteString(c.Path.String())
	b.WriteByte(':')
	b.WriteString(c.Edm.Name)
	b.WriteByte(':')
	b.WriteString(strconv.FormatUint(uint64(c.Type.OID), 10))
	b.WriteByte(':')
	b.WriteString(strconv.Itoa(int(c.Type.Typmod)))
	b.WriteByte(':')
	b.WriteString(strconv.Itoa(int(c.OnError)))
	return b.String()
}

// OnError says what a value that does not convert becomes.
type OnError uint8

// The ways out.
const (
	Fail OnError = iota // the read fails with a KindValue error
	Null                // the value is null, with a notice
)

// Reader gives the rows of one request. It is used by one goroutine at a time, but Close and Ready may be called from any.
type Reader interface {
	// Next returns the next rows, never an empty batch; nil, nil at the end. It hands up fewer rows rather than wait for more.
	// The batch is valid until the next call of Next or Close. ctx bounds this call only.
	Next(ctx context.Context) (*vector.Batch, error)
	// Ready reports whether Next would return without waiting for the service.
	Ready() bool
	// Notices returns the notices since the last call.
	Notices() []Notice
	Stats() Stats
	// Close ends the requests and waits for everything below. Idempotent.
	Close() error
}

// Stats is what a read cost so far.
type Stats struct {
	Requests int64 // HTTP requests for this read, retries included
	Retries  int64
	Pages    int64
	Rows     int64
	Bytes    int64         // of bodies after decompression
	Waiting  time.Duration // in Next, for the service
	Decoding time.Duration
	Count    int64    // the service's inline count, -1 without one
	URLs     []string // the first requests' URLs, at most 16, as sent
}

// NoticeKind says what a notice is about.
type NoticeKind uint8

// The kinds of notices.
const (
	NoticeNull  NoticeKind = iota // a null where the metadata declares none
	NoticeValue                   // a value that did not convert became null
)

// Notice is something that the user is told once per column and read.
type Notice struct {
	Kind     NoticeKind
	Set      string
	Property string
	Text     string
}
