package wiretest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgproto3/v2"
)

// parseMessage reads a line: a type's name and, unless it has none, its fields as JSON. Fields that the type does not have are an
// error, since a misspelt one would silently be left out.
func parseMessage(line string) (pgproto3.FrontendMessage, error) {
	name, fields, _ := strings.Cut(strings.TrimSpace(line), " ")
	m := newMessage(name)
	if m == nil {
		return nil, fmt.Errorf("unknown message type %q", name)
	}
	if fields = strings.TrimSpace(fields); fields == "" {
		fields = "{}"
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(fields), &given); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := reflect.TypeOf(m).Elem()
	for field := range given {
		if _, ok := t.FieldByName(field); !ok {
			return nil, fmt.Errorf("%s has no field %q", name, field)
		}
	}
	if err := decodeFields(m, given, fields); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// decodeFields fills in the message. ObjectType of Describe and Close is a letter as JSON, and must be given.
func decodeFields(m pgproto3.FrontendMessage, given map[string]json.RawMessage, fields string) error {
	if c, ok := m.(*pgproto3.Close); ok {
		var v struct{ ObjectType, Name string }
		if err := json.Unmarshal([]byte(fields), &v); err != nil {
			return err
		}
		if len(v.ObjectType) != 1 {
			return fmt.Errorf("ObjectType %q", v.ObjectType)
		}
		c.ObjectType, c.Name = v.ObjectType[0], v.Name
		return nil
	}
	if len(given) == 0 {
		return nil
	}
	return json.Unmarshal([]byte(fields), m)
}

func newMessage(name string) pgproto3.FrontendMessage {
	switch name {
	case "Bind":
		return &pgproto3.Bind{}
	case "Close":
		return &pgproto3.Close{}
	case "CopyData":
		return &pgproto3.CopyData{}
	case "CopyDone":
		return &pgproto3.CopyDone{}
	case "CopyFail":
		return &pgproto3.CopyFail{}
	case "Describe":
		return &pgproto3.Describe{}
	case "Execute":
		return &pgproto3.Execute{}
	case "Flush":
		return &pgproto3.Flush{}
	case "Parse":
		return &pgproto3.Parse{}
	case "Query":
		return &pgproto3.Query{}
	case "Sync":
		return &pgproto3.Sync{}
	case "Terminate":
		return &pgproto3.Terminate{}
	}
	return nil
}
