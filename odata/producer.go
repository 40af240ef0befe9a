package odata

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"strings"
	"time"
)

var (
	errSpool      = errors.New("an answer cannot be kept aside")
	errSpoolLimit = fmt.Errorf("%w", errSpool)
)

const (
	maxEmptyPages = 2  // in a row, each with a link to the next
	maxResumes    = 2  // of one page, without a row of progress between them
	maxURLs       = 16 // kept in Stats
)

// producer reads the pages of one answer and fills the reader's queue. All of it runs in one goroutine.
type producer struct {
	r    *reader
	c    *Client
	k    *call
	d    *decoder
	link *url.URL
	seen map[uint64]struct{} // links followed, hashed
	seed maphash.Seed

	rows   int64    // of the answer so far
	empty  int      // pages in a row
	before progress // the page before
	lent   bool     // the reader has the batch for the time being
	hasTop bool
	top    int64
	buffer int // bytes of the decoder's buffer that are charged
	src    *source
}

// progress is a number of entities of a page and the digest of their text.
type progress struct {
	rows   int64
	digest uint64
}

func newProducer(r *reader, first *url.URL) *producer {
	p := &producer{r: r, c: r.c, link: first, seen: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
	p.k = &call{set: r.req.Query.EntitySet, accept: r.c.accept(r.req), sent: p.sent}
	p.d = newDecoder(p.k.set, r.req.Columns, r.c.conf.Limits)
	if t := r.req.Query.Top; t != nil {
		p.hasTop, p.top = true, *t
	}
	return p
}

// sent notes a request in the statistics.
func (p *producer) sent(u string) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	s := &p.r.stats
	s.Requests, s.Retries = p.k.requests, p.k.retries
	if len(s.URLs) < maxURLs {
		s.URLs = append(s.URLs, u)
	}
}

func (p *producer) run() {
	r := p.r
	err := p.read()
	// Rows before a fault are delivered before it: who reads no further never learns of it.
	if e := p.emit(nil); err == nil {
		err = e
	}
	r.mu.Lock()
	if r.ctx.Err() != nil && err != nil {
		var closed *Error
		if cause := context.Cause(r.ctx); errors.As(cause, &closed) && closed.Kind == KindClosed {
			err = closed
		}
	}
	r.done, r.err = true, err
	r.stats.Requests, r.stats.Retries = p.k.requests, p.k.retries
	r.req.Budget.Shrink(int64(p.buffer))
	r.mu.Unlock()
	close(r.exited)
	signal(r.wake)
}

// read follows the pages to their end.
func (p *producer) read() error {
	if p.hasTop && p.top <= 0 {
		return nil // services that return everything for $top=0 have been seen
	}
	if err := p.pay(minBuffer); err != nil {
		return err
	}
	p.begin()
	for {
		p.mark(p.link)
		g, at, err := p.page()
		if err != nil {
			return err
		}
		if p.enough() || g.next == "" {
			return nil
		}
		if err := p.follow(g, at); err != nil {
			return err
		}
	}
}

// pay charges for the decoder's buffer.
func (p *producer) pay(n int) error {
	if err := p.r.req.Budget.Grow(int64(n)); err != nil {
		return err
	}
	p.buffer += n
	return nil
}

// enough reports whether all rows of $top are there. Links to more have been seen after them, and services that ignore $top.
// Whether fewer rows are all that there are is for the reader's user to judge.
func (p *producer) enough() bool { return p.hasTop && p.rows >= p.top }

// mark notes a link as used; p.seen must not hold it yet.
func (p *producer) mark(u *url.URL) { p.seen[maphash.String(p.seed, u.String())] = struct{}{} }

// follow goes on to the next page. Its link is the service's own text: it is resolved against the request, and nothing is added.
func (p *producer) follow(g *page, at *url.URL) error {
	if len(g.next) > maxLink {
		return p.c.fault(p.k, at, &Error{Kind: KindLimit, Message: "the link to the next page is too long"})
	}
	next, err := at.Parse(g.next)
	if err != nil {
		return p.c.fault(p.k, at, &Error{Kind: KindMalformed, Message: "the link to the next page cannot be read"})
	}
	next.Fragment, next.RawFragment = "", ""
	next.RawQuery = sendable(next.RawQuery)
	if _, used := p.seen[maphash.String(p.seed, next.String())]; used {
		return p.c.fault(p.k, at, &Error{Kind: KindEndlessLink, Message: "the link to the next page has been followed before"})
	}
	if now := (progress{g.rows, g.digest}); g.rows > 0 {
		if p.r.req.WholeKey && now == p.before {
			return p.c.fault(p.k, at, &Error{Kind: KindEndlessLink, Message: "the next page is the page before once more, and links to another"})
		}
		p.before = now
		p.empty = 0
	} else if p.empty++; p.empty >= maxEmptyPages {
		return p.c.fault(p.k, at, &Error{Kind: KindEndlessLink, Message: fmt.Sprintf("%d pages in a row are empty and link to another", p.empty)})
	}
	p.link = next
	if p.r.req.RowLimit > 0 {
		return p.demand()
	}
	return nil
}

// demand waits until the consumer has nothing left and asks for more.
func (p *producer) demand() error {
	p.lend()
	r := p.r
	for {
		r.mu.Lock()
		wanted := r.waiting && len(r.queue) == 0 && r.partial == nil
		r.mu.Unlock()
		if wanted {
			p.reclaim()
			return nil
		}
		select {
		case <-r.room:
		case <-r.ctx.Done():
			return canceled(r.ctx, p.c.conf.Name)
		}
	}
}

// page reads one page, and reads it again if it breaks off. at is the address that it came from in the end.
func (p *producer) page() (g *page, at *url.URL, err error) {
	var had progress // entities of this page that were taken from an earlier reading
	resumes := 0
	for {
		var res *response
		p.lend()
		res, err = p.c.get(p.r.ctx, p.link, p.k)
		p.reclaim()
		if e := AsError(err); e != nil && (e.Status == http.StatusNotAcceptable || e.Status == http.StatusUnsupportedMediaType) && p.k.accept != acceptJSON {
			p.k.accept = acceptJSON // the service does not know IEEE754Compatible
			p.k.retries++
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		at = res.url
		g, err = p.body(res, had)
		if err == nil {
			p.pageRead(g)
			return g, at, nil
		}
		if !broken(err) || p.r.ctx.Err() != nil {
			return nil, nil, p.c.pageFault(p.r.ctx, p.k, res, g, err)
		}
		if g.rows > had.rows {
			had, resumes = progress{g.rows, g.digest}, 0
		}
		if resumes++; resumes > maxResumes {
			return nil, nil, p.c.pageFault(p.r.ctx, p.k, res, g, err)
		}
		p.k.retries++
		if !pause(p.r.ctx, p.c.conf.Retry.backoff(resumes)) {
			return nil, nil, canceled(p.r.ctx, p.c.conf.Name)
		}
	}
}

func (p *producer) pageRead(g *page) {
	r := p.r
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Pages++
	if g.count >= 0 && r.stats.Count < 0 {
		r.stats.Count = g.count
	}
}

// broken reports whether a body ended in a way that reading it again may mend.
func broken(err error) bool {
	var me *malformedError
	var ve *valueError
	var oe *Error
	return !errors.As(err, &me) && !errors.As(err, &ve) && !errors.As(err, &oe) && !errors.Is(err, errSpool) &&
		!errors.Is(err, errDepth) && !errors.Is(err, errRowSize) && !errors.Is(err, errValSize) && !isBudget(err)
}

// errChanged says that a page which had broken off is not the same the second time.
var errChanged = &malformedError{text: "the answer broke off, and was another when it was read again"}

// body reads the entities of one response. Those of had were delivered already.
func (p *producer) body(res *response, had progress) (*page, error) {
	p.src = &source{res: res, spool: spool{dir: p.c.conf.Limits.SpoolDir, disk: p.c.conf.Limits.Disk, limit: p.c.conf.Limits.SpoolBytes}}
	defer p.src.close()
	g := newPage(p.d, p.src, p.r.req.Singleton, p.lend)
	g.pay = p.pay
	p.d.omitNulls = strings.Contains(res.header.Get("Preference-Applied"), "omit-values=nulls")
	p.src.back = p.reclaim
	if res.status == http.StatusNoContent {
		g.sawValue = true
		return g, nil
	}
	started, waited := time.Now(), time.Duration(0)
	defer func() {
		r := p.r
		r.mu.Lock()
		r.stats.Bytes += g.bytes
		r.stats.Decoding += time.Since(started) - p.src.waited - waited
		r.mu.Unlock()
	}()
	for {
		size, ok, err := g.nextRow()
		if err != nil && p.enough() {
			return g, nil // whatever follows the last row that was asked for
		}
		if err != nil || !ok {
			if err == nil && g.rows < had.rows {
				err = errChanged
			}
			return g, err
		}
		if g.rows <= had.rows {
			if g.rows == had.rows && g.digest != had.digest {
				return g, errChanged
			}
			p.d.rewind()
			continue
		}
		if p.enough() {
			p.d.rewind()
			return g, nil // surplus; the response is closed unread
		}
		p.rows++
		p.d.commit(size)
		if p.d.full() || p.enough() {
			before := time.Now()
			if err := p.emit(p.src); err != nil {
				return g, err
			}
			waited += time.Since(before)
		}
	}
}
