package soaktest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgproto3/v2"
	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/internal/oracle"
)

// token gets an access token of a sample service, for curl.
func token(tb testing.TB, w *running.Warehouse) string {
	tb.Helper()
	res, err := http.PostForm(w.TokenURL, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {w.ClientID}, "client_secret": {w.Secret}, "scope": {"https://api.manage.microsoft.com//.default"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	var t struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&t); err != nil || t.AccessToken == "" {
		tb.Fatalf("no token: %v", err)
	}
	return t.AccessToken
}

// requestOf is the address that the gateway reads for a query, from EXPLAIN.
func requestOf(tb testing.TB, c *pgx.Conn, w *running.Warehouse, query string) string {
	tb.Helper()
	rows, err := c.Query(tb.Context(), "explain "+query)
	if err != nil {
		tb.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatal(err)
	}
	for _, l := range lines {
		if _, path, ok := strings.Cut(l, "Request: GET /"); ok {
			return w.URL + "/" + path
		}
	}
	tb.Fatalf("no request in %v", lines)
	return ""
}

// pages follows the links from an address on and returns the addresses of all pages, and their bytes.
func pages(tb testing.TB, address, bearer string) (list []string, bytes int64) {
	tb.Helper()
	for address != "" {
		body := fetch(tb, address, bearer)
		list = append(list, address)
		bytes += int64(len(body))
		address = nextLink(tb, body)
	}
	return list, bytes
}

func fetch(tb testing.TB, address, bearer string) []byte {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s, %v", address, res.Status, err)
	}
	return body
}

// curl reads pages one after the other by one process, compressed as the gateway reads them, and throws them away.
func curl(tb testing.TB, list []string, bearer string) time.Duration {
	tb.Helper()
	var config strings.Builder
	for _, address := range list {
		fmt.Fprintf(&config, "url = \"%s\"\noutput = /dev/null\n", strings.ReplaceAll(address, `"`, "%22"))
	}
	file := filepath.Join(tb.TempDir(), "pages")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	begin := time.Now()
	out, err := exec.CommandContext(tb.Context(), "curl", "-sSf", "--globoff", "--compressed", "-H", "Authorization: Bearer "+bearer, "-K", file).CombinedOutput()
	if err != nil {
		tb.Fatalf("curl: %v\n%s", err, out)
	}
	return time.Since(begin)
}

func nextLink(tb testing.TB, body []byte) string {
	tb.Helper()
	const name = `"@odata.nextLink":`
	_, quoted, ok := strings.Cut(string(body[max(0, len(body)-4096):]), name)
	if !ok {
		return ""
	}
	var link string
	if err := json.NewDecoder(strings.NewReader(quoted)).Decode(&link); err != nil {
		tb.Fatal(err)
	}
	return link
}

// drain runs a query by the simple protocol and throws the rows away unread, so that the client costs least. It returns the
// number of rows that the command tag tells.
func drain(tb testing.TB, c net.Conn, query string) int64 {
	tb.Helper()
	message, err := (&pgproto3.Query{String: query}).Encode(nil)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := c.Write(message); err != nil {
		tb.Fatal(err)
	}
	return readResult(tb, c)
}

// readResult skips messages up to ReadyForQuery.
func readResult(tb testing.TB, r io.Reader) int64 {
	tb.Helper()
	buf := make([]byte, 256<<10)
	have, rows := 0, int64(-1)
	for {
		n, err := r.Read(buf[have:])
		if err != nil {
			tb.Fatal(err)
		}
		have += n
		at := 0
		for have-at >= 5 {
			size := 1 + int(uint32(buf[at+1])<<24|uint32(buf[at+2])<<16|uint32(buf[at+3])<<8|uint32(buf[at+4]))
			if have-at < size {
				break
			}
			body := buf[at+5 : at+size]
			switch buf[at] {
			case 'E':
				tb.Fatalf("the server failed: %q", body)
			case 'C':
				words := strings.Fields(strings.TrimRight(string(body), "\x00"))
				rows, err = strconv.ParseInt(words[len(words)-1], 10, 64)
				if err != nil {
					tb.Fatal(err)
				}
			case 'Z':
				return rows
			}
			at += size
		}
		copy(buf, buf[at:have])
		have -= at
	}
}

func connect(tb testing.TB, address string) *pgx.Conn {
	tb.Helper()
	c, err := pgx.Connect(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// hijack is a connection that is logged in, in clear text, for what drivers would spend their time on.
func hijack(tb testing.TB, address string) net.Conn {
	tb.Helper()
	c, err := pgx.Connect(tb.Context(), address+"?sslmode=disable")
	if err != nil {
		tb.Fatal(err)
	}
	h, err := c.PgConn().Hijack()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = h.Conn.Close() })
	return h.Conn
}

// BenchmarkHistory reads 3 million rows (100,000 devices, 30 days) of pages that were made ahead of time, through the gateway
// and by curl, and tells the gateway's peak of memory.
func BenchmarkHistory(b *testing.B) {
	const devices, days = 100_000, 30
	w := running.Simulate(b, "--profile", "intune", "--devices", strconv.Itoa(devices), "--days", strconv.Itoa(days), "--page-size", "10000", "--prerender")
	g := running.Serve(b, w.Intune())
	address := requestOf(b, connect(b, g.URL), w, history)
	bearer := token(b, w)
	list, bytes := pages(b, address, bearer)
	curl(b, list, bearer) // has the pages made
	c := hijack(b, g.URL)
	var rows int64
	var reading, curling, cpu time.Duration
	for b.Loop() {
		curling += curl(b, list, bearer)
		begin, used := time.Now(), g.CPU()
		rows = drain(b, c, history)
		reading += time.Since(begin)
		cpu += g.CPU() - used
		if rows != devices*days {
			b.Fatalf("%d rows", rows)
		}
	}
	n := float64(b.N)
	b.ReportMetric(float64(rows)*n/reading.Seconds(), "rows/s")
	b.ReportMetric(float64(bytes)*n/1e6/reading.Seconds(), "MB-JSON/s")
	b.ReportMetric(float64(bytes)*n/1e6/curling.Seconds(), "MB-curl/s")
	b.ReportMetric(curling.Seconds()/reading.Seconds(), "x-curl-speed")
	b.ReportMetric(float64(bytes)*n/1e6/cpu.Seconds(), "MB-JSON/cpu-s")
	b.ReportMetric(float64(g.PeakMemory())/mb, "MB-peak")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPages is page JSON to DataRow: what a core of the gateway does in a second, HTTP, decoding, planning and sending
// included, beside encoding/json into structs of the same pages.
func BenchmarkPages(b *testing.B) {
	w := running.Simulate(b, "--profile", "intune", "--devices", "10000", "--days", "30", "--page-size", "10000", "--prerender")
	g := running.Serve(b, w.Intune())
	address := requestOf(b, connect(b, g.URL), w, history)
	bearer := token(b, w)
	_, total := pages(b, address, bearer)
	page := fetch(b, address, bearer)
	c := hijack(b, g.URL)
	drain(b, c, history)
	var cpu, structs time.Duration
	var decoded int64
	for b.Loop() {
		used := g.CPU()
		for range 5 { // the clock of processes counts hundredths of a second
			drain(b, c, history)
		}
		cpu += g.CPU() - used
		for range 10 {
			used := ownCPU(b)
			decodeStructs(b, page)
			structs += ownCPU(b) - used
			decoded += int64(len(page))
		}
	}
	gateway := 5 * float64(total) * float64(b.N) / 1e6 / cpu.Seconds()
	standard := float64(decoded) / 1e6 / structs.Seconds()
	b.ReportMetric(gateway, "MB/s/core")
	b.ReportMetric(standard, "MB/s-encoding/json")
	b.ReportMetric(gateway/standard, "x-encoding/json")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRoundTrip asks little things of the gateway and of PostgreSQL, in turns, so that both see the same machine.
func BenchmarkRoundTrip(b *testing.B) {
	w := running.Simulate(b, "--profile", "intune", "--devices", "200", "--days", "2", "--prerender")
	g := running.Serve(b, w.Intune())
	pg := oracle.Start(b)
	if err := pg.Exec(b.Context(), `create schema if not exists intune; create table intune."complianceStates" ("complianceStateKey" int primary key, "complianceStateId" int, "complianceStatus" text);
		insert into intune."complianceStates" select g, g, 'state ' || g from generate_series(1, 12) g`); err != nil {
		b.Fatal(err)
	}
	ours, theirs := connect(b, g.URL+"?sslmode=disable"), connect(b, pg.DSN())
	for _, q := range []struct {
		name, sql string
		mode      pgx.QueryExecMode
		args      []any
	}{
		{"select_1_simple", "select 1", pgx.QueryExecModeSimpleProtocol, nil},
		{"select_1_prepared", "select 1", pgx.QueryExecModeCacheStatement, nil},
		{"point_prepared", `select typname from pg_catalog.pg_type where oid = $1`, pgx.QueryExecModeCacheStatement, []any{uint32(23)}},
		{"lookup_over_http", `select "complianceStatus" from intune."complianceStates" where "complianceStateKey" = $1`, pgx.QueryExecModeCacheStatement, []any{1}},
	} {
		b.Run(q.name, func(b *testing.B) {
			once := func(c *pgx.Conn) time.Duration {
				begin := time.Now()
				if _, err := c.Exec(b.Context(), q.sql, append([]any{q.mode}, q.args...)...); err != nil {
					b.Fatal(err)
				}
				return time.Since(begin)
			}
			once(ours)
			once(theirs)
			var mine, other time.Duration
			for b.Loop() {
				mine += once(ours)
				other += once(theirs)
			}
			b.ReportMetric(float64(mine.Microseconds())/float64(b.N), "µs/op")
			b.ReportMetric(float64(other.Microseconds())/float64(b.N), "µs/op-PostgreSQL")
			b.ReportMetric(float64(mine)/float64(other), "x-PostgreSQL")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// ownCPU is the processor time of this process, so that others on the machine do not count.
func ownCPU(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// decodeStructs is what a program without a decoder of its own would do.
func decodeStructs(tb testing.TB, page []byte) {
	tb.Helper()
	var body struct {
		Value []historyRow `json:"value"`
	}
	if err := json.Unmarshal(page, &body); err != nil || len(body.Value) != 10_000 {
		tb.Fatalf("%d rows, %v", len(body.Value), err)
	}
}

// historyRow has the types of devicePropertyHistories' columns.
type historyRow struct {
	DateKey                    int32   `json:"dateKey"`
	DeviceKey                  int64   `json:"deviceKey"`
	DeviceName                 *string `json:"deviceName"`
	DeviceRegistrationStateKey *int32  `json:"deviceRegistrationStateKey"`
	OwnerTypeKey               *int32  `json:"ownerTypeKey"`
	ManagementStateKey         *int32  `json:"managementStateKey"`
	AzureADRegistered          *bool   `json:"azureADRegistered"`
	DeviceCategoryKey          *int32  `json:"deviceCategoryKey"`
	ComplianceStateKey         *int32  `json:"complianceStateKey"`
	OSVersion                  *string `json:"osVersion"`
	JailBroken                 *string `json:"jailBroken"`
	TotalStorageSpaceInBytes   *int64  `json:"totalStorageSpaceInBytes"`
	PhysicalMemoryInBytes      *int64  `json:"physicalMemoryInBytes"`
}
