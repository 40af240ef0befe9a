package difftest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// damage changes requests of one set on their way to the warehouse.
type damage struct {
	next http.Handler

	mu     sync.Mutex
	set    string
	option string
	from   string // the option's value
	to     string
	done   int // requests changed
}

// ServeHTTP implements http.Handler.
func (d *damage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	if d.set != "" && strings.HasSuffix(r.URL.Path, "/"+d.set) {
		pairs := strings.Split(r.URL.RawQuery, "&")
		for i, p := range pairs {
			name, value, _ := strings.Cut(p, "=")
			if decode(name) == d.option && decode(value) == d.from {
				pairs[i] = name + "=" + url.PathEscape(d.to)
				d.done++
			}
		}
		r.URL.RawQuery = strings.Join(pairs, "&")
	}
	d.mu.Unlock()
	d.next.ServeHTTP(w, r)
}

// aim chooses what is changed and gives a function that ends it and tells how many requests were changed.
func (d *damage) aim(set, option, from, to string) func() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.set, d.option, d.from, d.to, d.done = set, option, from, to, 0
	return func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.set = ""
		return d.done
	}
}

func decode(s string) string {
	out, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return out
}

// TestIntuneRequestsAreMinimal damages each request of each question: without any one of the selected columns, and with a bound
// moved past the next value present, the answer must be another one. So nothing is asked for that the answer does not need.
func TestIntuneRequestsAreMinimal(t *testing.T) {
	d := &damage{}
	p := startPair(t, gatewayOptions{profile: profile.Intune(), between: func(h http.Handler) http.Handler { d.next = h; return d }})
	data, err := simulator.New(warehouse())
	if err != nil {
		t.Fatal(err)
	}
	columns, bounds := 0, 0
	for _, q := range questions(t, "intune") {
		whole := p.answer(t, q, extendedText)
		if whole == nil || whole.fault != nil {
			t.Errorf("%s: %s", q.place, whole)
			continue
		}
		for _, request := range slices.Compact(strings.Split(strings.TrimSpace(q.requests), "\n")) {
			set, options, _ := strings.Cut(strings.TrimPrefix(request, "GET /"), "?")
			for _, pair := range strings.Split(options, "&") {
				option, value, _ := strings.Cut(pair, "=")
				if option == "$select" && !strings.Contains(q.sql, value) && !strings.Contains(value, ",") {
					continue // rows are only counted: the column stands for the row
				}
				for _, to := range damages(data, set, option, value) {
					end := d.aim(set, option, value, to)
					got := p.answer(t, q, extendedText)
					if end() == 0 {
						t.Errorf("%s: %s was not sent again", q.place, request)
					}
					if option == "$filter" {
						bounds++
					} else {
						columns++
					}
					if got != nil && differ(whole, got, extendedText, orders(q.sql)) == "" {
						t.Errorf("%s: the answer is the same with %s=%s instead of %s\n%s", q.place, option, to, pair, q.sql)
					}
				}
			}
		}
	}
	t.Logf("%d selected columns and %d bounds", columns, bounds)
	if *only == "" && (columns < 300 || bounds < 30) {
		t.Errorf("only %d columns and %d bounds were damaged", columns, bounds)
	}
}

// damages are the lesser values of an option.
func damages(data *simulator.Server, set, option, value string) []string {
	var out []string
	switch option {
	case "$select":
		names := strings.Split(value, ",")
		if len(names) == 1 {
			// Nothing selected is everything selected, so another one is.
			for _, c := range data.Columns("v1.0", set) {
				if c.Name != value {
					return []string{c.Name}
				}
			}
		}
		for i := range names {
			out = append(out, strings.Join(slices.Delete(slices.Clone(names), i, i+1), ","))
		}
	case "$filter":
		parts := strings.Split(value, " and ")
		for i, p := range parts {
			less := slices.Clone(parts)
			less[i] = narrow(data, set, p)
			out = append(out, strings.Join(less, " and "))
		}
	}
	return out
}

// narrow moves a bound so that it excludes the next value present.
func narrow(data *simulator.Server, set, condition string) string {
	m := regexp.MustCompile(`^(\w+) (eq|ge|gt|le|lt) (\S+)$`).FindStringSubmatch(condition)
	if m == nil {
		return "not a bound: " + condition
	}
	values := present(data, set, m[1])
	upward := func(x string) bool { return cmp.Compare(x, m[3]) > 0 || x == m[3] && m[2] != "gt" }
	downward := func(x string) bool { return cmp.Compare(x, m[3]) < 0 || x == m[3] && m[2] != "lt" }
	switch m[2] {
	case "eq":
		return m[1] + " eq 20000101"
	case "ge", "gt":
		if i := slices.IndexFunc(values, upward); i >= 0 {
			return m[1] + " gt " + values[i]
		}
	default:
		slices.Reverse(values)
		if i := slices.IndexFunc(values, downward); i >= 0 {
			return m[1] + " lt " + values[i]
		}
	}
	return "no value beyond " + condition
}

// present are the values of a column as literals of equal length, in order.
func present(data *simulator.Server, set, column string) []string {
	at := slices.IndexFunc(data.Columns("v1.0", set), func(c simulator.Column) bool { return c.Name == column })
	var out []string
	for row := range data.Rows("v1.0", set) {
		switch v := row[at].(type) {
		case nil:
		case int64:
			out = append(out, strconv.FormatInt(v, 10))
		case time.Time:
			out = append(out, v.Format("2006-01-02T15:04:05.0000000Z"))
		default:
			out = append(out, fmt.Sprint(v))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
