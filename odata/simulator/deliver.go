package simulator

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// faultsAnswer waits and answers as the faults in force want; it is false when
// the request is to be answered in earnest.
func (x *exchange) faultsAnswer(kind requestKind, page int) bool {
	x.fx = x.b.effects(kind, page)
	x.log.Faults = x.fx.names
	if wait := x.s.opts.Latency + x.fx.delay; wait > 0 {
		x.wait(wait)
	}
	switch x.fx.body {
	case bodyResetAtOnce:
		x.reset()
		return true
	case bodyNever:
		x.record()
		x.hang()
		return true
	default:
	}
	r := x.fx.reply
	if r == nil {
		return false
	}
	for name, v := range r.header {
		switch v {
		case originForeign:
			v = x.s.ForeignOrigin() + x.r.URL.RequestURI()
		case originMain:
			v = x.origin() + x.r.URL.RequestURI()
		}
		x.w.Header().Set(name, v)
	}
	x.send(r.status, r.contentType, []byte(r.body))
	return true
}

// send writes a small answer as it is.
func (x *exchange) send(status int, contentType string, body []byte) {
	if contentType != "" {
		x.w.Header().Set("Content-Type", contentType)
	} else {
		x.w.Header()["Content-Type"] = nil
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.log.Status = status
	x.w.WriteHeader(status)
	n, _ := x.w.Write(body)
	x.log.Bytes = int64(n)
}

// deliver writes a 200 with the body faults that apply, compressed when the client takes gzip.
func (x *exchange) deliver(contentType string, p *page) {
	h, body, zip := x.w.Header(), p.body, p.gzip
	h.Set("Content-Type", contentType)
	x.log.Status = http.StatusOK
	switch x.fx.body {
	case bodyWhole, bodyResetAtOnce, bodyNever:
	case bodyTruncated:
		body = body[:len(body)*2/3]
	case bodyMalformed:
		body = malformed(body)
	case bodyTrailing:
		body = append(body[:len(body):len(body)], "}]"...)
	case bodyPlainText:
		h.Set("Content-Type", "text/plain; charset=utf-8")
	case bodyEOF, bodyReset, bodyStalled:
		x.cutOff(body)
		return
	case bodySlow:
		x.pieces(body, len(body)/20+1, 20*time.Millisecond)
		return
	}
	if len(body) != len(p.body) || x.fx.body == bodyMalformed {
		zip = (&page{body: body}).gzip
	}
	if !acceptsGzip(x.r.Header) || len(body) < 512 {
		x.write(body)
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	x.log.Gzip = true
	x.write(zip())
}

// write sends a body at once, or in pieces in one variant.
func (x *exchange) write(body []byte) {
	if x.b.traits.chunked {
		x.pieces(body, 1000, 0)
		return
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	n, _ := x.w.Write(body)
	x.log.Bytes = int64(n)
}

// pieces sends a body bit by bit, pausing between.
func (x *exchange) pieces(body []byte, size int, pause time.Duration) {
	flush := http.NewResponseController(x.w).Flush
	for len(body) > 0 && x.r.Context().Err() == nil {
		n, err := x.w.Write(body[:min(size, len(body))])
		x.log.Bytes += int64(n)
		if err != nil || flush() != nil {
			return
		}
		if body = body[n:]; pause > 0 {
			x.wait(pause)
		}
	}
}

// wait passes time, unless the client or the service ends before.
func (x *exchange) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.r.Context().Done():
	case <-x.s.done:
	}
}

// hang waits until the client or the service ends.
func (x *exchange) hang() {
	select {
	case <-x.r.Context().Done():
	case <-x.s.done:
	}
}

func acceptsGzip(h http.Header) bool {
	for part := range strings.SplitSeq(h.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if (name == "gzip" || name == "*") && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// malformed takes away the brace that ends the row in the middle.
func malformed(body []byte) []byte {
	half := len(body) / 2
	i := bytes.IndexByte(body[half:], '}')
	if i < 0 {
		return body[:half]
	}
	out := append([]byte{}, body[:half+i]...)
	return append(out, body[half+i+1:]...)
}

// cutOff promises a whole body, sends half of it, and then ends, resets or stalls the connection.
func (x *exchange) cutOff(body []byte) {
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	n, _ := x.w.Write(body[:len(body)/2])
	x.log.Bytes = int64(n)
	x.record()
	if err := http.NewResponseController(x.w).Flush(); err != nil {
		return
	}
	switch x.fx.body {
	case bodyReset:
		x.reset()
	case bodyStalled:
		x.hang()
	default:
		// Returning early makes net/http close the connection, since fewer
		// bytes were written than promised.
	}
}

// reset breaks the connection so that the client's kernel sees RST, not an orderly end.
func (x *exchange) reset() {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
