package odata

import (
	"context"
	"sync"
	"time"

	"github.com/odatagres/odatagres/internal/vector"
)

// reader is the consumer's side of a read: a queue of batches that the producer (pages.go) fills from its own goroutine.
type reader struct {
	c      *Client
	req    Request
	ctx    context.Context // of the read, not of one call
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	queue   []*vector.Batch
	queued  int64         // bytes in queue
	partial *vector.Batch // what the producer is filling, lent out while it waits for the service
	spare   []*vector.Batch
	held    *vector.Batch // with the consumer
	waiting bool          // the consumer is in Next and has nothing
	done    bool
	err     error
	stats   Stats
	notices []Notice
	charged map[*vector.Batch]int64

	wake   chan struct{} // to the consumer: there may be something
	room   chan struct{} // to the producer: there may be room, or demand
	exited chan struct{}
}

// Open starts a read. The context is that of the whole read: when it ends, so does the read.
func (c *Client) Open(ctx context.Context, req Request) (Reader, error) {
	first, err := c.address(req.Query)
	if err != nil {
		return nil, err
	}
	rctx, cancel := context.WithCancelCause(ctx)
	r := &reader{
		c: c, req: req, ctx: rctx, cancel: cancel, stats: Stats{Count: -1}, charged: map[*vector.Batch]int64{},
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1), exited: make(chan struct{}),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		cancel(context.Canceled)
		return nil, &Error{Kind: KindClosed, Service: c.conf.Name, Set: req.Query.EntitySet, Message: "the service's client is closed"}
	}
	c.readers[r] = struct{}{}
	p := newProducer(r, first)
	go p.run()
	return r, nil
}

// Next returns the next rows; see Reader.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held != nil {
		r.spare = append(r.spare, r.held)
		r.held = nil
	}
	for {
		switch {
		case len(r.queue) > 0:
			b := r.queue[0]
			r.queue = r.queue[1:]
			r.queued -= b.MemBytes()
			return r.deliver(b), nil
		case r.partial != nil:
			b := r.partial
			r.partial = nil
			return r.deliver(b), nil
		case r.done:
			return nil, r.err
		}
		r.waiting = true
		signal(r.room)
		r.mu.Unlock()
		started := time.Now()
		var err error
		select {
		case <-r.wake:
		case <-ctx.Done():
			err = canceled(ctx, r.c.conf.Name)
		}
		r.mu.Lock()
		r.waiting = false
		r.stats.Waiting += time.Since(started)
		if err != nil {
			return nil, err
		}
	}
}

func (r *reader) deliver(b *vector.Batch) *vector.Batch {
	r.held = b
	r.stats.Rows += int64(b.N)
	signal(r.room)
	return b
}

// Ready reports whether Next would return at once.
func (r *reader) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue) > 0 || r.partial != nil || r.done
}

// Notices returns the notices since the last call.
func (r *reader) Notices() []Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.notices
	r.notices = nil
	return n
}

// Stats is what the read cost so far.
func (r *reader) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.URLs = append([]string(nil), s.URLs...)
	return s
}

// Close ends the read and waits for its goroutine. Idempotent.
func (r *reader) Close() error {
	r.cancel(&Error{Kind: KindClosed, Service: r.c.conf.Name, Set: r.req.Query.EntitySet, Message: "the read was closed"})
	<-r.exited
	r.c.mu.Lock()
	delete(r.c.readers, r)
	r.c.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for b, n := range r.charged {
		r.req.Budget.Shrink(n)
		delete(r.charged, b)
	}
	r.queue, r.partial, r.spare, r.held, r.queued = nil, nil, nil, nil, 0
	return nil
}

// signal makes the other side look again, if it waits or is about to.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
