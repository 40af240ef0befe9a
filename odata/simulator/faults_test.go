package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// faultCases says how each fault is seen; every service has 60 devices on
// pages of 20, profile full, with tokens.
func faultCases() map[string]func(t *testing.T, c *caller) {
	statusThenGood := func(status int, times int, header string) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			for range times {
				a := c.get("devices")
				c.want(a.status == status, "status %d", a.status)
				c.want(header == "" || a.header.Get("Retry-After") != "", "no Retry-After")
				c.want(header != "" || a.header.Get("Retry-After") == "", "Retry-After %s", a.header.Get("Retry-After"))
			}
			c.good()
		}
	}
	always := func(status int, header string) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			for range 5 {
				a := c.get("devices")
				c.want(a.status == status && a.header.Get("Retry-After") == header, "%d %v", a.status, a.header)
			}
			c.want(c.metadata().status == 200, "$metadata is affected")
		}
	}
	secondPage := func(status int) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			c.want(c.link(p.Next).status == status, "the second page is good")
			c.want(c.link(p.Next).status == 200, "the second page stays bad")
		}
	}
	cutOff := func(once bool) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			for range 3 {
				a, err := tryGet(t, q(c.s, "devices"), "Authorization", c.bearer)
				if err == nil {
					err = a.err
				}
				c.want(err != nil, "the body came whole")
				if once {
					break
				}
			}
			if once {
				c.good()
			}
		}
	}
	noJSON := func(once bool) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(a.status == 200 && a.err == nil && !json.Valid([]byte(a.body)), "valid JSON")
			if once {
				c.good()
			} else {
				c.want(!json.Valid([]byte(c.get("devices").body)), "the second answer is valid JSON")
			}
		}
	}
	rows := func(n int, set string, options ...string) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			got, _ := readAll(t, q(c.s, set, options...), "Authorization", c.bearer)
			c.want(len(got) == n, "%d rows instead of %d", len(got), n)
		}
	}
	errorObject := func(once bool) func(*testing.T, *caller) {
		return func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(a.status == 200 && strings.HasPrefix(a.body, `{"error"`), "%d %.100s", a.status, a.body)
			if once {
				c.good()
			}
		}
	}
	return map[string]func(*testing.T, *caller){
		"latency": func(t *testing.T, c *caller) {
			begin := time.Now()
			c.good()
			c.want(time.Since(begin) >= 200*time.Millisecond, "it took %v", time.Since(begin))
		},
		"429-retry-after": statusThenGood(429, 1, "1"), "429-retry-date": statusThenGood(429, 1, "date"), "429-bare": statusThenGood(429, 1, ""),
		"429-page2": secondPage(429), "429-always": always(429, "1"), "429-long": always(429, "86400"), "500-always": always(500, ""),
		"503-once": statusThenGood(503, 1, ""), "503-twice": statusThenGood(503, 2, "1"), "503-page2": secondPage(503), "503-always": always(503, ""), "504-once": statusThenGood(504, 1, ""),
		"reset-once": cutOff(true), "reset-always": cutOff(false), "reset-before-headers-once": cutOff(true), "eof-once": cutOff(true), "eof-always": cutOff(false),
		"reset-page2-once": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			a, err := tryGet(t, p.Next, "Authorization", c.bearer)
			c.want(err != nil || a.err != nil, "the second page came whole")
			c.want(len(parsePage(t, c.link(p.Next).body).Value) == 20, "the second page stays bad")
		},
		"truncated-json": noJSON(false), "truncated-json-once": noJSON(true), "malformed-json": noJSON(false), "trailing-garbage": noJSON(false), "empty-body": noJSON(false),
		"html": func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(a.status == 200 && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && strings.HasPrefix(a.body, "<!DOCTYPE"), "%d %v", a.status, a.header)
		},
		"content-type-wrong": func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") && len(parsePage(t, a.body).Value) == 20, "%v", a.header)
		},
		"error-200": errorObject(false), "error-200-once": errorObject(true),
		"error-mid-body": func(t *testing.T, c *caller) {
			a := c.get("devices")
			p := parsePage(t, a.body)
			c.want(a.status == 200 && len(p.Value) == 10 && p.Next == "" && strings.Contains(a.body, `"error":{`), "%.100s", a.body)
		},
		"repeated-nextlink": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			c.want(p.Next == q(c.s, "devices"), "the link is %s", p.Next)
		},
		"endless-nextlink": func(t *testing.T, c *caller) {
			seen := map[string]bool{}
			link, n := q(c.s, "devices"), 0
			for range 9 {
				c.want(!seen[link], "the link repeats")
				seen[link] = true
				p := parsePage(t, c.link(link).body)
				link = p.Next
				n += len(p.Value)
			}
			c.want(n == 60 && link != "", "%d rows, link %q", n, link)
		},
		"foreign-nextlink": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			c.want(strings.HasPrefix(p.Next, c.s.ForeignOrigin()+"/"), "the link is %s", p.Next)
			c.link(p.Next)
			c.foreign(1)
		},
		"foreign-redirect": func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(a.status == 302 && strings.HasPrefix(a.header.Get("Location"), c.s.ForeignOrigin()+"/"), "%d %v", a.status, a.header)
			c.foreign(0)
		},
		"foreign-context": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			c.want(strings.HasPrefix(p.Context, c.s.ForeignOrigin()+"/") && strings.HasPrefix(p.Next, c.s.origin(0)), "%s %s", p.Context, p.Next)
		},
		"metadata-foreign-reference": func(t *testing.T, c *caller) {
			c.want(strings.Contains(c.metadata().body, `<edmx:Reference Uri="`+c.s.ForeignOrigin()+"/"), "no reference")
		},
		"metadata-foreign-redirect": func(t *testing.T, c *caller) {
			a := c.metadata()
			c.want(a.status == 302 && strings.HasPrefix(a.header.Get("Location"), c.s.ForeignOrigin()+"/"), "%d %v", a.status, a.header)
		},
		"token-foreign-redirect": func(t *testing.T, c *caller) {
			c.askToken() // the plain client follows
			c.want(len(c.s.Requests()) == 2 && c.s.Requests()[1].Origin == "foreign", "%v", c.s.Requests())
		},
		"redirect-once": func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(a.status == 302 && a.header.Get("Location") == q(c.s, "devices"), "%d %v", a.status, a.header)
			c.good()
		},
		"filter-ignored": rows(60, "devices", "$filter", "deviceKey lt 0"),
		"ne-as-eq":       rows(0, "devices", "$filter", "deviceKey ne 0"),
		"top-ignored":    rows(60, "devices", "$top", "3"),
		"skip-ignored":   rows(60, "devices", "$skip", "3"),
		"short-page":     rows(5, "devices", "$top", "10"),
		"select-refused": func(t *testing.T, c *caller) {
			c.want(c.get("devices", "$select", "deviceKey").status == 400, "$select is taken")
			c.good()
		},
		"filter-refused":    refuses(501, "$filter", "deviceKey gt 0"),
		"orderby-refused":   refuses(501, "$orderby", "deviceKey"),
		"top-refused":       refuses(501, "$top", "5"),
		"in-refused":        refuses(400, "$filter", "deviceKey in (1,2)"),
		"or-refused":        refuses(400, "$filter", "deviceKey gt 0 or deviceKey lt 0"),
		"functions-refused": refuses(400, "$filter", "contains(osVersion,'1')"),
		"url-limit":         refuses(414, "$filter", "deviceName ne '"+strings.Repeat("x", 2000)+"'"),
		"count-refused": func(t *testing.T, c *caller) {
			c.want(c.get("devices/$count").status == 501 && c.get("devices", "$count", "true").status == 501, "counts are taken")
			c.good()
		},
		"collation": func(t *testing.T, c *caller) {
			lower, _ := readAll(t, q(c.s, "devices", "$filter", "manufacturer eq 'APPLE  '"), "Authorization", c.bearer)
			c.want(len(lower) > 5, "%d rows", len(lower))
			sorted := parsePage(t, c.get("devices", "$orderby", "manufacturer desc,deviceKey", "$filter", "manufacturer in ('samsung','Apple','Xiaomi','LENOVO')").body)
			c.want(key(sorted.Value[0], "manufacturer") == "Xiaomi" || key(sorted.Value[0], "manufacturer") == "samsung", "%v", sorted.Value[0])
		},
		"nulls-as-sql": func(t *testing.T, c *caller) {
			n := func(filter string) int {
				rows, _ := readAll(t, q(c.s, "devices", "$filter", filter), "Authorization", c.bearer)
				return len(rows)
			}
			nulls := n("meid eq null")
			for _, filter := range []string{"meid ne 'x'", "not (meid eq 'x')", "not (meid in ('x','y'))", "not (meid lt '')"} {
				c.want(nulls > 0 && n(filter) == 60-nulls, "%s keeps %d rows, %d are null", filter, n(filter), nulls)
			}
		},
		"nulls-last": func(t *testing.T, c *caller) {
			asc := parsePage(t, c.get("devices", "$orderby", "meid").body)
			desc := parsePage(t, c.get("devices", "$orderby", "meid desc").body)
			c.want(asc.Value[0]["meid"] != nil && desc.Value[0]["meid"] == nil, "%v %v", asc.Value[0]["meid"], desc.Value[0]["meid"])
		},
		"literal-milliseconds": func(t *testing.T, c *caller) {
			at := fmt.Sprint(parsePage(t, c.get("devices", "$filter", "rowLastModifiedDateTimeUTC ne null").body).Value[0]["rowLastModifiedDateTimeUTC"])
			c.want(len(at) > len("2026-11-20T00:00:00.000Z"), "%s has no fraction", at)
			p := parsePage(t, c.get("devices", "$filter", "rowLastModifiedDateTimeUTC eq "+at).body)
			c.want(len(p.Value) == 0, "%d rows at %s", len(p.Value), at)
		},
		"select-drops-column": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices", "$select", "deviceKey,osVersion").body)
			last := p.Value[len(p.Value)-1]
			_, has := last["osVersion"]
			c.want(!has && last["deviceKey"] != nil, "%v", last)
		},
		"orderby-ignored": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices", "$orderby", "deviceKey desc").body)
			c.want(fmt.Sprint(p.Value[0]["deviceKey"]) < fmt.Sprint(p.Value[1]["deviceKey"]), "it is in order")
		},
		"count-wrong": func(t *testing.T, c *caller) {
			c.want(c.get("devices/$count").body == "54", "the count is right")
			c.want(*parsePage(t, c.get("devices", "$count", "true").body).Count == 54, "the inline count is right")
		},
		"token-expires": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			c.want(c.link(p.Next).status == 401, "the second page is good")
			c.want(c.get("devices").status == 401, "the token is still good")
			c.bearer = "Bearer " + c.token()
			c.want(c.link(p.Next).status == 200, "a new token does not help")
		},
		"unauthorized-always": func(t *testing.T, c *caller) {
			a := c.get("devices")
			c.want(a.status == 401 && a.header.Get("WWW-Authenticate") == "Bearer", "%d %v", a.status, a.header)
		},
		"forbidden-always": always(403, ""),
		"bad-value": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices", "$select", "deviceKey,lastSyncDateTime,osVersion").body)
			c.want(p.Value[19]["lastSyncDateTime"] == "not of this type" && p.Value[18]["lastSyncDateTime"] != "not of this type", "%v", p.Value[19])
			p = parsePage(t, c.get("devices", "$select", "osVersion").body)
			_, isText := p.Value[19]["osVersion"].(string)
			c.want(!isText && p.Value[19]["osVersion"] != nil, "%v", p.Value[19])
		},
		"null-in-key": func(t *testing.T, c *caller) {
			p := parsePage(t, c.get("devices").body)
			v, has := p.Value[19]["deviceKey"]
			c.want(has && v == nil && p.Value[18]["deviceKey"] != nil, "%v", v)
		},
		"stalled-body": stalls(false), "stalled-once": stalls(true),
		"stalled-headers": noAnswer(false), "stalled-headers-once": noAnswer(true),
		"slow-body": func(t *testing.T, c *caller) {
			begin := time.Now()
			p := parsePage(t, c.get("devices").body)
			c.want(time.Since(begin) > 350*time.Millisecond && len(p.Value) == 20, "%d rows in %v", len(p.Value), time.Since(begin))
		},
		"metadata-503": func(t *testing.T, c *caller) {
			c.want(c.metadata().status == 503, "$metadata is good")
			c.good()
		},
		"metadata-broken": func(t *testing.T, c *caller) {
			c.want(!strings.Contains(c.metadata().body, "</edmx:Edmx>"), "$metadata is whole")
			c.good()
		},
		"metadata-html": func(t *testing.T, c *caller) {
			c.want(strings.HasPrefix(c.metadata().body, "<html>"), "$metadata is good")
		},
		"token-503": func(t *testing.T, c *caller) {
			for range 2 {
				c.want(c.askToken().status == 503, "a token came")
			}
		},
		"token-503-once": func(t *testing.T, c *caller) {
			c.want(c.askToken().status == 503, "a token came")
			c.want(c.askToken().status == 200, "no token came")
		},
	}
}

func refuses(status int, option, v string) func(*testing.T, *caller) {
	return func(t *testing.T, c *caller) {
		t.Helper()
		a := c.get("devices", option, v)
		c.want(a.status == status, "%d %.200s", a.status, a.body)
		c.good()
	}
}

func noAnswer(once bool) func(*testing.T, *caller) {
	return func(t *testing.T, c *caller) {
		t.Helper()
		client := &http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, q(c.s, "devices"), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		c.want(err != nil && strings.Contains(err.Error(), "Client.Timeout"), "%v", err)
		if once {
			c.good()
		}
	}
}

func stalls(once bool) func(*testing.T, *caller) {
	return func(t *testing.T, c *caller) {
		t.Helper()
		client := &http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, q(c.s, "devices"), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", c.bearer)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		buf, n := make([]byte, 1<<20), 0
		for err == nil {
			var k int
			k, err = resp.Body.Read(buf)
			n += k
		}
		c.want(strings.Contains(err.Error(), "Timeout") || strings.Contains(err.Error(), "deadline"), "%v", err)
		c.want(n > 1000, "only %d bytes came", n)
		if once {
			c.good()
		}
	}
}

// caller is a client of one service with a token.
type caller struct {
	t      *testing.T
	s      *Server
	fault  string
	bearer string
}

func (c *caller) want(ok bool, format string, args ...any) {
	c.t.Helper()
	if !ok {
		c.t.Errorf(c.fault+": "+format, args...)
	}
}

func (c *caller) get(set string, options ...string) answerT {
	c.t.Helper()
	return get(c.t, q(c.s, set, options...), "Authorization", c.bearer)
}

func (c *caller) link(link string) answerT {
	c.t.Helper()
	return get(c.t, link, "Authorization", c.bearer)
}

func (c *caller) metadata() answerT { return c.link(c.s.URL() + "/$metadata?api-version=v1.0") }

// good wants a whole read without fault.
func (c *caller) good() {
	c.t.Helper()
	rows, _ := readAll(c.t, q(c.s, "devices"), "Authorization", c.bearer)
	c.want(len(rows) == 60, "%d rows", len(rows))
}

func (c *caller) foreign(n int) {
	c.t.Helper()
	got := 0
	for _, r := range c.s.Requests() {
		if r.Origin == "foreign" {
			got++
			c.want(r.Bearer, "the log does not tell that a token came")
		}
	}
	c.want(got == n, "the foreign host was asked %d times", got)
}

func TestEachFaultShows(t *testing.T) {
	t.Parallel()
	cases := faultCases()
	for _, f := range Faults() {
		check := cases[f.Name]
		if f.Doc == "" || check == nil {
			t.Errorf("fault %s has no description or no case", f.Name)
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Profile: profileFull, PageSize: 20})
			c := &caller{t: t, s: s, fault: f.Name}
			c.bearer = "Bearer " + c.token()
			c.good()
			s.ResetRequests()
			if err := s.SetFaults(f.Name); err != nil {
				t.Fatal(err)
			}
			check(t, c)
			fired := false
			for _, r := range s.Requests() {
				fired = fired || len(r.Faults) > 0 && r.Faults[0] == f.Name
			}
			c.want(fired, "the log does not tell that it fired")
			if err := s.SetFaults(); err != nil {
				t.Fatal(err)
			}
			c.bearer = "Bearer " + c.token()
			c.good()
		})
	}
	if len(cases) != len(Faults()) {
		t.Error("there are cases of unknown faults")
	}
}

func TestFaultOnOnePage(t *testing.T) {
	t.Parallel()
	for _, variants := range [][]string{nil, {"nextlink-skip"}} {
		s := start(t, Options{NoAuth: true, PageSize: 20, Variants: variants, Faults: []string{"malformed-json:3"}})
		link := q(s, "devices")
		for page := 1; page <= 3; page++ {
			a := get(t, link)
			if ok := json.Valid([]byte(a.body)); ok != (page < 3) {
				t.Fatalf("page %d: valid JSON %t", page, ok)
			}
			if page < 3 {
				link = parsePage(t, a.body).Next
			}
		}
	}
}
