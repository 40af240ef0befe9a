package odata_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/query"
)

// TestTokensStayHome: whatever the service's links say, the token goes to its origin and to those listed with credentials.
func TestTokensStayHome(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	var hits atomic.Int32
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		got.Store(r.Header.Get("Authorization"))
		writeRows(w, 5, 1, "", "")
	})
	tokens := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"the-secret-token","token_type":"Bearer","expires_in":3600}`)
	})
	for _, how := range []string{"next", "redirect"} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer the-secret-token" {
				t.Errorf("the service got %q", r.Header.Get("Authorization"))
			}
			if how == "redirect" {
				http.Redirect(w, r, other.URL+"/x", http.StatusFound)
				return
			}
			writeRows(w, 0, 5, "", other.URL+"/x")
		})
		for _, c := range []struct {
			allowed []odata.Origin
			token   string
		}{
			{nil, ""},
			{[]odata.Origin{{Origin: other.URL}}, ""},
			{[]odata.Origin{{Origin: strings.ToUpper(other.URL) + "/", Credentials: true}}, "Bearer the-secret-token"},
		} {
			hits.Store(0)
			got.Store("none")
			cl := connect(t, s.URL, func(conf *odata.Config) {
				conf.AllowOrigins = c.allowed
				conf.Auth = odata.Auth{Kind: odata.AuthClientCredentials, TokenURL: tokens.URL, ClientID: "i", ClientSecret: "s"}
			})
			rows, _, _, err := readAll(context.Background(), cl, things("a"))
			if c.allowed == nil {
				e := wantKind(t, err, odata.KindForeignLink)
				if hits.Load() != 0 || !strings.Contains(e.Error(), other.URL) || !strings.Contains(e.Error(), "allow_origins") {
					t.Errorf("%s: %d requests reached it; %v", how, hits.Load(), e)
				}
				continue
			}
			if err != nil || hits.Load() != 1 || got.Load() != c.token || rows[len(rows)-1][0].I != 5 {
				t.Errorf("%s: %v, %d rows, %d hits, token %q", how, err, len(rows), hits.Load(), got.Load())
			}
		}
	}
}

// TestLinksAreOpaque: a next link is sent as it came, resolved against the request.
func TestLinksAreOpaque(t *testing.T) {
	t.Parallel()
	var seen []string
	var mu sync.Mutex
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.URL.Path+"?"+r.URL.RawQuery)
		n := len(seen)
		mu.Unlock()
		switch n {
		case 1:
			writeRows(w, 0, 1, "", "things?%24skiptoken=a%2Bb%27c&x=1+2")
		case 2:
			writeRows(w, 1, 1, "", "../root/other?y")
		case 3:
			_, _ = io.WriteString(w, `{"@nextLink":"?z= 1&ü='","value":[{"a":2}]}`)
		default:
			writeRows(w, 3, 1, "", "")
		}
	})
	c := connect(t, s.URL+"/root?api-version=1", func(c *odata.Config) { c.Custom = []query.Option{{Name: "k", Value: "v"}} })
	rows, stats, _, err := readAll(context.Background(), c, things("a"))
	if err != nil || len(rows) != 4 || stats.Pages != 4 {
		t.Fatal(len(rows), stats, err)
	}
	want := []string{"/root/things?api-version=1&k=v&$select=a", "/root/things?%24skiptoken=a%2Bb%27c&x=1+2", "/root/other?y", "/root/other?z=%201&%C3%BC='"}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", seen, want)
	}
}

// TestTokenLife: a token is used by all until shortly before its end, and renewed once after a 401.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	var issued, refused atomic.Int64
	tokens := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.Form.Get("resource") != "https://api/" || r.Form.Get("scope") != "a b" || r.Form.Get("client_secret") != "geheim" {
			t.Errorf("form %v, %v", r.Form, err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer","expires_in":"3600"}`, issued.Add(1))
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer t1" && r.URL.RawQuery == "2" {
			refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.RawQuery == "2" {
			writeRows(w, 1, 1, "", "")
			return
		}
		writeRows(w, 0, 1, "", "?2")
	})
	c := connect(t, s.URL, func(c *odata.Config) {
		c.Auth = odata.Auth{
			Kind: odata.AuthClientCredentials, TokenURL: tokens.URL, ClientID: "id", ClientSecret: "geheim", Scopes: []string{"a", "b"},
			Params: url.Values{"resource": {"https://api/"}},
		}
	})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			rows, _, _, err := readAll(context.Background(), c, things("a"))
			if err != nil || len(rows) != 2 {
				t.Error(len(rows), err)
			}
		})
	}
	wg.Wait()
	if issued.Load() != 2 {
		t.Errorf("%d tokens were issued, want 2 (%d refusals)", issued.Load(), refused.Load())
	}
}

// TestSecretsStayOut: nothing that a service or a token endpoint echoes brings a secret into an error.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	const secret, token = "p&ssw0rd geheim", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	bad := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, "you sent "+string(body)+" with "+secret)
	})
	good := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, token)
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, "headers were Authorization: %s", r.Header.Get("Authorization"))
	})
	for tokenURL, kind := range map[string]odata.Kind{bad.URL: odata.KindToken, good.URL: odata.KindBadRequest} {
		c := connect(t, s.URL+"?sig=abc&api-key=def", func(c *odata.Config) {
			c.Auth = odata.Auth{Kind: odata.AuthClientCredentials, TokenURL: tokenURL, ClientID: "id", ClientSecret: secret}
		})
		_, stats, _, err := readAll(context.Background(), c, things("a"))
		e := wantKind(t, err, kind)
		text := fmt.Sprintf("%v %+v %v", err, *e, stats.URLs)
		for _, leak := range []string{secret, url.QueryEscape(secret), token, "abc", "def"} {
			if strings.Contains(text, leak) {
				t.Errorf("%q stands in %s", leak, text)
			}
		}
	}
}
