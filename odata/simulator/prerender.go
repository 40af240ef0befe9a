package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Warm renders a whole read ahead of its first request, so that a benchmark
// measures its client. The request is what follows the service root, for
// instance "devicePropertyHistories?api-version=v1.0"; a client that sends the
// same options in the same order gets the kept bytes. It needs the option
// Prerender and a started service; requests of Warm are not logged. It tells
// the number of pages and of bytes before compression.
func (s *Server) Warm(ctx context.Context, request string, zipped bool) (pages int, size int64, err error) {
	root := s.URL()
	b := s.state.Load()
	switch {
	case root == "":
		return 0, 0, errors.New("the sample service has not been started")
	case !b.memo.keepPages:
		return 0, 0, errors.New("the sample service keeps no pages: the option Prerender is off, or faults are in force")
	}
	for link := root + "/" + request; link != ""; {
		if err := ctx.Err(); err != nil {
			return pages, size, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
		if err != nil {
			return pages, size, fmt.Errorf("rendering %s: %w", link, err)
		}
		req.RequestURI = req.URL.RequestURI()
		x := &exchange{s: s, b: b, r: req, fx: &effects{}}
		p, err := x.prerender()
		if err != nil {
			return pages, size, fmt.Errorf("rendering %s: %w", link, err)
		}
		if zipped {
			p.gzip()
		}
		pages++
		size += int64(len(p.body))
		if link, err = nextOf(p.body, link); err != nil {
			return pages, size, err
		}
	}
	return pages, size, nil
}

// prerender makes and keeps the page that the request asks for.
func (x *exchange) prerender() (*page, error) {
	rest := ""
	for _, root := range x.s.roots() {
		if r, ok := strings.CutPrefix(x.r.URL.Path, root+"/"); ok {
			x.root, rest = root, r
		}
	}
	q, err := parseOptions(x.r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	x.q = q
	if err := x.chooseModel(); err != nil {
		return nil, err
	}
	r, err := x.newRead(kindRows, rest)
	if err != nil {
		return nil, err
	}
	return x.page(r)
}

// nextOf finds the link at the end of a body.
func nextOf(body []byte, base string) (string, error) {
	tail := string(body[max(0, len(body)-4096):])
	_, quoted, ok := strings.Cut(tail, `,"@odata.nextLink":`)
	if !ok {
		return "", nil
	}
	var link string
	if err := json.NewDecoder(strings.NewReader(quoted)).Decode(&link); err != nil {
		return "", fmt.Errorf("link of a rendered page: %w", err)
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("link of a rendered page: %w", err)
	}
	next, err := u.Parse(link)
	if err != nil {
		return "", fmt.Errorf("link of a rendered page: %w", err)
	}
	return next.String(), nil
}
