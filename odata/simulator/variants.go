package simulator

import (
	"errors"
	"fmt"
	"strings"
)

// traits are the guesses about the real service, each settled one way.
type traits struct {
	intWidth         intWidth
	stringIDs        bool
	filterCase       filterCase
	linkBySkip       bool
	linkRelative     bool
	linkNoVersion    bool
	linkSecondHost   bool
	selectMode       selectMode
	selectAddsKeys   bool
	oneFilterColumn  bool
	timestampOnFacts bool
	timestampGeOnly  bool
	compact          bool
	ascii            bool
	turnedKeys       bool
	annotated        bool
	numberStrings    bool
	exponents        bool
	emptyPages       bool
	chunked          bool
	bom              bool
}

type (
	intWidth   uint8
	filterCase uint8
	selectMode uint8
)

const (
	widthModel intWidth = iota
	widthInt32
	widthInt64
	widthNarrow
)

const (
	caseAny filterCase = iota
	casePascal
	caseCamel
)

const (
	selectHonoured selectMode = iota
	selectIgnored
	selectIgnoredWithFilter
	selectRefused
)

// typeName is the declared type of a property of the embedded model.
func (t traits) typeName(p propertyFile) string {
	switch p.Type {
	case "Edm.Guid":
		if t.stringIDs {
			return "Edm.String"
		}
	case "Edm.Int32", "Edm.Int64":
		switch t.intWidth {
		case widthModel:
		case widthInt64:
			return "Edm.Int64"
		case widthInt32:
			if !strings.Contains(p.Name, "InBytes") && p.Name != "size" {
				return "Edm.Int32"
			}
		case widthNarrow:
			// What holds only small numbers: natural ids, calendar parts, states.
			small := strings.HasSuffix(p.Name, "ID") || strings.HasSuffix(p.Name, "TypeId") || strings.HasPrefix(p.Name, "dayOf") || strings.HasPrefix(p.Name, "calendar")
			switch p.Name {
			case "isSupervised", "encryptionState", "uploadState", "weekOfYear", "monthOfYear", "appInstallState", "platform", "deviceHealth", "policyType":
				small = true
			}
			if small {
				return "Edm.Int16"
			}
		}
	}
	return p.Type
}

// Variant is a named way in which the real service may differ from our guess.
type Variant struct {
	Name string
	Doc  string

	group string // of one group at most one variant holds; "" combines with everything
	apply func(*traits)
	mix   []string
}

// Variants is the table of variants.
func Variants() []Variant {
	return []Variant{
		{Name: "integers-int32", group: "integers", Doc: "all integers are Edm.Int32, except sizes in bytes", apply: func(t *traits) { t.intWidth = widthInt32 }},
		{Name: "integers-int64", group: "integers", Doc: "all integers are Edm.Int64", apply: func(t *traits) { t.intWidth = widthInt64 }},
		{Name: "integers-narrow", group: "integers", Doc: "natural ids and small states are Edm.Int16", apply: func(t *traits) { t.intWidth = widthNarrow }},
		{Name: "ids-string", Doc: "identifiers are Edm.String instead of Edm.Guid", apply: func(t *traits) { t.stringIDs = true }},
		{Name: "filter-pascal", group: "case", Doc: "$filter knows only DateKey and RowLastModifiedDateTimeUTC, as the pages write them", apply: func(t *traits) { t.filterCase = casePascal }},
		{Name: "filter-camel", group: "case", Doc: "$filter knows only dateKey and rowLastModifiedDateTimeUTC, as the feed writes them", apply: func(t *traits) { t.filterCase = caseCamel }},
		{Name: "filter-any-case", group: "case", Doc: "$filter takes both spellings (the default)", apply: func(t *traits) { t.filterCase = caseAny }},
		{Name: "nextlink-skip", group: "link", Doc: "links carry $skip and $top instead of $skiptoken", apply: func(t *traits) { t.linkBySkip = true }},
		{Name: "nextlink-relative", group: "origin", Doc: "links are relative to the request", apply: func(t *traits) { t.linkRelative = true }},
		{Name: "nextlink-without-api-version", Doc: "links do not carry api-version", apply: func(t *traits) { t.linkNoVersion = true }},
		{Name: "nextlink-second-host", group: "origin", Doc: "links lead to a second host of the service (SecondOrigin)", apply: func(t *traits) { t.linkSecondHost = true }},
		{Name: "select-ignored", group: "select", Doc: "$select is accepted and has no effect", apply: func(t *traits) { t.selectMode = selectIgnored }},
		{Name: "select-ignored-with-filter", group: "select", Doc: "$select has no effect beside $filter", apply: func(t *traits) { t.selectMode = selectIgnoredWithFilter }},
		{Name: "select-refused", group: "select", Doc: "$select is answered with 400", apply: func(t *traits) { t.selectMode = selectRefused }},
		{Name: "select-adds-keys", group: "select", Doc: "$select brings the keys too", apply: func(t *traits) { t.selectAddsKeys = true }},
		{Name: "filter-one-column", Doc: "both filter columns in one $filter are answered with 400", apply: func(t *traits) { t.oneFilterColumn = true }},
		{Name: "timestamp-on-facts", Doc: "facts have rowLastModifiedDateTimeUTC too, so that a set has both filter columns", apply: func(t *traits) { t.timestampOnFacts = true }},
		{Name: "timestamp-ge-only", Doc: "rowLastModifiedDateTimeUTC takes no operator but ge", apply: func(t *traits) { t.timestampGeOnly = true }},
		{Name: "json-compact", Doc: "bodies are not indented", apply: func(t *traits) { t.compact = true }},
		{Name: "json-ascii", Doc: "characters outside ASCII are escaped", apply: func(t *traits) { t.ascii = true }},
		{Name: "nextlink-empty-pages", group: "link", Doc: "every second page is empty and links on; the last one is empty, too", apply: func(t *traits) { t.emptyPages = true }},
		{Name: "http-chunked", Doc: "bodies come in small pieces without Content-Length", apply: func(t *traits) { t.chunked = true }},
		{Name: "bom", Doc: "$metadata and /$count begin with a byte order mark", apply: func(t *traits) { t.bom = true }},
		{Name: "json-number-strings", Doc: "Int64 and Decimal come as strings, though nobody asked for IEEE754Compatible", apply: func(t *traits) { t.numberStrings = true }},
		{Name: "json-exponents", Doc: "Decimal comes with an exponent (125e-1)", apply: func(t *traits) { t.exponents = true }},
		{Name: "json-key-order", Doc: "every other row has its properties in reverse", apply: func(t *traits) { t.turnedKeys = true }},
		{Name: "json-annotations", Doc: "rows carry @odata.etag, properties @odata.type", apply: func(t *traits) { t.annotated = true }},
		{
			Name: "mix-strict", Doc: "whatever is least: Int64 everywhere, string ids, DateKey only, no $select, ge only, one column, links by $skip",
			mix: []string{"integers-int64", "ids-string", "filter-pascal", "select-refused", "timestamp-ge-only", "filter-one-column", "nextlink-skip"},
		},
		{
			Name: "mix-2018", Doc: "as clients of 2018 saw it: narrow integers, dateKey only, $select ignored beside $filter, escaped JSON, links relative without api-version",
			mix: []string{"integers-narrow", "filter-camel", "select-ignored-with-filter", "json-ascii", "nextlink-relative", "nextlink-without-api-version"},
		},
		{
			Name: "mix-gateway", Doc: "behind a traffic gateway: links to a second host by $skip without api-version, Int32, $select ignored, compact JSON",
			mix: []string{"integers-int32", "select-ignored", "json-compact", "nextlink-second-host", "nextlink-skip", "nextlink-without-api-version"},
		},
	}
}

// VariantNames lists the names of [Variants].
func VariantNames() []string {
	var out []string
	for _, v := range Variants() {
		out = append(out, v.Name)
	}
	return out
}

// resolveVariants turns names into traits; unknown names and two of one group are errors.
func resolveVariants(names []string) (traits, error) {
	var t traits
	var errs []error
	groups := map[string]string{}
	table := map[string]Variant{}
	for _, v := range Variants() {
		table[v.Name] = v
	}
	for _, name := range names {
		v, ok := table[name]
		if !ok {
			errs = append(errs, fmt.Errorf("unknown variant %q (known: %s)", name, strings.Join(VariantNames(), ", ")))
			continue
		}
		parts := []Variant{v}
		if v.mix != nil {
			parts = parts[:0]
			for _, n := range v.mix {
				parts = append(parts, table[n])
			}
		}
		for _, p := range parts {
			if other := groups[p.group]; p.group != "" && other != "" && other != p.Name {
				errs = append(errs, fmt.Errorf("variants %q and %q contradict each other", other, p.Name))
			}
			groups[p.group] = p.Name
			p.apply(&t)
		}
	}
	return t, errors.Join(errs...)
}
