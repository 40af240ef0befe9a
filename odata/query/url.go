package query

import (
	"fmt"
	"strconv"
	"strings"
)

// URL is the address of the query under a service root.
func (q Query) URL(root string) (string, error) {
	rel, err := q.Relative()
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(root, "/") + "/" + rel, nil
}

// Relative is the address relative to the service root, without a leading slash: devices?api-version=v1.0&$top=5. Custom
// options come first, then $filter, $select, $orderby, $top, $skip, $count.
func (q Query) Relative() (string, error) {
	if q.EntitySet == "" {
		return "", fmt.Errorf("query: no entity set")
	}
	w := &writer{url: true}
	w.value([]byte(q.EntitySet))
	if q.Count == CountOnly {
		w.text("/$count")
	}
	sep := "?"
	option := func(name string) {
		w.text(sep)
		w.text(name)
		w.text("=")
		sep = "&"
	}
	for _, c := range q.Custom {
		option(string(appendEscaped(nil, []byte(c.Name))))
		w.value([]byte(c.Value))
	}
	if q.Filter != nil {
		option("$filter")
		w.expr(q.Filter, precNone)
	}
	// A count alone is affected by $filter only; services refuse or ignore the rest there.
	if q.Count != CountOnly {
		q.shape(w, option)
	}
	if w.err != nil {
		return "", w.err
	}
	return string(w.buf), nil
}

func (q Query) shape(w *writer, option func(string)) {
	if len(q.Select) > 0 {
		option("$select")
		for i, p := range q.Select {
			if i > 0 {
				w.text(",")
			}
			w.path(p)
		}
	}
	if len(q.OrderBy) > 0 {
		option("$orderby")
		for i, o := range q.OrderBy {
			if i > 0 {
				w.text(",")
			}
			w.path(o.Path)
			if o.Desc {
				w.blank()
				w.text("desc")
			}
		}
	}
	if q.Top != nil {
		option("$top")
		w.text(strconv.FormatInt(*q.Top, 10))
	}
	if q.Skip != nil {
		option("$skip")
		w.text(strconv.FormatInt(*q.Skip, 10))
	}
	if q.Count == CountInline {
		option("$count")
		w.text("true")
	}
}

// Len is the length in bytes of the query's URL under a root, for limits and splits.
func (q Query) Len(root string) (int, error) {
	u, err := q.URL(root)
	return len(u), err
}

// Canonical is a text that two queries share if and only if they ask the same.
func (q Query) Canonical() string {
	rel, err := q.Relative()
	if err != nil {
		return "! " + err.Error()
	}
	return rel
}

const upperHex = "0123456789ABCDEF"

// appendEscaped percent-encodes everything but unreserved characters and the delimiters that are legal in a query and carry no
// meaning for OData's option syntax. Blank is %20, never plus: some services take plus literally.
func appendEscaped(dst, s []byte) []byte {
	for _, c := range s {
		if plain(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

func plain(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~$,'():", c) >= 0
}
