package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// effects is what faults do to one exchange. They are plain data, so that
// several faults combine.
type effects struct {
	names []string // of the faults that fired

	delay  time.Duration
	reply  *reply // answered instead of the data
	revoke bool   // the token presented is no longer valid

	ignoreFilter, neAsEq, ignoreTop, ignoreOrder, ignoreSkip bool
	shortPage, badValue, nullKey, dropColumn, wrongCount     bool
	errorInBody, refuseSelect                                bool

	refuse    []string // system query options answered with 501
	refuseOps []exprOp // operations of $filter answered with 400
	urlLimit  int      // longer request URIs are answered with 414
	lies      evalLies

	foreignContext, foreignReference bool

	link linkFault
	body bodyFault
}

// reply is a whole answer.
type reply struct {
	status      int
	header      map[string]string
	contentType string
	body        string
}

type linkFault uint8

const (
	linkHonest linkFault = iota
	linkRepeated
	linkEndless
	linkForeign
)

type bodyFault uint8

const (
	bodyWhole bodyFault = iota
	bodyTruncated
	bodyEOF
	bodyReset
	bodyResetAtOnce
	bodyStalled
	bodyMalformed
	bodyTrailing
	bodyPlainText
	bodyNever
	bodySlow
)

// Fault is a named misbehaviour. A fault hits requests for rows and counts
// unless it says otherwise.
type Fault struct {
	Name string
	Doc  string

	kind  requestKind // kindAny: every request
	limit int32       // so many times, then never again; 0: always
	page  int         // only this page of a read; 0: every page
	apply func(*effects)
}

func answer(status int, header map[string]string, contentType, body string) func(*effects) {
	return func(fx *effects) { fx.reply = &reply{status, header, contentType, body} }
}

const (
	jsonType    = "application/json"
	throttled   = `{"error":{"code":"TooManyRequests","message":"Too many requests"}}`
	unavailable = `{"error":{"code":"ServiceUnavailable","message":"The service is temporarily unavailable"}}`
	broken      = `{"error":{"code":"InternalServerError","message":"An internal error has occurred"}}`
)

// Faults is the table of faults. A name may be followed by ":N", which
// confines the fault to page N of a read ("malformed-json:3").
func Faults() []Fault {
	later := func() string { return time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat) }
	body := func(b bodyFault) func(*effects) { return func(fx *effects) { fx.body = b } }
	link := func(l linkFault) func(*effects) { return func(fx *effects) { fx.link = l } }
	return []Fault{
		{Name: "latency", kind: kindAny, Doc: "every answer comes 200 ms late", apply: func(fx *effects) { fx.delay = 200 * time.Millisecond }},
		{Name: "429-retry-after", limit: 1, Doc: "one 429 with Retry-After: 1", apply: answer(429, map[string]string{"Retry-After": "1"}, jsonType, throttled)},
		{Name: "429-retry-date", limit: 1, Doc: "one 429 with Retry-After as a date", apply: func(fx *effects) {
			fx.reply = &reply{429, map[string]string{"Retry-After": later()}, jsonType, throttled}
		}},
		{Name: "429-bare", limit: 1, Doc: "one 429 without Retry-After", apply: answer(429, nil, jsonType, throttled)},
		{Name: "429-page2", limit: 1, page: 2, Doc: "one 429 without Retry-After on the second page", apply: answer(429, nil, jsonType, throttled)},
		{Name: "429-always", Doc: "429 with Retry-After: 1 forever", apply: answer(429, map[string]string{"Retry-After": "1"}, jsonType, throttled)},
		{Name: "429-long", Doc: "429 with Retry-After: 86400 forever", apply: answer(429, map[string]string{"Retry-After": "86400"}, jsonType, throttled)},
		{Name: "500-always", Doc: "500 forever", apply: answer(500, nil, jsonType, broken)},
		{Name: "503-once", limit: 1, Doc: "one 503", apply: answer(503, nil, jsonType, unavailable)},
		{Name: "503-twice", limit: 2, Doc: "two 503 with Retry-After: 1", apply: answer(503, map[string]string{"Retry-After": "1"}, jsonType, unavailable)},
		{Name: "503-page2", limit: 1, page: 2, Doc: "one 503 on the second page", apply: answer(503, nil, jsonType, unavailable)},
		{Name: "503-always", Doc: "503 forever", apply: answer(503, nil, jsonType, unavailable)},
		{Name: "504-once", limit: 1, Doc: "one 504 with an HTML body", apply: answer(504, nil, "text/html", "<html><body>Gateway Timeout</body></html>")},
		{Name: "reset-once", limit: 1, Doc: "the connection is reset in the middle of one body", apply: body(bodyReset)},
		{Name: "reset-page2-once", limit: 1, page: 2, Doc: "the connection is reset in the middle of one second page", apply: body(bodyReset)},
		{Name: "reset-always", Doc: "the connection is reset in the middle of every body", apply: body(bodyReset)},
		{Name: "reset-before-headers-once", limit: 1, Doc: "one connection is reset before the answer", apply: body(bodyResetAtOnce)},
		{Name: "eof-once", limit: 1, Doc: "one body ends before its Content-Length", apply: body(bodyEOF)},
		{Name: "eof-always", Doc: "every body ends before its Content-Length", apply: body(bodyEOF)},
		{Name: "truncated-json", Doc: "JSON ends in the middle, as a complete HTTP answer", apply: body(bodyTruncated)},
		{Name: "truncated-json-once", limit: 1, Doc: "one page's JSON ends in the middle, as a complete HTTP answer", apply: body(bodyTruncated)},
		{Name: "malformed-json", Doc: "a page is no JSON: a brace is missing between rows (confine it with :N)", apply: body(bodyMalformed)},
		{Name: "trailing-garbage", Doc: "characters follow the end of the JSON", apply: body(bodyTrailing)},
		{Name: "error-200", Doc: "200 with nothing but an error object", apply: answer(200, nil, jsonType, broken)},
		{Name: "error-200-once", limit: 1, Doc: "one 200 with nothing but an error object", apply: answer(200, nil, jsonType, broken)},
		{Name: "error-mid-body", Doc: "after a 200 and half of the rows an error object ends the body", apply: func(fx *effects) { fx.errorInBody = true }},
		{Name: "repeated-nextlink", Doc: "the link leads to the page it stands on", apply: link(linkRepeated)},
		{Name: "endless-nextlink", Doc: "after the last row empty pages follow, each with a new link", apply: link(linkEndless)},
		{Name: "foreign-nextlink", Doc: "the link leads to another host, which nobody listed (ForeignOrigin)", apply: link(linkForeign)},
		{Name: "foreign-redirect", Doc: "302 to another host, which nobody listed", apply: answer(302, map[string]string{"Location": originForeign}, "", "")},
		{Name: "foreign-context", Doc: "@odata.context names another host, which nobody listed", apply: func(fx *effects) { fx.foreignContext = true }},
		{Name: "metadata-foreign-reference", kind: kindMetadata, Doc: "$metadata refers to a document on another host", apply: func(fx *effects) { fx.foreignReference = true }},
		{Name: "metadata-foreign-redirect", kind: kindMetadata, Doc: "$metadata is redirected to another host", apply: answer(302, map[string]string{"Location": originForeign}, "", "")},
		{Name: "token-foreign-redirect", kind: kindToken, Doc: "the token endpoint redirects to another host, keeping the method", apply: answer(307, map[string]string{"Location": originForeign}, "", "")},
		{Name: "redirect-once", limit: 1, Doc: "one 302 to the same address", apply: answer(302, map[string]string{"Location": originMain}, "", "")},
		{Name: "filter-ignored", Doc: "$filter is checked and has no effect", apply: func(fx *effects) { fx.ignoreFilter = true }},
		{Name: "ne-as-eq", Doc: "ne is answered as eq", apply: func(fx *effects) { fx.neAsEq = true }},
		{Name: "select-refused", Doc: "$select is answered with 400", apply: func(fx *effects) { fx.refuseSelect = true }},
		{Name: "filter-refused", Doc: "$filter is answered with 501", apply: func(fx *effects) { fx.refuse = append(fx.refuse, "$filter") }},
		{Name: "orderby-refused", Doc: "$orderby is answered with 501", apply: func(fx *effects) { fx.refuse = append(fx.refuse, "$orderby") }},
		{Name: "count-refused", Doc: "$count and /$count are answered with 501", apply: func(fx *effects) { fx.refuse = append(fx.refuse, "$count") }},
		{Name: "top-refused", Doc: "$top is answered with 501", apply: func(fx *effects) { fx.refuse = append(fx.refuse, "$top") }},
		{Name: "in-refused", Doc: "the operator in is answered with 400, as by services before 4.01", apply: func(fx *effects) { fx.refuseOps = append(fx.refuseOps, xIn) }},
		{Name: "or-refused", Doc: "or is answered with 400", apply: func(fx *effects) { fx.refuseOps = append(fx.refuseOps, xOr) }},
		{Name: "functions-refused", Doc: "functions in $filter are answered with 400", apply: func(fx *effects) { fx.refuseOps = append(fx.refuseOps, xCall) }},
		{Name: "url-limit", Doc: "request URIs longer than 2,000 bytes are answered with 414", apply: func(fx *effects) { fx.urlLimit = 2000 }},
		{Name: "collation", Doc: "texts compare and sort without regard to case and trailing blanks, as on SQL Server", apply: func(fx *effects) { fx.lies.fold = true }},
		{Name: "nulls-as-sql", Doc: "ne, not and in drop rows with null, as SQL does", apply: func(fx *effects) { fx.lies.sqlNulls = true }},
		{Name: "nulls-last", Doc: "$orderby puts nulls last when ascending, first when descending", apply: func(fx *effects) { fx.lies.nullsLast = true }},
		{Name: "literal-milliseconds", Doc: "timestamp literals in $filter are cut to milliseconds", apply: func(fx *effects) { fx.lies.cutLiterals = true }},
		{Name: "select-drops-column", Doc: "the last selected column that is no key is left out", apply: func(fx *effects) { fx.dropColumn = true }},
		{Name: "top-ignored", Doc: "$top has no effect", apply: func(fx *effects) { fx.ignoreTop = true }},
		{Name: "skip-ignored", Doc: "$skip has no effect", apply: func(fx *effects) { fx.ignoreSkip = true }},
		{Name: "orderby-ignored", Doc: "$orderby has no effect", apply: func(fx *effects) { fx.ignoreOrder = true }},
		{Name: "short-page", Doc: "with $top fewer rows come than there are, without a link", apply: func(fx *effects) { fx.shortPage = true }},
		{Name: "count-wrong", Doc: "counts are too low by a tenth", apply: func(fx *effects) { fx.wrongCount = true }},
		{Name: "token-expires", limit: 1, page: 2, Doc: "the token expires before the second page", apply: func(fx *effects) { fx.revoke = true }},
		{Name: "unauthorized-always", Doc: "401 whatever the token", apply: answer(401, map[string]string{"WWW-Authenticate": "Bearer"}, "", "")},
		{Name: "forbidden-always", Doc: "403 whatever the token", apply: answer(403, nil, jsonType, `{"error":{"code":"Forbidden","message":"Application is not authorized to perform this operation"}}`)},
		{Name: "content-type-wrong", Doc: "JSON comes as text/plain", apply: body(bodyPlainText)},
		{Name: "html", Doc: "200 with an HTML page", apply: answer(200, nil, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to your account</body></html>")},
		{Name: "empty-body", Doc: "200 with an empty body", apply: answer(200, nil, jsonType, "")},
		{Name: "bad-value", Doc: "in the last row of a page one value does not convert to its type", apply: func(fx *effects) { fx.badValue = true }},
		{Name: "null-in-key", Doc: "in the last row of a page a key is null", apply: func(fx *effects) { fx.nullKey = true }},
		{Name: "stalled-body", Doc: "bodies stop in the middle and the connection stays open", apply: body(bodyStalled)},
		{Name: "stalled-once", limit: 1, Doc: "one body stops in the middle and the connection stays open", apply: body(bodyStalled)},
		{Name: "stalled-headers", Doc: "no answer comes at all and the connection stays open", apply: body(bodyNever)},
		{Name: "stalled-headers-once", limit: 1, Doc: "one request gets no answer at all", apply: body(bodyNever)},
		{Name: "slow-body", Doc: "bodies come in twenty pieces, 20 ms apart", apply: body(bodySlow)},
		{Name: "metadata-503", kind: kindMetadata, Doc: "$metadata is answered with 503", apply: answer(503, nil, jsonType, unavailable)},
		{Name: "metadata-broken", kind: kindMetadata, Doc: "$metadata ends in the middle", apply: body(bodyTruncated)},
		{Name: "metadata-html", kind: kindMetadata, Doc: "$metadata is an HTML page", apply: answer(200, nil, "text/html", "<html><body>Welcome</body></html>")},
		{Name: "token-503", kind: kindToken, Doc: "the token endpoint is answered with 503", apply: answer(503, nil, jsonType, unavailable)},
		{Name: "token-503-once", kind: kindToken, limit: 1, Doc: "the token endpoint is answered with one 503", apply: answer(503, nil, jsonType, unavailable)},
	}
}

// FaultNames lists the names of [Faults].
func FaultNames() []string {
	var out []string
	for _, f := range Faults() {
		out = append(out, f.Name)
	}
	return out
}

// activeFault is a fault in force with the number of times that it fired.
type activeFault struct {
	Fault
	fired atomic.Int32
}

func resolveFaults(names []string) ([]*activeFault, error) {
	table := map[string]Fault{}
	for _, f := range Faults() {
		table[f.Name] = f
	}
	var out []*activeFault
	var errs []error
	for _, name := range names {
		base, page, confined := strings.Cut(name, ":")
		f, ok := table[base]
		if !ok {
			errs = append(errs, fmt.Errorf("unknown fault %q (known: %s)", base, strings.Join(FaultNames(), ", ")))
			continue
		}
		if confined {
			n, err := strconv.Atoi(page)
			if err != nil || n < 1 {
				errs = append(errs, fmt.Errorf("fault %q: the page must be a number from 1, not %q", base, page))
				continue
			}
			f.page = n
		}
		out = append(out, &activeFault{Fault: f})
	}
	return out, errors.Join(errs...)
}

// effects collects what the faults in force do to a request.
func (b *behaviour) effects(kind requestKind, page int) *effects {
	fx := &effects{}
	for _, f := range b.faults {
		target := f.kind
		if target == kindOther {
			target = kindRows
		}
		if target != kindAny && target != kind && !(target == kindRows && kind == kindCount) {
			continue
		}
		if f.page != 0 && f.page != page {
			continue
		}
		if f.limit > 0 && f.fired.Add(1) > f.limit {
			continue
		}
		fx.names = append(fx.names, f.Name)
		f.apply(fx)
	}
	return fx
}
