package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func post(t testing.TB, link string, form url.Values, user, pass string) answerT {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		req.SetBasicAuth(url.QueryEscape(user), url.QueryEscape(pass))
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answerT{resp.StatusCode, resp.Header, string(body), err}
}

func credentials(changes ...string) url.Values {
	v := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"sample"}, "client_secret": {"sample-secret"},
		"scope": {"https://api.manage.microsoft.com//.default"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if v.Del(changes[i]); changes[i+1] != "" {
			v.Set(changes[i], changes[i+1])
		}
	}
	return v
}

func (c *caller) askToken() answerT { return post(c.t, c.s.TokenURL(), credentials(), "", "") }

func (c *caller) token() string {
	c.t.Helper()
	a := c.askToken()
	var r struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || r.Token == "" {
		c.t.Fatalf("%d %s", a.status, a.body)
	}
	return r.Token
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	a := get(t, q(s, "devices"))
	if a.status != 401 || a.header.Get("WWW-Authenticate") != "Bearer" || a.body != "" {
		t.Errorf("without token: %d %v %s", a.status, a.header, a.body)
	}
	if a := get(t, q(s, "devices"), "Authorization", "Bearer made-up"); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("with a made-up token: %d %v", a.status, a.header)
	}
	for _, path := range []string{"", "/$metadata", "/devices", "/nowhere"} {
		if a := get(t, s.URL()+path+"?api-version=v1.0"); a.status != 401 {
			t.Errorf("%q without token: %d", path, a.status)
		}
	}
	type grantT struct {
		Type    string `json:"token_type"`
		Token   string `json:"access_token"`
		Expires any    `json:"expires_in"`
	}
	for _, c := range []struct {
		name, link string
		form       url.Values
		user, pass string
		expires    any
		status     int
	}{
		{"v2, parameters", s.TokenURL(), credentials(), "", "", 3600.0, 200},
		{"v2, single slash", s.TokenURL(), credentials("scope", "https://api.manage.microsoft.com/.default"), "", "", 3600.0, 200},
		{"v2, header", s.TokenURL(), credentials("client_id", "", "client_secret", ""), "sample", "sample-secret", 3600.0, 200},
		{"v1, resource", s.TokenURLv1(), credentials("scope", "", "resource", "https://api.manage.microsoft.com/"), "", "", "3600", 200},
		{"no permission", s.TokenURL(), credentials("client_id", "nopermission"), "", "", 3600.0, 403},
	} {
		a := post(t, c.link, c.form, c.user, c.pass)
		var g grantT
		if err := json.Unmarshal([]byte(a.body), &g); err != nil || a.status != 200 || g.Type != "Bearer" || g.Expires != c.expires {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
			continue
		}
		if a := get(t, q(s, "devices"), "Authorization", "Bearer "+g.Token); a.status != c.status || c.status == 403 && !strings.Contains(a.body, "Application is not authorized") {
			t.Errorf("%s: the token gets %d %.200s", c.name, a.status, a.body)
		}
	}
	for _, c := range []struct {
		link   string
		form   url.Values
		status int
		code   string
		number string
	}{
		{s.TokenURL(), credentials("client_secret", "wrong"), 401, "invalid_client", "AADSTS7000215"},
		{s.TokenURL(), credentials("client_secret", ""), 401, "invalid_client", "AADSTS7000216"},
		{s.TokenURL(), credentials("client_id", "other"), 400, "unauthorized_client", "AADSTS700016"},
		{s.TokenURL(), credentials("client_id", ""), 400, "invalid_request", "AADSTS900144"},
		{s.TokenURL(), credentials("grant_type", "password"), 400, "unsupported_grant_type", "AADSTS70003"},
		{s.TokenURL(), credentials("scope", ""), 400, "invalid_request", "AADSTS900144"},
		{s.TokenURL(), credentials("scope", "https://graph.microsoft.com/.default"), 400, "invalid_scope", "AADSTS70011"},
		{s.TokenURLv1(), credentials("resource", "https://graph.microsoft.com"), 400, "invalid_resource", "AADSTS500011"},
		{s.TokenURLv1(), credentials(), 400, "invalid_request", "AADSTS900144"},
	} {
		a := post(t, c.link, c.form, "", "")
		var e struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
			Codes       []int  `json:"error_codes"`
		}
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != c.status || e.Error != c.code || !strings.HasPrefix(e.Description, c.number+":") || len(e.Codes) != 1 {
			t.Errorf("%v: %d %s", c.form, a.status, a.body)
		}
	}
	if a := get(t, s.TokenURL()); a.status != 405 {
		t.Errorf("GET at the token endpoint: %d", a.status)
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	s := start(t, Options{TokenTTL: 300 * time.Millisecond})
	c := &caller{t: t, s: s}
	c.bearer = "Bearer " + c.token()
	if a := c.get("ownerTypes"); a.status != 200 {
		t.Fatal(a.status)
	}
	deadline := time.After(10 * time.Second)
	for tick := time.NewTicker(20 * time.Millisecond); c.get("ownerTypes").status == 200; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the token never expires")
		}
	}
	c.bearer = "Bearer " + c.token()
	if a := c.get("ownerTypes"); a.status != 200 {
		t.Errorf("a new token gets %d", a.status)
	}
}
