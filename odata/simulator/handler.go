package simulator

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is one request being answered.
type exchange struct {
	s       *Server
	b       *behaviour
	w       http.ResponseWriter
	r       *http.Request
	root    string // service root path as requested
	model   *model
	q       *queryOptions
	fx      *effects
	log     Request
	logged  bool
	style   jsonStyle
	ieee754 bool // asked for, so that the answer must say it
	bare    bool // odata.metadata=none
	prefer  int  // odata.maxpagesize; 0: not asked
}

// originHandler serves one of the three listeners.
func (s *Server) originHandler(origin string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{s: s, b: s.state.Load(), w: w, r: r, fx: &effects{}}
		query := r.URL.RawQuery
		if pairs, err := splitQuery(query); err == nil {
			var parts []string
			for _, p := range pairs {
				parts = append(parts, p.name+"="+p.value)
			}
			query = strings.Join(parts, "&")
		}
		x.log = Request{
			Time: time.Now(), Origin: origin, Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Query: query, Host: r.Host,
			Header: interesting(r.Header), Bearer: r.Header.Get("Authorization") != "" && !strings.HasPrefix(r.Header.Get("Authorization"), "Basic "),
		}
		// The deferred call logs answers that a fault cut off, too.
		defer x.record()
		if origin == originForeign {
			x.send(http.StatusOK, jsonType, []byte(`{"value":[]}`))
			return
		}
		x.route()
	})
}

// record logs the request once: at its end, or before its answer stalls.
func (x *exchange) record() {
	if !x.logged {
		x.logged = true
		x.s.log.add(x.log)
	}
}

func (x *exchange) route() {
	if tenant, version, ok := tokenPath(x.r.URL.Path); ok {
		x.log.Kind = string(kindToken)
		if x.faultsAnswer(kindToken, 1) {
			return
		}
		x.s.auth.serve(x, tenant, version)
		return
	}
	rest, ok := "", false
	for _, root := range x.s.roots() {
		if rest, ok = strings.CutPrefix(x.r.URL.Path, root); ok && (rest == "" || rest[0] == '/') {
			x.root = root
			break
		}
		ok = false
	}
	if !ok {
		x.send(http.StatusNotFound, "text/plain", []byte("Not Found"))
		return
	}
	if err := x.serve(strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/")); err != nil {
		x.refuse(err)
	}
}

func (x *exchange) serve(rest string) error {
	q, optionsErr := parseOptions(x.r.URL.RawQuery)
	kind, set, err := x.target(rest)
	x.log.Kind, x.log.Set = string(kind), set
	if optionsErr != nil {
		q = &queryOptions{system: map[string]string{}}
	}
	x.q = q
	if x.faultsAnswer(kind, pageNumber(q, x.pageSize())) {
		return nil
	}
	if !x.authorized() {
		return nil
	}
	switch {
	case x.r.Method != http.MethodGet:
		x.w.Header().Set("Allow", "GET")
		return &apiError{http.StatusMethodNotAllowed, "MethodNotAllowed", "The requested resource does not support http method '" + x.r.Method + "'."}
	case optionsErr != nil:
		return optionsErr
	case err != nil:
		return err
	}
	if err := x.chooseModel(); err != nil {
		return err
	}
	switch kind {
	case kindService:
		return x.serviceDocument()
	case kindMetadata:
		x.metadata()
		return nil
	default:
	}
	r, err := x.newRead(kind, set)
	switch {
	case err != nil:
		return err
	case kind == kindCount:
		return x.count(r)
	}
	return x.rows(r)
}

// chooseModel finds the model of the api-version and the form of the answer.
func (x *exchange) chooseModel() error {
	version := x.q.version
	if version == "" {
		if c, err := parseContinuation(x.q.system["$skiptoken"]); err == nil {
			version = c.version
		}
	}
	if !x.s.opts.versioned() {
		version = ""
	}
	if x.model = x.b.models[version]; x.model == nil {
		return &apiError{http.StatusBadRequest, codeUnsupportedVersion, "The HTTP resource that matches the request URI does not support the API version '" + version + "'."}
	}
	x.negotiate()
	return nil
}

// newRead accepts a request for rows or for their number, or refuses it.
func (x *exchange) newRead(kind requestKind, set string) (*read, error) {
	if n := x.fx.urlLimit; n > 0 && len(x.r.URL.RequestURI()) > n {
		return nil, &apiError{http.StatusRequestURITooLong, "UriTooLong", "The request URI is too long."}
	}
	for _, name := range x.fx.refuse {
		if _, sent := x.q.system[name]; sent || name == "$count" && kind == kindCount {
			return nil, notImplemented("the query option '%s' is not supported", name)
		}
	}
	es := x.model.set(set)
	if es == nil {
		return nil, notFound("Resource not found for the segment '%s'.", set)
	}
	if err := x.q.refuse(x.b.profile, kind == kindCount); err != nil {
		return nil, err
	}
	return x.b.newRead(x.model, es, x.q, x.fx, x.pageSize())
}

// target says what a path below the root means.
func (x *exchange) target(rest string) (requestKind, string, error) {
	switch {
	case rest == "":
		return kindService, "", nil
	case rest == "$metadata":
		return kindMetadata, "", nil
	}
	set, tail, below := strings.Cut(rest, "/")
	switch {
	case !below && !strings.ContainsAny(set, "()$"):
		return kindRows, set, nil
	case tail == "$count" && x.b.profile == profileFull:
		return kindCount, set, nil
	}
	return kindOther, set, notFound("Resource not found for the segment '%s'.", rest)
}

func pageNumber(q *queryOptions, pageSize int) int {
	if c, err := parseContinuation(q.system["$skiptoken"]); err == nil {
		return c.page
	}
	if skip, err := q.number("$skip", 0); err == nil {
		return skip/pageSize + 1
	}
	return 1
}

// pageSize is the service's, or a smaller one that the client prefers.
func (x *exchange) pageSize() int {
	n := x.s.opts.PageSize
	if x.b.profile != profileFull {
		return n
	}
	for part := range strings.SplitSeq(strings.Join(x.r.Header.Values("Prefer"), ","), ",") {
		name, val, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name != "odata.maxpagesize" && name != "maxpagesize" {
			continue
		}
		if m, err := strconv.Atoi(strings.Trim(val, `" `)); err == nil && m > 0 && m < n {
			n = m
			x.prefer = m
		}
	}
	return n
}

// negotiate reads the parameters of Accept (and $format) that change the body.
func (x *exchange) negotiate() {
	accept := strings.ToLower(x.r.Header.Get("Accept") + ";" + x.q.system["$format"])
	accept = strings.ReplaceAll(accept, " ", "")
	t := x.b.traits
	asked := x.b.profile == profileFull && strings.Contains(accept, "ieee754compatible=true")
	x.ieee754 = asked
	x.style = jsonStyle{ascii: t.ascii, exponents: t.exponents, ieee754: asked || t.numberStrings}
	x.bare = strings.Contains(accept, "metadata=none")
}

func (x *exchange) contentType() string {
	ct := "application/json; odata.metadata=minimal"
	if x.bare {
		ct = "application/json; odata.metadata=none"
	}
	if x.ieee754 {
		ct += "; IEEE754Compatible=true"
	}
	return ct
}

// origin is the scheme and host under which the client reached us.
func (x *exchange) origin() string {
	scheme := "http"
	if x.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + x.r.Host
}

func (x *exchange) refuse(err error) {
	e := &apiError{http.StatusInternalServerError, "InternalServerError", "An error has occurred"}
	if api := new(apiError); errors.As(err, &api) {
		e = api
	}
	x.w.Header().Set("OData-Version", "4.0")
	x.send(e.status, "application/json; charset=utf-8", e.body(x.b.profile == profileIntune, x.origin()+x.r.URL.Path))
}

// authorized checks the bearer token; otherwise it answers 401 or 403.
func (x *exchange) authorized() bool {
	if x.s.opts.NoAuth {
		return true
	}
	scheme, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if x.fx.revoke {
		x.s.auth.revoke(token)
	}
	valid, permitted := x.s.auth.check(token)
	switch {
	case !strings.EqualFold(scheme, "Bearer") || !valid:
		challenge := "Bearer"
		if token != "" {
			challenge = `Bearer error="invalid_token", error_description="The access token is invalid or has expired"`
		}
		x.w.Header().Set("WWW-Authenticate", challenge)
		x.send(http.StatusUnauthorized, "", nil)
		return false
	case !permitted:
		x.refuse(&apiError{http.StatusForbidden, "Forbidden", "Application is not authorized to perform this operation. Application must have one of the following scopes: get_data_warehouse"})
		return false
	}
	return true
}

func (x *exchange) serviceDocument() error {
	b := append([]byte("{\r\n  "), `"@odata.context":`...)
	b = appendString(b, x.origin()+x.root+"/$metadata", false)
	b = append(b, ",\"value\":[\r\n    "...)
	for i, set := range x.model.sets {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, "{\r\n      \"name\":"...), appendString(nil, set.name, false)...)
		b = append(append(b, ",\"kind\":\"EntitySet\",\"url\":"...), appendString(nil, set.name, false)...)
		b = append(b, "\r\n    }"...)
	}
	b = append(b, "\r\n  ]\r\n}"...)
	x.w.Header().Set("OData-Version", "4.0")
	x.deliver(x.contentType(), &page{body: b})
	return nil
}

// mark puts a byte order mark before a body in one variant.
func (x *exchange) mark(body []byte) []byte {
	if x.b.traits.bom {
		return append([]byte("\xEF\xBB\xBF"), body...)
	}
	return body
}

func (x *exchange) metadata() {
	x.w.Header().Set("OData-Version", "4.0")
	body := x.model.csdl()
	if x.fx.foreignReference {
		body = bytes.Replace(body, []byte("https://oasis-tcs.github.io"), []byte(x.s.ForeignOrigin()), 1)
	}
	x.deliver("application/xml; charset=utf-8", &page{body: x.mark(body)})
}
