package simulator

import "strconv"

// count answers set/$count: the number of rows of the filter as plain text.
func (x *exchange) count(r *read) error {
	n, err := x.b.memo.count(r.key, r.total)
	if err != nil {
		return err
	}
	x.w.Header().Set("OData-Version", "4.0")
	x.deliver("text/plain", &page{body: x.mark(strconv.AppendInt(nil, int64(x.wrong(n)), 10))})
	return nil
}

func (x *exchange) wrong(n int) int {
	if x.fx.wrongCount {
		return n - (n+9)/10
	}
	return n
}

// page renders one page, or finds it among the kept ones.
func (x *exchange) page(r *read) (*page, error) {
	key := ""
	if x.b.memo.keepPages {
		key = x.origin() + x.r.URL.RequestURI() + "|" + x.contentType() + "|" + strconv.Itoa(r.page)
	}
	if p := x.b.memo.rendered(key); p != nil {
		return p, nil
	}
	body, rows, err := x.render(r)
	if err != nil {
		return nil, err
	}
	p := &page{body: body, rows: rows}
	x.b.memo.keep(key, p)
	return p, nil
}

// rows answers with one page.
func (x *exchange) rows(r *read) error {
	p, err := x.page(r)
	if err != nil {
		return err
	}
	x.log.Rows = p.rows
	h := x.w.Header()
	h.Set("OData-Version", "4.0")
	h.Set("Cache-Control", "no-cache")
	if x.prefer > 0 {
		h.Set("Preference-Applied", "odata.maxpagesize="+strconv.Itoa(x.prefer))
	}
	x.deliver(x.contentType(), p)
	return nil
}

// layout is how a page's JSON is spaced. The indented form is the one that
// Microsoft's OData library writes: an entity's properties share a line.
type layout struct {
	open, openRows, openRow, closeRow, nextRow, closeRows, closeEmpty, close string
}

func (x *exchange) layout() layout {
	if x.b.traits.compact {
		return layout{open: "{", openRows: `"value":[`, openRow: "{", closeRow: "}", nextRow: ",", closeRows: "]", closeEmpty: "]", close: "}"}
	}
	return layout{
		open: "{\r\n  ", openRows: "\"value\":[\r\n    ", openRow: "{\r\n      ", closeRow: "\r\n    }", nextRow: ",",
		closeRows: "\r\n  ]", closeEmpty: "\r\n  ]", close: "\r\n}",
	}
}

// render makes one page and counts its rows.
func (x *exchange) render(r *read) ([]byte, int, error) {
	l := x.layout()
	rows, err := x.openRows(r)
	if err != nil {
		return nil, 0, err
	}
	limit := r.limit()
	if x.fx.shortPage && r.top > 1 {
		limit = min(limit, (r.top+1)/2)
	}
	if x.emptyPage(r) {
		limit = 0
	}
	if x.fx.errorInBody {
		limit = (limit + 1) / 2
	}
	b := make([]byte, 0, min(min(limit, r.to-r.from+1)*r.width(), maxPrealloc)+1024)
	b = append(b, l.open...)
	if !x.bare {
		b = append(b, `"@odata.context":`...)
		origin := x.origin()
		if x.fx.foreignContext {
			origin = x.s.ForeignOrigin()
		}
		b = appendString(b, origin+x.root+"/$metadata#"+r.set.name+r.choice, false)
		b = append(b, ',')
	}
	if r.count {
		n, err := x.b.memo.count(r.key, r.total)
		if err != nil {
			return nil, 0, err
		}
		b = append(b, `"@odata.count":`...)
		if x.style.ieee754 {
			// The count is an Int64, so it follows the same rule (JSON Format 4.0, section 4.5.4).
			b = append(strconv.AppendInt(append(b, '"'), int64(x.wrong(n)), 10), '"')
		} else {
			b = strconv.AppendInt(b, int64(x.wrong(n)), 10)
		}
		b = append(b, ',')
	}
	b = append(b, l.openRows...)
	w := newRowWriter(r, x.style, x.b.traits, l)
	n := 0
	var last int // where the last row begins, for faults
	for ; n < limit; n++ {
		at, ok, err := rows.next()
		if err != nil {
			return nil, 0, err
		}
		if !ok {
			break
		}
		if n > 0 {
			b = append(b, l.nextRow...)
		}
		last = len(b)
		b = w.append(b, at)
	}
	if n > 0 && (x.fx.badValue || x.fx.nullKey || x.fx.dropColumn) {
		b = w.spoil(b[:last], rows.last, x.fx)
	}
	if n == 0 {
		b = append(b, l.closeEmpty...)
	} else {
		b = append(b, l.closeRows...)
	}
	if x.fx.errorInBody {
		b = append(b, `,"error":{"code":"InternalServerError","message":"The stream was interrupted"}`...)
		return append(b, l.close...), n, nil
	}
	link, err := x.nextLink(r, rows, n)
	if err != nil {
		return nil, 0, err
	}
	if link != "" {
		b = append(b, `,"@odata.nextLink":`...)
		b = appendString(b, link, false)
	}
	return append(b, l.close...), n, nil
}

// maxPrealloc bounds what a page reserves before its first row.
const maxPrealloc = 16 << 20

// limit is the number of rows that this page may have.
func (r *read) limit() int {
	if r.top >= 0 {
		return max(0, min(r.page, r.top-r.done))
	}
	return r.page
}

// width guesses a row's bytes.
func (r *read) width() int {
	n := 24
	for _, i := range r.selected {
		n += len(r.set.props[i].name) + 20
	}
	return n
}

// cursor walks over the rows of a read, filtered or in order.
type cursor struct {
	r     *read
	scope *scope
	at    ref
	last  ref
	order []int32
	pos   int // position in order
}

// openRows places a cursor at the page's first row.
func (x *exchange) openRows(r *read) (*cursor, error) {
	c := &cursor{r: r, scope: r.scope()}
	if r.order != nil {
		order, err := x.b.memo.order(r.key, r.sorted)
		if err != nil {
			return nil, err
		}
		c.order = order
		c.pos = min(max(r.start, 0), len(order))
		if r.start < 0 {
			c.pos = min(r.skip, len(order))
		}
		return c, nil
	}
	switch row, known := x.b.memo.recall(r.resumeKey(r.skip)); {
	case r.start >= 0:
		c.at = r.data.at(min(max(r.start, r.from), r.to))
	case r.filter == nil:
		c.at = r.data.at(min(r.from+min(r.skip, r.to), r.to))
	case known && r.skip > 0:
		c.at = r.data.at(row)
	default:
		c.at = r.data.at(r.from)
		for range r.skip {
			if _, ok, err := c.next(); err != nil || !ok {
				return c, err
			}
		}
	}
	return c, nil
}

func (r *read) resumeKey(skip int) string { return r.key + "#" + strconv.Itoa(skip) }

// next is the next row; ok is false at the end.
func (c *cursor) next() (ref, bool, error) {
	at, ok, err := c.peek()
	if err == nil && ok {
		c.last = at
		if c.order != nil {
			c.pos++
		} else {
			c.at = c.r.data.next(at)
		}
	}
	return at, ok, err
}

// peek finds the next row without taking it.
func (c *cursor) peek() (ref, bool, error) {
	if c.r.order != nil {
		if c.pos >= len(c.order) {
			return ref{}, false, nil
		}
		return c.r.data.at(int(c.order[c.pos])), true, nil
	}
	if c.at.i >= c.r.to {
		return c.at, false, nil
	}
	at, ok, err := c.r.find(c.scope, c.at)
	if ok {
		c.at = at
	}
	return at, ok, err
}

// place is what a link must hold to go on here.
func (c *cursor) place() int {
	if c.r.order != nil {
		return c.pos
	}
	return c.at.i
}
