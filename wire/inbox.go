package wire

import (
	"sync"
)

// inbox holds the messages that the reader goroutine has read and the session has not handled yet. Reading goes on while
// the session runs a statement or waits for the client to take rows, so a client that pipelines without reading does not
// deadlock, and one that goes away is noticed. Room is bounded in bytes; one message is always taken. While the session
// waits for the client to take rows the bound is wider, since a client that writes before it reads waits for just this.
type inbox struct {
	mu     sync.Mutex
	queue  []message
	size   int64
	limit  int64
	wide   int64 // the bound while sending
	isWide bool
	err    error // why there will be no more

	arrived chan struct{} // something was put in, or err was set
	taken   chan struct{} // room was made
}

func newInbox(limit, wide int64) *inbox {
	return &inbox{limit: limit, wide: max(limit, wide), arrived: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
}

// put waits for room, or until stop is closed, and then gives up.
func (b *inbox) put(m message, stop <-chan struct{}) bool {
	for {
		b.mu.Lock()
		limit := b.limit
		if b.isWide {
			limit = b.wide
		}
		if b.size == 0 || b.size+int64(m.size) <= limit {
			b.queue = append(b.queue, m)
			b.size += int64(m.size)
			b.mu.Unlock()
			signal(b.arrived)
			return true
		}
		b.mu.Unlock()
		select {
		case <-b.taken:
		case <-stop:
			return false
		}
	}
}

// sending says whether the session is waiting for the client to take what it sends.
func (b *inbox) sending(now bool) {
	b.mu.Lock()
	b.isWide = now
	b.mu.Unlock()
	if now {
		signal(b.taken)
	}
}

// end records why nothing more will come.
func (b *inbox) end(err error) {
	b.mu.Lock()
	if b.err == nil {
		b.err = err
	}
	b.mu.Unlock()
	signal(b.arrived)
}

// take returns the next message without waiting. The error comes after the last message.
func (b *inbox) take() (m message, ok bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return message{}, false, b.err
	}
	m = b.queue[0]
	b.queue[0] = message{}
	b.queue = b.queue[1:]
	if len(b.queue) == 0 {
		b.queue = nil
	}
	b.size -= int64(m.size)
	signal(b.taken)
	return m, true, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
