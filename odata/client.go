package odata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/query"
)

// Client talks to one service. It is safe for concurrent use.
type Client struct {
	conf   Config
	root   *url.URL // without a query
	http   *http.Client
	guard  *guard
	gate   *gate
	tokens *tokens // nil: none are sent

	inflaters sync.Pool

	mu      sync.Mutex
	readers map[*reader]struct{}
	closed  bool
}

var (
	_ Source = (*Client)(nil)
	_ Meta   = (*Client)(nil)
)

// NewClient makes a client. It asks the service nothing.
func NewClient(conf Config) (*Client, error) {
	conf = conf.withDefaults()
	root, err := url.Parse(strings.TrimSpace(conf.Root))
	if err != nil {
		return nil, fmt.Errorf("service %s: the URL cannot be read", conf.Name)
	}
	custom, err := splitQuery(root)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", conf.Name, err)
	}
	conf.Custom = query.Query{Custom: custom}.WithCustom(conf.Custom...).Custom
	root.RawQuery, root.Fragment = "", ""
	g, err := newGuard(root, conf.AllowOrigins)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", conf.Name, err)
	}
	c := &Client{
		conf: conf, root: root, guard: g, http: newHTTP(conf), gate: newGate(conf.Connections), readers: map[*reader]struct{}{},
	}
	if conf.Auth.Kind == AuthClientCredentials {
		if c.tokens, err = newTokens(conf.Name, conf.Auth, newTokenHTTP(conf, c.http), conf.Retry); err != nil {
			return nil, fmt.Errorf("service %s: %w", conf.Name, err)
		}
	}
	return c, nil
}

// splitQuery reads the options that stand in the service's own URL.
func splitQuery(u *url.URL) ([]query.Option, error) {
	var opts []query.Option
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		if err != nil {
			return nil, errors.New("the URL's query cannot be read")
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			return nil, errors.New("the URL's query cannot be read")
		}
		opts = append(opts, query.Option{Name: n, Value: v})
	}
	return opts, nil
}

// Root is the service root as it stands in front of every request.
func (c *Client) Root() string { return strings.TrimSuffix(c.root.String(), "/") }

// Prepare adds the options that go with every request of the service, as Open does before it sends a query. EXPLAIN prints the result.
func (c *Client) Prepare(q query.Query) query.Query {
	return query.Query{Custom: c.conf.Custom}.WithCustom(q.Custom...).With(q)
}

// Close ends every read and closes idle connections. Idempotent.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	open := make([]*reader, 0, len(c.readers))
	for r := range c.readers {
		open = append(open, r)
	}
	c.mu.Unlock()
	for _, r := range open {
		_ = r.Close()
	}
	c.http.CloseIdleConnections()
	return nil
}

func (c *Client) resource(path string) (*url.URL, error) {
	q := query.Query{EntitySet: "x", Custom: c.conf.Custom}
	rel, err := q.Relative()
	if err != nil {
		return nil, err
	}
	return url.Parse(c.Root() + "/" + path + strings.TrimPrefix(rel, "x"))
}

// Metadata is what a service says of its model.
type Metadata struct {
	Model *edm.Model
	Raw   []byte // the document, for a cache on disk
	ETag  string
}

// ServiceEntry is one entry of a service document.
type ServiceEntry struct {
	Name string
	Kind string // EntitySet unless the document says otherwise
	URL  string
}

// Meta reads a service's metadata. *Client is one.
type Meta interface {
	Metadata(ctx context.Context) (*Metadata, error)
	ServiceDocument(ctx context.Context) ([]ServiceEntry, error)
}

// Metadata fetches and reads $metadata.
func (c *Client) Metadata(ctx context.Context) (*Metadata, error) {
	raw, res, err := c.document(ctx, "$metadata", "application/xml")
	if err != nil {
		return nil, err
	}
	k := &call{}
	if m, _, _ := mime.ParseMediaType(res.header.Get("Content-Type")); strings.Contains(m, "json") {
		e := &Error{Kind: KindMalformed, Status: res.status}
		e.describeBody(res.header, raw)
		e.Message = "the metadata came as JSON, not as CSDL XML: " + e.Message
		return nil, c.fault(k, res.url, e)
	}
	model, err := edm.Parse(raw)
	if err != nil {
		return nil, c.fault(k, res.url, &Error{Kind: KindMalformed, Message: scrub(err.Error()), cause: err})
	}
	return &Metadata{Model: model, Raw: raw, ETag: res.header.Get("ETag")}, nil
}

// ServiceDocument fetches the list of what the service offers.
func (c *Client) ServiceDocument(ctx context.Context) ([]ServiceEntry, error) {
	raw, res, err := c.document(ctx, "", acceptJSON)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Value *[]struct {
			Name string `json:"name"`
			Kind string `json:"kind"`
			URL  string `json:"url"`
		} `json:"value"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(raw), bom)), &doc); err != nil || doc.Value == nil {
		return nil, c.fault(&call{}, res.url, &Error{Kind: KindMalformed, Message: "the service document is not in OData's JSON format"})
	}
	var out []ServiceEntry
	for _, v := range *doc.Value {
		if v.Kind == "" {
			v.Kind = "EntitySet"
		}
		out = append(out, ServiceEntry{Name: v.Name, Kind: v.Kind, URL: v.URL})
	}
	return out, nil
}

// anything is the Accept header for services that refuse to be asked for the one form that they have.
const anything = "*/*"

// document fetches a body whole. A transfer that breaks is tried once more.
func (c *Client) document(ctx context.Context, path, accept string) ([]byte, *response, error) {
	u, err := c.resource(path)
	k := &call{accept: accept}
	if err != nil {
		return nil, nil, c.fault(k, nil, err)
	}
	for attempt := 1; ; attempt++ {
		res, err := c.get(ctx, u, k)
		if e := AsError(err); e != nil && e.Status == http.StatusNotAcceptable && k.accept != anything {
			k.accept = anything
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		raw, err := io.ReadAll(io.LimitReader(res, c.conf.Limits.MetadataBytes+1))
		res.Close()
		switch {
		case err == nil && int64(len(raw)) > c.conf.Limits.MetadataBytes:
			return nil, nil, c.fault(k, res.url, &Error{Kind: KindLimit, Message: fmt.Sprintf("the document is larger than %d bytes", c.conf.Limits.MetadataBytes)})
		case err == nil:
			return raw, res, nil
		case ctx.Err() != nil || attempt == 2 || errors.Is(err, errIdle):
			return nil, nil, c.bodyFault(ctx, k, res, err)
		}
		k.retries++
	}
}

// bodyFault judges an error met while a body was read.
func (c *Client) bodyFault(ctx context.Context, k *call, res *response, err error) *Error {
	switch {
	case ctx.Err() != nil:
		return c.fault(k, res.url, canceled(ctx, c.conf.Name))
	case errors.Is(err, errIdle):
		return c.fault(k, res.url, &Error{Kind: KindTimeout, Message: errIdle.Error(), cause: errIdle})
	}
	return c.fault(k, res.url, &Error{Kind: KindTruncated, Status: res.status, Message: "the answer broke off: " + scrub(err.Error()), cause: err})
}

const acceptJSON = "application/json;odata.metadata=minimal"

// accept is the Accept header of a read.
func (c *Client) accept(r Request) string {
	if c.conf.Profile.IEEE754 {
		for _, col := range r.Columns {
			if col.Edm.Kind == edm.KindInt64 || col.Edm.Kind == edm.KindDecimal {
				return acceptJSON + ";IEEE754Compatible=true"
			}
		}
	}
	return acceptJSON
}

func (c *Client) address(q query.Query) (*url.URL, error) {
	s, err := c.Prepare(q).URL(c.Root())
	if err != nil {
		return nil, &Error{Kind: KindBadRequest, Service: c.conf.Name, Set: q.EntitySet, Message: err.Error(), cause: err}
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, &Error{Kind: KindBadRequest, Service: c.conf.Name, Set: q.EntitySet, Message: "the request's URL cannot be built", cause: err}
	}
	return u, nil
}

// Count asks for a number of rows.
func (c *Client) Count(ctx context.Context, r Request) (int64, error) {
	if r.Query.Count != query.CountOnly {
		return c.inlineCount(ctx, r)
	}
	u, err := c.address(r.Query)
	if err != nil {
		return 0, err
	}
	k := &call{set: r.Query.EntitySet, accept: "text/plain"}
	res, err := c.get(ctx, u, k)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	raw, err := io.ReadAll(io.LimitReader(res, 4096))
	if err != nil {
		return 0, c.bodyFault(ctx, k, res, err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(string(raw), bom)), 10, 64)
	if err != nil || n < 0 {
		var doc struct {
			Error json.RawMessage `json:"error"`
		}
		if json.Unmarshal(raw, &doc) == nil && doc.Error != nil {
			if e := errorFromObject(doc.Error); e != nil { // an error that came with a 200
				return 0, c.fault(k, res.url, e)
			}
		}
		return 0, c.fault(k, res.url, &Error{Kind: KindMalformed, Message: "the count is no number: " + scrub(sample(raw))})
	}
	return n, nil
}

// inlineCount reads the count beside an answer of no rows.
func (c *Client) inlineCount(ctx context.Context, r Request) (int64, error) {
	none := int64(0)
	r.Query.Count, r.Query.Top, r.Columns, r.RowLimit = query.CountInline, &none, nil, 1
	if len(r.Query.OrderBy) > 0 {
		r.Query.OrderBy = nil
	}
	u, err := c.address(r.Query)
	if err != nil {
		return 0, err
	}
	k := &call{set: r.Query.EntitySet, accept: c.accept(r)}
	res, err := c.get(ctx, u, k)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	g := newPage(newDecoder(k.set, nil, c.conf.Limits), res, false, func() {})
	g.d.begin(nil)
	for g.count < 0 {
		_, ok, err := g.nextRow()
		switch {
		case err != nil:
			return 0, c.pageFault(ctx, k, res, g, err)
		case !ok && g.count < 0:
			return 0, c.fault(k, res.url, &Error{Kind: KindLie, Message: "the service was asked for a count and sent none"})
		}
	}
	return g.count, nil
}

// pageFault judges an error met while a page was decoded.
func (c *Client) pageFault(ctx context.Context, k *call, res *response, g *page, err error) error {
	var me *malformedError
	var ve *valueError
	var oe *Error
	if isBudget(err) {
		return err
	}
	e := &Error{Status: res.status, cause: err}
	switch {
	case errors.As(err, &oe):
		e = oe
	case errors.As(err, &ve):
		e.Kind, e.Message = KindValue, scrub(ve.text)
		if ve.slot != nil {
			e.Property = ve.slot.name
		}
		e.Row = g.describeRow()
	case errors.As(err, &me):
		e.Kind, e.Message = KindMalformed, "the answer cannot be read: "+scrub(me.text)
		if me == errChanged {
			e.Kind = KindTruncated
		} else if g != nil && me.text != "" {
			e.Message += " (" + g.offset(me.at) + ")"
		}
	case errors.Is(err, errDepth), errors.Is(err, errRowSize), errors.Is(err, errValSize):
		e.Kind, e.Message = KindLimit, err.Error()
	case errors.Is(err, errSpoolLimit):
		e.Kind, e.Message = KindLimit, err.Error()
	case errors.Is(err, errSpool):
		e.Kind, e.Message = KindDisk, err.Error()
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			e.Kind = KindDiskFull
		}
	case errors.Is(err, errTruncated):
		e.Kind, e.Message = KindTruncated, err.Error()
	default:
		e = c.bodyFault(ctx, k, res, err)
	}
	return c.fault(k, res.url, e)
}
