package odata

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Sizes of the buffer that a body goes through.
const (
	minBuffer = 64 << 10
	bom       = "\xEF\xBB\xBF"
)

// errTruncated says that a body ended before its JSON did.
var errTruncated = errors.New("the answer ends early")

// page reads one response body: {"value":[…]} with control information before and after, or, of a singleton, the entity
// itself.
type page struct {
	d         *decoder
	src       io.Reader
	singleton bool
	// wait is called before every read that may block.
	wait func()
	// pay is called before the buffer grows by so many bytes. Nil: nobody pays.
	pay func(n int) error

	pos   int // in d.buf
	eof   bool
	bytes int64
	state pageState

	next     string // the link to the next page
	count    int64  // -1 without one
	sawValue bool
	failure  *Error // an error object

	rows   int64 // entities read
	digest uint64
}

type pageState uint8

const (
	atStart  pageState = iota
	atMember           // before a member of the outer object
	behindMember
	inValue // before an entity
	behindEntity
	atEnd // behind the outer object
)

func newPage(d *decoder, src io.Reader, singleton bool, wait func()) *page {
	if d.buf == nil {
		d.buf = make([]byte, minBuffer)
	}
	clear(d.buf[:slack])
	d.end = 0
	return &page{d: d, src: src, singleton: singleton, wait: wait, count: -1}
}

// fill reads more bytes behind those not yet used.
func (g *page) fill() error {
	d := g.d
	if g.eof {
		return errTruncated
	}
	if g.pos > 0 {
		copy(d.buf, d.buf[g.pos:d.end])
		d.end -= g.pos
		g.pos = 0
	}
	if d.end > (len(d.buf)-slack)/2 {
		if d.end > d.limits.RowBytes {
			return errRowSize
		}
		if g.pay != nil {
			if err := g.pay(len(d.buf)); err != nil {
				return err
			}
		}
		bigger := make([]byte, 2*len(d.buf))
		copy(bigger, d.buf[:d.end])
		d.buf = bigger
	}
	g.wait()
	for range 100 {
		n, err := g.src.Read(d.buf[d.end : len(d.buf)-slack])
		d.end += n
		g.bytes += int64(n)
		clear(d.buf[d.end : d.end+slack])
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			g.eof = true
			return nil
		case err != nil:
			return err
		case n > 0:
			return nil
		}
	}
	return io.ErrNoProgress
}

// step runs f, which takes the place to read at and returns the place behind, until the buffer holds enough for it.
func (g *page) step(f func(p int) int) error {
	for {
		p := f(g.pos)
		if p >= 0 {
			g.pos = p
			return nil
		}
		if err := g.d.err; err != nil {
			return err
		}
		if err := g.fill(); err != nil {
			return err
		}
	}
}

// nextRow reads on to the next entity, which then is the uncommitted row of the batch; size is its length. At the end of the
// body it returns false.
func (g *page) nextRow() (size int, ok bool, err error) {
	d := g.d
	for {
		switch g.state {
		case behindEntity, inValue:
			// The common case, without the cost of a closure.
			p := d.space(g.pos)
			if g.state == behindEntity {
				switch d.buf[p] {
				case ',':
					g.pos, g.state = p+1, inValue
					continue
				case ']':
					g.pos, g.state = p+1, behindMember
					continue
				}
				if d.unexpected(p, "a comma or ]"); d.err != nil {
					return 0, false, d.err
				}
				if err := g.fill(); err != nil {
					return 0, false, err
				}
				continue
			}
			if d.buf[p] == ']' && g.rows == 0 {
				g.pos, g.state = p+1, behindMember
				continue
			}
			g.pos = p
			q := d.row(p)
			if q >= 0 {
				g.pos, g.state = q, behindEntity
				g.rows++
				g.digest = g.digest*0x9E3779B97F4A7C15 + d.hash(p, q)
				return q - p, true, nil
			}
			if d.err != nil {
				return 0, false, g.rowError()
			}
			if err := g.fill(); err != nil {
				return 0, false, err
			}
		case atEnd:
			return 0, false, g.trailer()
		default:
			if size, ok, err = g.outer(); err != nil || ok {
				return size, ok, err
			}
		}
	}
}

// rowError gives an error object that stands among the entities its message.
func (g *page) rowError() error {
	var se *streamError
	if errors.As(g.d.err, &se) {
		if e := errorFromObject(g.d.buf[se.at:g.d.end]); e != nil {
			g.failure = e
		} else {
			g.failure = &Error{Kind: KindServerError, Message: se.Error()}
		}
		return g.failure
	}
	return g.d.err
}

// outer reads around the entities.
func (g *page) outer() (size int, ok bool, err error) {
	d := g.d
	switch g.state {
	case atStart:
		err = g.step(func(p int) int {
			if d.end-p < len(bom) && !g.eof {
				return -1
			}
			if bytes.HasPrefix(d.buf[p:d.end], []byte(bom)) {
				p += len(bom)
			}
			if p = d.space(p); d.buf[p] == '{' {
				return p
			}
			if p < d.end && d.buf[p] == '<' {
				return d.malformed(p, "the answer is XML or HTML, not JSON")
			}
			return d.unexpected(p, "an object")
		})
		if err != nil {
			return 0, false, err
		}
		if g.singleton {
			return g.single()
		}
		g.pos++
		g.state = atMember
		err = g.step(func(p int) int {
			if p = d.space(p); d.buf[p] == '}' {
				g.state = atEnd
				return p + 1
			}
			if p >= d.end {
				return -1
			}
			return p
		})
	case atMember:
		err = g.member()
	default: // behindMember
		err = g.step(func(p int) int {
			switch p = d.space(p); d.buf[p] {
			case ',':
				if q := d.space(p + 1); q < d.end {
					g.state = atMember
					return q
				}
				return -1
			case '}':
				g.state = atEnd
				return p + 1
			}
			return d.unexpected(p, "a comma or }")
		})
	}
	return 0, false, err
}

// single reads the outer object as the entity.
func (g *page) single() (size int, ok bool, err error) {
	start := 0
	err = g.step(func(p int) int {
		q := g.d.row(p)
		start = p
		return q
	})
	if err != nil {
		if g.d.err != nil {
			err = g.rowError()
		}
		return 0, false, err
	}
	g.state, g.sawValue, g.rows = atEnd, true, 1
	g.digest = g.d.hash(start, g.pos)
	return g.pos - start, true, nil
}

// member reads a member of the outer object, whole, or up to the entities.
func (g *page) member() error {
	d := g.d
	return g.step(func(p int) int {
		raw, q := d.key(p)
		if q < 0 {
			return -1
		}
		name := string(raw)
		if strings.IndexByte(name, '\\') >= 0 {
			text, ok := unescape(nil, raw)
			if !ok {
				return d.malformed(p, "a property name with half a surrogate pair")
			}
			name = string(text)
		}
		if name == "value" && d.buf[q] == '[' {
			if g.sawValue {
				return d.malformed(p, "value comes twice")
			}
			g.sawValue, g.state = true, inValue
			return q + 1
		}
		end := d.skip(q, 1)
		if end < 0 {
			return -1
		}
		if end >= d.end && !g.eof { // what stands behind decides nothing, but a number must be known to have ended
			return -1
		}
		g.state = behindMember
		return g.control(name, q, end)
	})
}

// control takes in control information. 4.0 spells it @odata.nextLink, 4.01 @nextLink.
func (g *page) control(name string, from, end int) int {
	d := g.d
	raw := d.buf[from:end]
	switch strings.TrimPrefix(strings.TrimPrefix(name, "@"), "odata.") {
	case "nextLink":
		if name[0] != '@' || string(raw) == "null" {
			break
		}
		var link string
		if json.Unmarshal(raw, &link) != nil || link == "" {
			return d.malformed(from, "a next link that is no text")
		}
		if g.next != "" && g.next != link {
			return d.malformed(from, "two different next links")
		}
		g.next = link
	case "count":
		if name[0] != '@' {
			break
		}
		n, ok := wholeNumber(bytes.Trim(raw, `"`))
		if !ok || n < 0 {
			return d.malformed(from, "a count that is no number")
		}
		g.count = n
	case "error":
		if e := errorFromObject(raw); e != nil {
			g.failure = e
			d.err = e
			return -1
		}
	case "value":
		if name == "value" {
			return d.malformed(from, "value is not a list of entities")
		}
	}
	return end
}

// trailer checks that nothing but white space follows, and reads to the very end, so that a broken transfer is noticed and the
// connection can be used again.
func (g *page) trailer() error {
	d := g.d
	for {
		p := d.space(g.pos)
		if p < d.end {
			d.malformed(p, "%q behind the end of the answer", d.buf[p])
			return d.err
		}
		g.pos = p
		if g.eof {
			if !g.sawValue {
				return &malformedError{text: "the answer has no list of entities (value)"}
			}
			return nil
		}
		if err := g.fill(); err != nil {
			return err
		}
	}
}

// offset is a place in the buffer as a place in the body, for messages.
func (g *page) offset(p int) string {
	return "byte " + strconv.FormatInt(g.bytes-int64(g.d.end)+int64(p), 10)
}

// describeRow names the entity at the place read, by the columns of its key that came before the fault, else by its number.
func (g *page) describeRow() string {
	d := g.d
	saved := d.err
	defer func() { d.err = saved }()
	d.err = nil
	var key []string
	p := d.space(g.pos)
	if d.buf[p] == '{' {
		p = d.space(p + 1)
	}
	for p < d.end && d.buf[p] == '"' {
		name, q := d.key(p)
		if q < 0 {
			break
		}
		end := d.skip(q, 4)
		if end < 0 {
			break
		}
		for _, s := range d.slots {
			if s.col.Key && s.name == string(name) {
				key = append(key, s.name+"="+sample(d.buf[q:end]))
			}
		}
		if p = d.space(end); d.buf[p] != ',' {
			break
		}
		p = d.space(p + 1)
	}
	row := "row " + strconv.FormatInt(g.rows+1, 10) + " of its page"
	if len(key) > 0 {
		row += " (" + scrub(strings.Join(key, ", ")) + ")"
	}
	return row
}
