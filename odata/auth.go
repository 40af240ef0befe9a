package odata

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens holds the bearer token of one service. It is asked for a token by whoever is about to send one, so that a token never
// sits in a transport that would send it wherever a request leads.
type tokens struct {
	service string
	conf    clientcredentials.Config
	http    *http.Client
	retry   Retry
	lock    chan struct{} // holds one element: taking it can be given up, unlike a mutex
	token   *oauth2.Token
	renew   time.Time
}

func newTokens(service string, a Auth, hc *http.Client, retry Retry) (*tokens, error) {
	u, err := url.Parse(a.TokenURL)
	if err == nil {
		_, err = originOf(u)
	}
	if err != nil {
		return nil, fmt.Errorf("token URL: %w", err)
	}
	style := oauth2.AuthStyleInParams
	if a.Style == StyleInHeader {
		style = oauth2.AuthStyleInHeader
	}
	t := &tokens{
		service: service, http: hc, retry: retry, lock: make(chan struct{}, 1),
		conf: clientcredentials.Config{
			ClientID: a.ClientID, ClientSecret: a.ClientSecret, TokenURL: a.TokenURL, Scopes: a.Scopes, EndpointParams: a.Params, AuthStyle: style,
		},
	}
	t.lock <- struct{}{}
	return t, nil
}

// get returns a token that is not refused, the one that a service has just refused with 401.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	select {
	case <-t.lock:
	case <-ctx.Done():
		return "", canceled(ctx, t.service)
	}
	defer func() { t.lock <- struct{}{} }()
	if t.token != nil && t.token.AccessToken != refused && (t.renew.IsZero() || time.Now().Before(t.renew)) {
		return t.token.AccessToken, nil
	}
	var err error
	for attempt := 1; ; attempt++ {
		var again bool
		if again, err = t.fetch(ctx); err == nil {
			return t.token.AccessToken, nil
		}
		if !again || attempt >= min(t.retry.Attempts, 3) {
			return "", err
		}
		if !pause(ctx, t.retry.backoff(attempt)) {
			return "", canceled(ctx, t.service)
		}
	}
}

func (t *tokens) fetch(ctx context.Context) (again bool, err error) {
	tok, err := t.conf.Token(context.WithValue(ctx, oauth2.HTTPClient, t.http))
	if err != nil {
		return t.fault(ctx, err)
	}
	t.token, t.renew = tok, time.Time{}
	if !tok.Expiry.IsZero() {
		// A minute early, so that no request is under way with a token that ends; sooner for tokens that live shortly.
		life := time.Until(tok.Expiry)
		t.renew = tok.Expiry.Add(-min(time.Minute, life/4))
	}
	return false, nil
}

// fault makes an error of what the token endpoint said, which may repeat what it was sent.
func (t *tokens) fault(ctx context.Context, err error) (again bool, _ error) {
	if ctx.Err() != nil {
		return false, canceled(ctx, t.service)
	}
	e := &Error{Kind: KindToken, Service: t.service, URL: t.conf.TokenURL}
	var re *oauth2.RetrieveError
	var ue *url.Error
	switch {
	case errors.As(err, &re):
		e.Code = re.ErrorCode
		if re.Response != nil {
			e.Status = re.Response.StatusCode
		}
		e.Message = "the token endpoint refused: " + firstText(re.ErrorDescription, re.ErrorCode, http.StatusText(e.Status))
		again = e.Status == http.StatusTooManyRequests || e.Status >= 500
	case errors.As(err, &ue):
		e.Message = "the token endpoint cannot be reached: " + ue.Err.Error()
		again = true
	default:
		e.Message = "the token endpoint's answer cannot be read: " + err.Error()
	}
	e.Message = scrub(t.hide(e.Message))
	return again, e
}

func (t *tokens) hide(s string) string {
	for _, secret := range [...]string{t.conf.ClientSecret, url.QueryEscape(t.conf.ClientSecret)} {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "***")
		}
	}
	return s
}
