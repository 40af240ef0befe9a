package odata

import (
	"errors"
	"io"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// begin starts a batch, a used one if there is one.
func (p *producer) begin() {
	r := p.r
	var b *vector.Batch
	r.mu.Lock()
	if n := len(r.spare); n > 0 {
		b, r.spare = r.spare[n-1], r.spare[:n-1]
	}
	r.mu.Unlock()
	p.d.begin(b)
}

// lend lets the consumer have the rows read so far while the producer waits for the service.
func (p *producer) lend() {
	if p.d.rows == 0 || p.lent {
		return
	}
	b := p.d.seal()
	p.lent = true
	r := p.r
	r.mu.Lock()
	r.partial = b
	p.passNotices()
	r.mu.Unlock()
	signal(r.wake)
}

// reclaim goes on with a batch that was lent out, or begins another if the consumer took it.
func (p *producer) reclaim() {
	if !p.lent {
		return
	}
	p.lent = false
	r := p.r
	r.mu.Lock()
	kept := r.partial == p.d.batch
	r.partial = nil
	r.mu.Unlock()
	if kept {
		p.d.reopen()
		return
	}
	p.begin()
}

// passNotices is called with the reader locked.
func (p *producer) passNotices() {
	p.r.notices = append(p.r.notices, p.d.notices...)
	p.d.notices = p.d.notices[:0]
}

// emit hands the batch up, waiting for room in the queue. src, where it is not nil, is the response that is held meanwhile; it is
// read aside when its connection is needed by others.
func (p *producer) emit(src *source) error {
	r := p.r
	if p.d.batch == nil || p.d.rows == 0 {
		r.mu.Lock()
		p.passNotices()
		r.mu.Unlock()
		return nil
	}
	b := p.d.seal()
	size := b.MemBytes()
	for {
		r.mu.Lock()
		if len(r.queue) == 0 || (r.queued+size <= p.c.conf.Limits.PrefetchBytes && r.req.RowLimit <= 0) {
			err := p.charge(b, size)
			if err == nil || len(r.queue) == 0 {
				if err == nil {
					r.queue = append(r.queue, b)
					r.queued += size
					p.passNotices()
				}
				r.mu.Unlock()
				if err != nil {
					return err
				}
				signal(r.wake)
				p.begin()
				return nil
			}
		}
		r.mu.Unlock()
		if err := p.wait(src); err != nil {
			return err
		}
	}
}

// charge pays for a batch; it is called with the reader locked. What lies ready for reuse is given back first.
func (p *producer) charge(b *vector.Batch, size int64) error {
	r := p.r
	budget := r.req.Budget
	grow := size - r.charged[b]
	err := budget.Grow(grow)
	if err != nil && len(r.spare) > 0 {
		for _, s := range r.spare {
			budget.Shrink(r.charged[s])
			delete(r.charged, s)
		}
		r.spare = nil
		err = budget.Grow(grow)
	}
	if err == nil && grow > 0 {
		r.charged[b] = size
	}
	return err
}

// wait waits for room in the queue.
func (p *producer) wait(src *source) error {
	var pressed <-chan struct{}
	if src != nil && src.holdsConnection() {
		pressed = p.c.gate.pressed()
	}
	select {
	case <-p.r.room:
		return nil
	case <-p.r.ctx.Done():
		return canceled(p.r.ctx, p.c.conf.Name)
	case <-pressed:
		return src.readAside(p.r.room)
	}
}

func isBudget(err error) bool { return pgerr.As(err) != nil }

// source is the bytes of a response: what was read aside first, then what the service sends.
type source struct {
	res    *response
	spool  spool
	ended  error // what the response ended with, once it did
	back   func()
	waited time.Duration
}

// Read is called by the page after it lent out its rows, which it wants back afterwards.
func (s *source) Read(b []byte) (int, error) {
	started := time.Now()
	defer func() {
		s.waited += time.Since(started)
		s.back()
	}()
	if n, err := s.spool.Read(b); n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	if s.ended != nil {
		return 0, s.ended
	}
	n, err := s.res.Read(b)
	if err != nil {
		s.end(err)
	}
	return n, err
}

func (s *source) holdsConnection() bool { return s.ended == nil }

// readAside reads the response on, to its end or until there is room again.
func (s *source) readAside(room chan struct{}) error {
	buf := make([]byte, minBuffer)
	for {
		n, err := s.res.Read(buf)
		if n > 0 {
			if _, werr := s.spool.Write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err != nil {
			s.end(err)
			return nil
		}
		select {
		case <-room:
			return nil
		default:
		}
	}
}

// end gives the connection back.
func (s *source) end(err error) {
	s.ended = err
	s.res.Close()
}

func (s *source) close() {
	s.res.Close()
	s.spool.close()
}
