package simulator

import (
	"strconv"
	"strings"
)

// nextLink is the link at the end of a page of n rows; empty at the end of the read.
func (x *exchange) nextLink(r *read, c *cursor, n int) (string, error) {
	if x.fx.shortPage && r.top > 1 {
		return "", nil
	}
	more := false
	if r.top < 0 || r.done+n < r.top {
		_, ok, err := c.peek()
		if err != nil {
			return "", err
		}
		more = ok
		if x.b.traits.emptyPages && !x.emptyPage(r) {
			more = true
		}
	}
	switch x.fx.link {
	case linkHonest:
	case linkRepeated:
		if more {
			return x.origin() + x.r.URL.RequestURI(), nil
		}
	case linkEndless:
		more = true
		n = max(n, 1) // so that links by $skip are new ones, too
	case linkForeign:
		if more {
			return x.s.ForeignOrigin() + x.root + "/" + r.set.name + "?" + x.linkQuery(r, c, n), nil
		}
	}
	if !more {
		return "", nil
	}
	link := r.set.name + "?" + x.linkQuery(r, c, n)
	origin := x.origin()
	switch {
	case x.b.traits.linkRelative:
		return link, nil
	case x.b.traits.linkSecondHost && x.s.SecondOrigin() != "":
		origin = x.s.SecondOrigin()
	}
	return origin + x.root + "/" + link, nil
}

// emptyPage tells whether this page has no rows, whatever there is: every second one in one variant.
func (x *exchange) emptyPage(r *read) bool { return x.b.traits.emptyPages && r.pageNo%2 == 0 }

// linkQuery repeats the request's options as they were sent and adds where to go on.
func (x *exchange) linkQuery(r *read, c *cursor, n int) string {
	t := x.b.traits
	bySkip := t.linkBySkip && !t.emptyPages && r.start < 0
	var parts []string
	for _, p := range x.q.pairs {
		switch {
		case p.name == "$skiptoken", p.name == "$skip", p.name == "$top" && bySkip, p.name == linkVersionOption:
		case t.linkNoVersion && strings.EqualFold(p.name, "api-version"):
		default:
			parts = append(parts, p.raw)
		}
	}
	if !bySkip {
		token := continuation{at: c.place(), done: r.done + n, page: r.pageNo + 1, version: x.model.version}
		return strings.Join(append(parts, "$skiptoken="+token.String()), "&")
	}
	if r.filter != nil && r.order == nil {
		x.b.memo.remember(r.resumeKey(r.skip+n), c.place())
	}
	parts = append(parts, "$skip="+strconv.Itoa(r.skip+n))
	if r.top >= 0 {
		parts = append(parts, "$top="+strconv.Itoa(r.top-n))
	}
	if t.linkNoVersion && x.model.version != "" {
		parts = append(parts, linkVersionOption+"="+x.model.version)
	}
	return strings.Join(parts, "&")
}
