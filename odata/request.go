package odata

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

var (
	errFirstByte = errors.New("the service did not answer in time (timeouts.first_byte)")
	errIdle      = errors.New("the service stopped sending (timeouts.idle)")
)

const (
	maxRedirects = 5
	maxErrorBody = 64 << 10
	maxLink      = 64 << 10
)

// call is a request to make, and what it cost.
type call struct {
	set      string
	accept   string
	requests int64
	retries  int64
	sent     func(url string) // of each request
}

// get sends a GET and returns the successful response. It retries what is worth it, follows redirects past the guard, and holds a
// place at the gate until the response is closed.
func (c *Client) get(ctx context.Context, u *url.URL, k *call) (*response, error) {
	var refused string // a token that met 401 or 403
	for attempt, redirects := 1, 0; ; {
		res, token, err := c.once(ctx, u, k, refused)
		if err == nil {
			return res, nil
		}
		var again *retryable
		var moved *redirect
		switch {
		case errors.As(err, &moved):
			if redirects++; redirects > maxRedirects {
				return nil, c.fault(k, u, &Error{Kind: KindEndlessLink, Message: "the service redirects without end"})
			}
			u = moved.to
			continue
		case !errors.As(err, &again):
			return nil, err
		case again.fault.Kind == KindAuth, again.fault.Kind == KindForbidden:
			// Permissions are part of the token too, so a 403 may be mended by a new one.
			if refused != "" || token == "" {
				return nil, again.fault
			}
			refused = token
			k.retries++
			continue
		}
		wait := again.fault.RetryAfter
		if wait == 0 {
			wait = c.conf.Retry.backoff(attempt)
		}
		if attempt >= c.conf.Retry.Attempts || wait > c.conf.Retry.Max {
			return nil, again.fault
		}
		attempt++
		k.retries++
		c.conf.Log.Debug().Str("service", c.conf.Name).Str("set", k.set).Int("status", again.fault.Status).Dur("wait", wait).Msg("request is tried again")
		if !pause(ctx, wait) {
			return nil, c.fault(k, u, canceled(ctx, c.conf.Name))
		}
	}
}

// retryable is a fault after which the same request may succeed.
type retryable struct{ fault *Error }

func (e *retryable) Error() string { return e.fault.Error() }

type redirect struct{ to *url.URL }

func (e *redirect) Error() string { return "redirect" }

// once sends one request. token is what it was sent with.
func (c *Client) once(ctx context.Context, u *url.URL, k *call, refused string) (_ *response, token string, _ error) {
	credentials, err := c.guard.check(u)
	if err != nil {
		return nil, "", c.fault(k, u, &Error{Kind: KindForeignLink, Message: "a link of the service is not followed: " + err.Error()})
	}
	if c.tokens != nil && credentials {
		if token, err = c.tokens.get(ctx, refused); err != nil {
			return nil, "", c.fault(k, u, err)
		}
	}
	if err := c.gate.acquire(ctx); err != nil {
		return nil, "", c.fault(k, u, canceled(ctx, c.conf.Name))
	}
	res, err := c.send(ctx, u, k, token)
	return res, token, err
}

func (c *Client) send(ctx context.Context, u *url.URL, k *call, token string) (*response, error) {
	rctx, cancel := context.WithCancelCause(ctx)
	res := &response{c: c, ctx: rctx, cancel: cancel, url: u, idle: c.conf.Timeouts.Idle}
	ok := false
	defer func() {
		if !ok {
			res.Close()
		}
	}()
	req, err := http.NewRequestWithContext(rctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, c.fault(k, u, &Error{Kind: KindMalformed, Message: scrub(err.Error())})
	}
	h := req.Header
	h.Set("Accept", k.accept)
	h.Set("Accept-Encoding", "gzip")
	h.Set("OData-MaxVersion", "4.0")
	h.Set("User-Agent", c.conf.UserAgent)
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	k.requests++
	if k.sent != nil {
		k.sent(redacted(u))
	}
	started := time.Now()
	var timer *time.Timer
	if c.conf.Timeouts.FirstByte > 0 {
		timer = time.AfterFunc(c.conf.Timeouts.FirstByte, func() { cancel(errFirstByte) })
	}
	hr, err := c.http.Do(req)
	if timer != nil && !timer.Stop() && err == nil {
		err = errFirstByte // it fired as the answer came: the body cannot be read any more
		_ = hr.Body.Close()
	}
	event := c.conf.Log.Debug().Str("service", c.conf.Name).Str("url", redacted(u)).Dur("header_ms", time.Since(started))
	if err != nil {
		event.Str("fault", scrub(innermost(err))).Msg("request")
		return nil, c.sendFault(ctx, rctx, u, k, err)
	}
	event.Int("status", hr.StatusCode).Msg("request")
	res.header = hr.Header
	if res.body, err = inflate(&c.inflaters, hr.Header, hr.Body); err != nil {
		return nil, c.fault(k, u, &Error{Kind: KindMalformed, Status: hr.StatusCode, Message: scrub(err.Error())})
	}
	if hr.StatusCode == http.StatusOK || hr.StatusCode == http.StatusNoContent {
		res.status, ok = hr.StatusCode, true
		return res, nil
	}
	return nil, c.statusFault(u, k, hr, res)
}

// sendFault judges a request that got no response.
func (c *Client) sendFault(ctx, rctx context.Context, u *url.URL, k *call, err error) error {
	var op *net.OpError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := scrub(innermost(err))
	switch {
	case ctx.Err() != nil:
		return c.fault(k, u, canceled(ctx, c.conf.Name))
	case errors.Is(context.Cause(rctx), errFirstByte), errors.Is(err, errFirstByte):
		return c.fault(k, u, &Error{Kind: KindTimeout, Message: errFirstByte.Error(), cause: errFirstByte})
	case errors.As(err, &dns), errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &op) && op.Op != "read" && op.Op != "write":
		return c.fault(k, u, &Error{Kind: KindConnect, Message: "the service cannot be reached: " + text, cause: err})
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &op):
		// The connection ended before a byte of the answer came: a GET may be sent again.
		return &retryable{c.fault(k, u, &Error{Kind: KindConnect, Message: "the connection ended before the service answered: " + text, cause: err})}
	}
	return c.fault(k, u, &Error{Kind: KindConnect, Message: text, cause: err})
}

// innermost is an error's text without the address, which url.Error puts in front.
func innermost(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err.Error()
	}
	return err.Error()
}

// statusFault judges a response that is no success.
func (c *Client) statusFault(u *url.URL, k *call, hr *http.Response, res *response) error {
	switch hr.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to, err := u.Parse(hr.Header.Get("Location"))
		if err != nil || hr.Header.Get("Location") == "" {
			return c.fault(k, u, &Error{Kind: KindMalformed, Status: hr.StatusCode, Message: "the service redirects to an address that cannot be read"})
		}
		to.Fragment, to.RawFragment = "", ""
		to.RawQuery = sendable(to.RawQuery)
		return &redirect{to}
	}
	body, _ := io.ReadAll(io.LimitReader(res, maxErrorBody))
	e := &Error{Status: hr.StatusCode, RetryAfter: retryAfter(hr.Header, time.Now())}
	e.describeBody(hr.Header, body)
	switch s := hr.StatusCode; {
	case s == http.StatusUnauthorized:
		e.Kind = KindAuth
	case s == http.StatusForbidden:
		e.Kind = KindForbidden
	case s == http.StatusNotFound, s == http.StatusGone:
		e.Kind = KindNotFound
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable, s == http.StatusGatewayTimeout:
		e.Kind = KindThrottled
	case s == http.StatusNotImplemented, s >= 400 && s < 500:
		e.Kind = KindBadRequest
	default:
		e.Kind = KindServerError
	}
	e = c.fault(k, u, e)
	if e.Kind == KindAuth || e.Kind == KindForbidden || e.Kind == KindThrottled {
		return &retryable{e}
	}
	return e
}

// fault completes an error with what the request was.
func (c *Client) fault(k *call, u *url.URL, err error) *Error {
	e := AsError(err)
	if e == nil {
		e = &Error{Kind: KindMalformed, Message: scrub(err.Error()), cause: err}
	}
	e.Service = c.conf.Name
	if e.Set == "" {
		e.Set = k.set
	}
	if e.URL == "" && u != nil {
		e.URL = redacted(u)
	}
	return e
}

// response is the body of a successful response. Time counts against the idle timeout only while somebody reads.
type response struct {
	c      *Client
	ctx    context.Context
	cancel context.CancelCauseFunc
	url    *url.URL // of the request, after redirects
	status int
	header http.Header
	body   io.ReadCloser
	idle   time.Duration
	timer  *time.Timer
	closed bool
}

func (r *response) Read(p []byte) (int, error) {
	if r.idle > 0 {
		if r.timer == nil {
			r.timer = time.AfterFunc(r.idle, func() { r.cancel(errIdle) })
		} else {
			r.timer.Reset(r.idle)
		}
		defer r.timer.Stop()
	}
	n, err := r.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if cause := context.Cause(r.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}

// Close ends the request and gives the place at the gate back. Idempotent.
func (r *response) Close() {
	if r.closed {
		return
	}
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
	}
	if r.body != nil {
		_ = r.body.Close()
	}
	r.cancel(context.Canceled)
	r.c.gate.release()
}
