package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// questionSQL asks for the fleet's compliance on the last days: only these days are read, whatever the history holds.
func questionSQL(lastDay time.Time) string {
	const days = 3
	return `select h."dateKey" as "day", coalesce(c."complianceStatus", 'Not Evaluated') as "status", count(*) as "devices"
from intune."devicePropertyHistories" h
left join intune."complianceStates" c on c."complianceStateKey" = h."complianceStateKey"
where h."dateKey" >= ` + lastDay.AddDate(0, 0, 1-days).Format("20060102") + `
group by 1, 2
order by 1, 3 desc`
}

// askQuestion asks over the network, as any client does. It returns the question, its plan and its rows as psql prints them.
func askQuestion(ctx context.Context, address string, lastDay time.Time) (text string, err error) {
	conn, err := pgconn.Connect(ctx, address)
	if err != nil {
		return "", fmt.Errorf("asking the question: %w", err)
	}
	defer func() {
		if cerr := conn.Close(context.WithoutCancel(ctx)); err == nil {
			err = cerr
		}
	}()
	var b strings.Builder
	question := questionSQL(lastDay)
	for _, sql := range []string{"explain " + question, question} {
		answer, err := ask(ctx, conn, sql)
		if err != nil {
			return "", fmt.Errorf("asking the question: %w", err)
		}
		fmt.Fprintf(&b, "\nwarehouse=> %s;\n%s", strings.ReplaceAll(sql, "\n", "\nwarehouse-> "), answer)
	}
	return b.String(), nil
}

// ask runs a query and prints its rows as psql does.
func ask(ctx context.Context, conn *pgconn.PgConn, sql string) (string, error) {
	r := conn.ExecParams(ctx, sql, nil, nil, nil, nil)
	var rows [][]*string
	for r.NextRow() {
		row := make([]*string, len(r.Values()))
		for i, v := range r.Values() {
			if v != nil {
				text := string(v)
				row[i] = &text
			}
		}
		rows = append(rows, row)
	}
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	right := make([]bool, len(fields))
	for i, f := range fields {
		names[i] = f.Name
		// psql prints numbers at the right (column_type_alignment in print.c).
		right[i] = sqltype.Of(f.DataTypeOID).Info().Category == 'N'
	}
	if _, err := r.Close(); err != nil {
		return "", err
	}
	return table(names, right, rows), nil
}
