package odata

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// inflater takes the gzip off a body. It is ours rather than net/http's because the standard library's inflate takes as much time
// as decoding the JSON. Readers are pooled: each holds tables of 40 KB.
type inflater struct {
	pool *sync.Pool
	body io.ReadCloser
	gz   *gzip.Reader // nil before the first read
	err  error
}

// inflate wraps a body by what its header says; an encoding that was not asked for is an error.
func inflate(pool *sync.Pool, h http.Header, body io.ReadCloser) (io.ReadCloser, error) {
	switch enc := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))); enc {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return &inflater{pool: pool, body: body}, nil
	default:
		return body, fmt.Errorf("the answer is encoded as %q, which was not asked for", enc)
	}
}

func (z *inflater) Read(p []byte) (int, error) {
	if z.err != nil {
		return 0, z.err
	}
	if z.gz == nil {
		gz, _ := z.pool.Get().(*gzip.Reader)
		if gz == nil {
			gz = new(gzip.Reader)
		}
		if z.err = gz.Reset(z.body); z.err != nil {
			if errors.Is(z.err, io.EOF) && !errors.Is(z.err, io.ErrUnexpectedEOF) {
				return 0, z.err // an empty body
			}
			return 0, fmt.Errorf("gzip: %w", z.err)
		}
		z.gz = gz
	}
	n, err := z.gz.Read(p)
	z.err = err
	return n, err
}

// Close closes the body. Idempotent.
func (z *inflater) Close() error {
	if z.gz != nil {
		z.pool.Put(z.gz)
		z.gz = nil
		z.err = http.ErrBodyReadAfterClose
	}
	return z.body.Close()
}
