package odata

import (
	"context"
	"sync"
)

// gate lets so many requests at once through, in the order in which they came. Whoever holds a place while it waits for
// something other than the service must give way when others press: two readers that wait for each other's rows with one
// connection between them would otherwise wait forever.
type gate struct {
	mu      sync.Mutex
	free    int
	waiting []chan struct{}
	press   chan struct{} // closed when somebody begins to wait
}

func newGate(places int) *gate { return &gate{free: places, press: make(chan struct{})} }

// acquire takes a place, which release gives back.
func (g *gate) acquire(ctx context.Context) error {
	g.mu.Lock()
	if g.free > 0 && len(g.waiting) == 0 {
		g.free--
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	if len(g.waiting) == 1 {
		close(g.press)
	}
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-turn: // given away in the meantime
		g.pass()
		return context.Cause(ctx)
	default:
	}
	for i, w := range g.waiting {
		if w == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			break
		}
	}
	g.calm()
	return context.Cause(ctx)
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pass()
}

// pass gives a place to the next who waits.
func (g *gate) pass() {
	if len(g.waiting) == 0 {
		g.free++
		return
	}
	close(g.waiting[0])
	g.waiting = g.waiting[1:]
	g.calm()
}

// calm makes a new channel for the next time that somebody begins to wait.
func (g *gate) calm() {
	if len(g.waiting) > 0 {
		return
	}
	select {
	case <-g.press:
		g.press = make(chan struct{})
	default:
	}
}

// pressed returns a channel that is closed while, or as soon as, somebody waits.
func (g *gate) pressed() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.press
}
