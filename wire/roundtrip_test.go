package wire_test

import (
	"context"
	"net"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/wire"
)

// BenchmarkRoundTrip is the protocol's own cost of a small statement, beside PostgreSQL's.
func BenchmarkRoundTrip(b *testing.B) {
	ours, _ := serve(b, newMemory(), wire.Options{})
	theirs := net.JoinHostPort("127.0.0.1", strconv.Itoa(oracle.Start(b).Port()))
	for _, server := range []struct{ name, address string }{{"wire", ours}, {"postgresql", theirs}} {
		for _, mode := range []string{"simple_protocol", "cache_statement"} {
			b.Run(server.name+"/"+mode, func(b *testing.B) {
				ctx := context.Background()
				conn, err := pgx.Connect(ctx, driverURL(server.address, "sslmode=disable&default_query_exec_mode="+mode))
				if err != nil {
					b.Fatal(err)
				}
				defer conn.Close(ctx)
				for b.Loop() {
					var n int
					if err := conn.QueryRow(ctx, "select 1").Scan(&n); err != nil || n != 1 {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
