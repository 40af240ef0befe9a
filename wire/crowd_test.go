package wire_test

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/wiretest"
)

// TestCrowd lets many clients come, work, cancel each other and leave in every way at once. What is left afterwards must be
// nothing, and those that behave must get their rows.
func TestCrowd(t *testing.T) {
	t.Parallel()
	certificate, trusting := selfMade(t)
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{TLS: certificate.TLS(), PipelineBytes: 4 << 10})
	clients := 24
	if testing.Short() {
		clients = 8
	}
	var all sync.WaitGroup
	for i := range clients {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		all.Go(func() {
			for range 8 {
				if !visit(t, address, trusting.Clone(), random) {
					return
				}
			}
		})
	}
	all.Wait()
	eventually(t, "all sessions end", func() bool { return engine.open.Load() == 0 && engine.sleeping.Load() == 0 })
}

func visit(t *testing.T, address string, trusting *tls.Config, random *rand.Rand) bool {
	config := clientConfig(address)
	if random.IntN(2) == 0 {
		config.TLS = trusting
	}
	c, err := wiretest.Connect(context.Background(), config)
	if err != nil {
		t.Errorf("connect: %v", err)
		return false
	}
	defer c.Close()
	for range random.IntN(4) {
		err := c.Send(
			&pgproto3.Parse{Query: "select g, repeat('x', 100) from generate_series(1, $1) g"},
			&pgproto3.Bind{Parameters: [][]byte{[]byte("700")}}, &pgproto3.Execute{MaxRows: uint32(random.IntN(2) * 500)}, &pgproto3.Sync{})
		rows := 0
		for err == nil {
			var m pgproto3.BackendMessage
			if m, err = c.Receive(); err != nil {
				break
			}
			if _, ok := m.(*pgproto3.DataRow); ok {
				rows++
			}
			if _, ok := m.(*pgproto3.ReadyForQuery); ok {
				break
			}
		}
		if err != nil || rows != 700 && rows != 500 {
			t.Errorf("%d rows, %v", rows, err)
			return false
		}
	}
	switch random.IntN(6) {
	case 0:
		err = c.Send(&pgproto3.Terminate{})
	case 1: // leaves while rows come
		err = c.Send(&pgproto3.Query{String: "select repeat('x', 1000) from generate_series(1, 100000) g"})
	case 2: // leaves while the server waits
		err = c.Send(&pgproto3.Query{String: "select pg_sleep(1000)"})
	case 3: // resets the connection
		if tcp, ok := c.Conn().(*net.TCPConn); ok {
			err = tcp.SetLinger(0)
		}
	case 4: // half a message
		err = c.SendRaw([]byte("Q\x00\x00\x10\x00select"))
	case 5: // cancels and goes on
		if err = c.Send(&pgproto3.Query{String: "select pg_sleep(1000)"}); err == nil {
			err = c.CancelStatement(context.Background())
		}
	}
	if err != nil {
		t.Errorf("leaving: %v", err)
	}
	return err == nil
}
