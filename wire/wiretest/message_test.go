package wiretest

import (
	"strings"
	"testing"

	"github.com/jackc/pgproto3/v2"
)

func TestParseMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, fault string }{
		{`Sync`, ""},
		{`Query {"String": "select 1"}`, ""},
		{`Describe {"ObjectType": "S", "Name": "x"}`, ""},
		{`Close {"ObjectType": "P"}`, ""},
		{`Execute {"Portal": "p", "MaxRows": 2}`, ""},
		{`Query {"Sting": "select 1"}`, `no field "Sting"`},
		{`Qerry {}`, "unknown message type"},
		{`Query {"String": `, "Query"},
		{`Close {"ObjectType": "PS"}`, "ObjectType"},
	} {
		m, err := parseMessage(c.line)
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v", c.line, err)
		}
		if err == nil && m == nil {
			t.Errorf("%s: no message", c.line)
		}
	}
}

func TestPrintMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m    pgproto3.BackendMessage
		f    filter
		want string
	}{
		{&pgproto3.DataRow{Values: [][]byte{nil, {}, []byte("<a>"), {0, 255}}}, filter{}, `{"Type": "DataRow", "Values": [null,"","<a>",{"hex":"00ff"}]}`},
		{&pgproto3.ReadyForQuery{TxStatus: 'T'}, filter{}, `{"Type": "ReadyForQuery", "TxStatus": "T"}`},
		{
			&pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "42601", Message: "m", Position: 7, File: "f"},
			filter{},
			`{"Type": "ErrorResponse", "Severity": "ERROR", "Code": "42601", "Message": "m", "Position": "7"}`,
		},
		{&pgproto3.ErrorResponse{Severity: "FEHLER", SeverityUnlocalized: "ERROR", Code: "1"}, filter{only: []string{"SeverityUnlocalized"}}, `{"Type": "ErrorResponse", "SeverityUnlocalized": "ERROR"}`},
		{&pgproto3.ErrorResponse{Code: "1", Hint: "h"}, filter{ignore: []string{"Hint", "Code"}}, `{"Type": "ErrorResponse"}`},
	} {
		if got := printMessage(c.m, c.f); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
