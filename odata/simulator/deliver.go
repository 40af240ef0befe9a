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
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-x.r.Context().Done():
		case <-x.s.done:
		}
	}
	if x.fx.body == bodyResetAtOnce {
		x.reset()
		return true
	}
	r := x.fx.reply
	if r == nil {
		return false
	}
	for name, v := range r.header {
		if v == originForeign {
			v = x.s.ForeignOrigin() + x.r.URL.RequestURI()
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
	case bodyWhole, bodyResetAtOnce:
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
	}
	if len(body) != len(p.body) || x.fx.body == bodyMalformed {
		zip = (&page{body: body}).gzip
	}
	if !acceptsGzip(x.r.Header) || len(body) < 512 {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		n, _ := x.w.Write(body)
		x.log.Bytes = int64(n)
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	x.log.Gzip = true
	body = zip()
	h.Set("Content-Length", strconv.Itoa(len(body)))
	n, _ := x.w.Write(body)
	x.log.Bytes = int64(n)
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
		select {
		case <-x.r.Context().Done():
		case <-x.s.done:
		}
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
