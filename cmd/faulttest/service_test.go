package faulttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/odata/simulator"
)

// sample starts a sample service with pages so small that every read has several.
func sample(t *testing.T, profile string) *simulator.Server {
	t.Helper()
	until, err := time.Parse(time.DateOnly, running.LastDay)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(simulator.Options{Profile: profile, Devices: 120, Days: 4, Until: until, PageSize: 50})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// service is a schema of the gateway's configuration; its waits are short.
func service(schema, profile string, s *simulator.Server) running.Service {
	return running.Service{
		Schema: schema, Profile: profile, URL: s.URL() + "?api-version=v1.0", TokenURL: s.TokenURL(),
		More: "    timeouts: {connect: 2s, first_byte: 2s, idle: 2s}\n",
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// questions ask for what a profile may push, alone and together. S stands for the schema.
func questions() []string {
	return []string{
		`select * from S.devices order by "deviceKey"`,
		`select count(*), sum("deviceKey"), min("deviceName"), max("lastSyncDateTime") from S.devices`,
		`select count(*) from S.devices`,
		`select count(*) from S.devices where "isDeleted" = false`,
		`select "deviceKey", "operatingSystem" from S.devices where "operatingSystem" <> 'Windows' order by 1`,
		`select "deviceKey", "osVersion" from S.devices where "osVersion" <> '10.0' or "osVersion" is null order by 1`,
		`select "deviceKey", "dateKey" from S."devicePropertyHistories" where "dateKey" >= 20261119 and "dateKey" < 20261121 order by 1, 2`,
		`select "deviceKey" from S.devices where "deviceKey" <> 1 order by 1`,
		`select "deviceKey" from S.devices order by "deviceKey" limit 7`,
		`select "deviceKey" from S.devices order by "deviceKey" desc offset 11 limit 60`,
		`select "lastSyncDateTime" from S.devices order by 1 nulls first limit 9`,
		`select "deviceKey", "operatingSystem" from S.devices where "operatingSystem" in ('windows', 'iOS', 'Android') and "deviceKey" > 0 order by 1 limit 70`,
		`select "deviceKey" from S.devices where "deviceName" like 'desktop%' or "deviceName" like '%von%' order by 1`,
		`select count(*) from S.devices where "rowLastModifiedDateTimeUTC" >= timestamptz '2026-11-05 19:31:48.638124+00'`,
		`select count(*) from S.devices where "lastSyncDateTime" > timestamptz '2026-11-19 06:47:49.807999+00'`,
		`select d."deviceName", c."complianceStatus" from S.devices d left join S."complianceStates" c on c."complianceStateKey" = d."complianceStateKey" order by d."deviceKey"`,
	}
}

// answer is a question's rows as text, or its SQLSTATE.
type answer struct {
	rows, code, message string
}

func ask(t *testing.T, c *pgx.Conn, schema, question string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := c.PgConn().ExecParams(ctx, strings.ReplaceAll(question, "S.", schema+"."), nil, nil, nil, nil)
	var b strings.Builder
	for r.NextRow() {
		for _, v := range r.Values() {
			if v == nil {
				b.WriteString("∅|")
			} else {
				fmt.Fprintf(&b, "%s|", v)
			}
		}
		b.WriteByte('\n')
	}
	_, err := r.Close()
	var e *pgconn.PgError
	switch {
	case errors.As(err, &e):
		return answer{code: e.Code, message: e.Message}
	case err != nil:
		t.Fatalf("%s: the connection is lost: %v", question, err)
	}
	return answer{rows: b.String()}
}
