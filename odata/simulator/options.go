package simulator

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options describe a sample service. The zero value is a warehouse of 2,000
// devices and 30 days that ends today, with Intune's refusals.
type Options struct {
	Model   string // intune (default) | types
	Sets    []Set  // if there are any, the service is made of them, and Model is left empty
	Profile string // intune (default) | full: what the service refuses; the types model is always full

	Devices int       // devices of the warehouse, rows of the types model's samples; default 2000 (types: 200)
	Days    int       // days of history; default 30
	Until   time.Time // last day, UTC; default today
	Seed    int64     // default 1

	PageSize int           // rows per page; default 10,000
	Latency  time.Duration // added to every request
	TokenTTL time.Duration // lifetime of access tokens; default 1h
	Variants []string      // see [Variants]
	Faults   []string      // see [Faults]

	ClientID, ClientSecret string // default sample, sample-secret
	Prerender              bool   // keep each rendered response and repeat it byte by byte
	NoAuth                 bool   // serve without tokens
}

func (o Options) withDefaults() (Options, error) {
	def := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	if len(o.Sets) > 0 && o.Model == "" {
		o.Model = modelOwn
	}
	def(&o.Model, modelIntune)
	def(&o.Profile, profileIntune)
	def(&o.ClientID, "sample")
	def(&o.ClientSecret, "sample-secret")
	if o.Devices == 0 {
		if o.Devices = 2000; o.Model == modelTypes {
			o.Devices = 200
		}
	}
	if o.Days == 0 {
		o.Days = 30
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.PageSize == 0 {
		o.PageSize = 10_000
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = time.Hour
	}
	if o.Until.IsZero() {
		o.Until = time.Now()
	}
	o.Until = o.Until.UTC().Truncate(24 * time.Hour)
	var errs []error
	check := func(what, got string, known ...string) {
		if !slices.Contains(known, got) {
			errs = append(errs, fmt.Errorf("unknown %s %q (known: %s)", what, got, strings.Join(known, ", ")))
		}
	}
	if len(o.Sets) > 0 && o.Model != modelOwn {
		errs = append(errs, fmt.Errorf("sets of the caller's own do not go with the model %q", o.Model))
	} else if len(o.Sets) == 0 {
		check("model", o.Model, modelIntune, modelTypes)
	}
	check("profile", o.Profile, profileIntune, profileFull)
	for _, n := range []struct {
		name string
		v    int
	}{{"devices", o.Devices}, {"days", o.Days}, {"page size", o.PageSize}} {
		if n.v < 1 {
			errs = append(errs, fmt.Errorf("%s must be at least 1, not %d", n.name, n.v))
		}
	}
	if y := o.Until.Year(); y < 2016 || y > 2200 {
		errs = append(errs, fmt.Errorf("the last day must lie between 2016 and 2200, not in %d", y))
	}
	if !o.versioned() {
		o.Profile = profileFull
	}
	return o, errors.Join(errs...)
}

const (
	modelIntune   = "intune"
	modelTypes    = "types"
	modelOwn      = "own"
	profileIntune = "intune"
	profileFull   = "full"
)

// versioned says whether the service has api-versions, and refuses what Intune refuses.
func (o *Options) versioned() bool { return o.Model == modelIntune }

// pair is one query option as sent and as decoded.
type pair struct {
	raw, name, value string
}

func splitQuery(raw string) ([]pair, error) {
	var out []pair
	for _, part := range strings.Split(raw, "&") {
		if part == "" {
			continue
		}
		name, val, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(val)
		if err != nil || err2 != nil {
			return nil, badRequest("the query string is not properly encoded")
		}
		out = append(out, pair{part, n, v})
	}
	return out, nil
}

// queryOptions are the options of a request, not yet looked at for their meaning.
type queryOptions struct {
	pairs   []pair
	system  map[string]string
	version string // of api-version, or of a link that we made without it
	history string // maxhistorydays
}

// Names of options that links of ours carry beside OData's own.
const linkVersionOption = "dw-version"

func parseOptions(raw string) (*queryOptions, error) {
	pairs, err := splitQuery(raw)
	if err != nil {
		return nil, err
	}
	q := &queryOptions{pairs: pairs, system: map[string]string{}}
	for _, p := range pairs {
		switch {
		case strings.HasPrefix(p.name, "$"):
			if _, twice := q.system[p.name]; twice {
				return nil, badRequest("query option '%s' was specified more than once, but it must be specified at most once", p.name)
			}
			q.system[p.name] = p.value
		case strings.EqualFold(p.name, "api-version"), p.name == linkVersionOption:
			q.version = p.value
		case strings.EqualFold(p.name, "maxhistorydays"):
			q.history = p.value
		}
	}
	return q, nil
}

// refuse applies a profile's list of system query options.
func (q *queryOptions) refuse(profile string, isCount bool) error {
	allowed := []string{"$filter", "$select", "$skip", "$top", "$skiptoken"}
	if profile == profileFull {
		allowed = append(allowed, "$orderby", "$count", "$format")
	}
	if isCount {
		allowed = []string{"$filter"}
	}
	standard := []string{"$expand", "$search", "$apply", "$compute", "$levels", "$deltatoken", "$schemaversion", "$index"}
	for _, p := range q.pairs {
		switch {
		case !strings.HasPrefix(p.name, "$") || slices.Contains(allowed, p.name):
		case profile == profileFull && slices.Contains(standard, p.name):
			return notImplemented("the query option '%s' is not supported", p.name)
		default:
			return badRequest("The query parameter '%s' is not supported.", p.name)
		}
	}
	if f, ok := q.system["$format"]; ok && f != "json" && !strings.HasPrefix(f, "application/json") {
		return &apiError{415, "UnsupportedMediaType", fmt.Sprintf("the format '%s' is not supported", f)}
	}
	return nil
}

// number reads $top and $skip: a non-negative integer, missing when absent.
func (q *queryOptions) number(name string, missing int) (int, error) {
	s, ok := q.system[name]
	if !ok {
		return missing, nil
	}
	// Intune was seen to accept blanks around the number.
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0, badRequest("Invalid value '%s' for %s query option found. The %s query option requires a non-negative integer value.", s, name, name)
	}
	return n, nil
}
