package simulator

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	sampleTenant = "sample.onmicrosoft.com"
	// noPermissionClient gets tokens that the warehouse answers with 403.
	noPermissionClient = "nopermission"
	warehouseResource  = "https://api.manage.microsoft.com/"
)

// authority issues opaque access tokens for client credentials and knows which are valid.
type authority struct {
	id, secret string
	ttl        time.Duration

	mu     sync.Mutex
	tokens map[string]grant
}

type grant struct {
	expires   time.Time
	permitted bool
}

func newAuthority(o Options) *authority {
	return &authority{id: o.ClientID, secret: o.ClientSecret, ttl: o.TokenTTL, tokens: map[string]grant{}}
}

// tokenPath recognizes /{tenant}/oauth2/token and /{tenant}/oauth2/v2.0/token.
func tokenPath(path string) (tenant string, version int, ok bool) {
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch rest {
	case "oauth2/token":
		return tenant, 1, tenant != ""
	case "oauth2/v2.0/token":
		return tenant, 2, tenant != ""
	}
	return "", 0, false
}

// oauthError is an error body as Entra writes it.
func (x *exchange) oauthError(status int, code string, number int, description string) {
	stamp := time.Now().UTC()
	text := fmt.Sprintf("AADSTS%d: %s Trace ID: 1a2b3c4d-0000-4000-8000-000000000000 Correlation ID: 5e6f7a8b-0000-4000-8000-000000000000 Timestamp: %s",
		number, description, stamp.Format("2006-01-02 15:04:05Z"))
	b := append([]byte(`{"error":`), appendString(nil, code, false)...)
	b = append(append(b, `,"error_description":`...), appendString(nil, text, false)...)
	b = fmt.Appendf(b, `,"error_codes":[%d],"timestamp":"%s","trace_id":"1a2b3c4d-0000-4000-8000-000000000000",`+
		`"correlation_id":"5e6f7a8b-0000-4000-8000-000000000000","error_uri":"https://login.microsoftonline.com/error?code=%d"}`,
		number, stamp.Format("2006-01-02 15:04:05Z"), number)
	x.w.Header().Set("Cache-Control", "no-store, no-cache")
	x.send(status, "application/json; charset=utf-8", b)
}

// serve answers a token request (RFC 6749 section 4.4).
func (a *authority) serve(x *exchange, _ string, version int) {
	if x.r.Method != http.MethodPost {
		x.oauthError(http.StatusMethodNotAllowed, "invalid_request", 900561, "The endpoint only accepts POST requests.")
		return
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, 64<<10)
	if err := x.r.ParseForm(); err != nil {
		x.oauthError(http.StatusBadRequest, "invalid_request", 900144, "The request body could not be read.")
		return
	}
	form := x.r.PostForm
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := x.r.BasicAuth(); ok {
		// Both are form-encoded in the header (RFC 6749 section 2.3.1).
		u, err1 := url.QueryUnescape(user)
		p, err2 := url.QueryUnescape(pass)
		if err1 == nil && err2 == nil {
			id, secret = u, p
		}
	}
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	target, targetName := form.Get("scope"), "scope"
	if version == 1 {
		target, targetName = form.Get("resource"), "resource"
	}
	switch {
	case form.Get("grant_type") == "":
		x.oauthError(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'.")
	case form.Get("grant_type") != "client_credentials":
		x.oauthError(http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '"+form.Get("grant_type")+"'.")
	case id == "":
		x.oauthError(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.")
	case !same(id, a.id) && !same(id, noPermissionClient):
		x.oauthError(http.StatusBadRequest, "unauthorized_client", 700016, "Application with identifier '"+id+"' was not found in the directory '"+sampleTenant+"'.")
	case secret == "":
		x.oauthError(http.StatusUnauthorized, "invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")
	case !same(secret, a.secret):
		x.oauthError(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.")
	case target == "":
		x.oauthError(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: '"+targetName+"'.")
	case version == 1 && target != warehouseResource:
		x.oauthError(http.StatusBadRequest, "invalid_resource", 500011, "The resource principal named "+target+" was not found in the tenant named "+sampleTenant+".")
	case version == 2 && target != warehouseResource+"/.default" && target != warehouseResource+".default":
		x.oauthError(http.StatusBadRequest, "invalid_scope", 70011, "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope "+target+" is not valid.")
	default:
		a.issue(x, version, target, !same(id, noPermissionClient) || same(a.id, noPermissionClient))
	}
}

func (a *authority) issue(x *exchange, version int, target string, permitted bool) {
	token := base64.RawURLEncoding.EncodeToString([]byte(rand.Text() + rand.Text()))
	at := time.Now()
	a.mu.Lock()
	for t, g := range a.tokens {
		if at.After(g.expires) {
			delete(a.tokens, t)
		}
	}
	a.tokens[token] = grant{at.Add(a.ttl), permitted}
	a.mu.Unlock()
	x.w.Header().Set("Cache-Control", "no-store, no-cache")
	x.w.Header().Set("Pragma", "no-cache")
	seconds := max(1, int(a.ttl/time.Second))
	if version == 1 {
		// The older endpoint writes numbers as strings.
		x.send(http.StatusOK, "application/json; charset=utf-8", fmt.Appendf(nil,
			`{"token_type":"Bearer","expires_in":"%d","ext_expires_in":"%d","expires_on":"%s","not_before":"%s","resource":"%s","access_token":"%s"}`,
			seconds, seconds, strconv.FormatInt(at.Add(a.ttl).Unix(), 10), strconv.FormatInt(at.Unix(), 10), target, token))
		return
	}
	x.send(http.StatusOK, "application/json; charset=utf-8", fmt.Appendf(nil,
		`{"token_type":"Bearer","expires_in":%d,"ext_expires_in":%d,"access_token":"%s"}`, seconds, seconds, token))
}

func (a *authority) check(token string) (valid, permitted bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g, ok := a.tokens[token]
	return ok && time.Now().Before(g.expires), g.permitted
}

func (a *authority) revoke(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tokens, token)
}
