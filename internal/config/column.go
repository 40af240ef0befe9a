package config

import (
	"errors"
	"regexp"
	"sort"
	"strings"
)

// Column overrides what a service says about one property, or what is done with
// its values.
type Column struct {
	// Type is the column's SQL type instead of the one that follows from the
	// service's metadata; empty leaves it.
	Type ColumnType `yaml:"type,omitempty"`
	// OnError says what becomes of a value that is not one of the type.
	OnError OnError `yaml:"on_error"`
	// Unique vouches that no two rows of the set have the same value.
	Unique bool `yaml:"unique"`
}

func (c *Column) setDefaults() { c.OnError = OnErrorFail }

// ColumnType is PostgreSQL's short name of a type, such as int4.
type ColumnType string

// columnTypes maps what may be written to the short name.
func columnTypes() map[string]ColumnType {
	return map[string]ColumnType{
		"bool": "bool", "boolean": "bool",
		"int2": "int2", "smallint": "int2",
		"int4": "int4", "int": "int4", "integer": "int4",
		"int8": "int8", "bigint": "int8",
		"float4": "float4", "real": "float4",
		"float8": "float8", "double precision": "float8",
		"numeric": "numeric", "decimal": "numeric",
		"text": "text", "uuid": "uuid", "bytea": "bytea", "jsonb": "jsonb",
		"date": "date", "interval": "interval",
		"time": "time", "time without time zone": "time",
		"timestamptz": "timestamptz", "timestamp with time zone": "timestamptz",
	}
}

func (t *ColumnType) parse(text string) error {
	types := columnTypes()
	if short, ok := types[strings.ToLower(text)]; ok {
		*t = short
		return nil
	}
	seen := make(map[ColumnType]bool)
	var names []string
	for _, short := range types {
		if !seen[short] {
			seen[short] = true
			names = append(names, string(short))
		}
	}
	sort.Strings(names)
	return errors.New("must be one of the types " + strings.Join(names, ", "))
}

// OnError says what becomes of a value that does not convert.
type OnError string

// The values of OnError.
const (
	// OnErrorFail ends the query with an error.
	OnErrorFail OnError = "error"
	// OnErrorNull gives NULL and a NOTICE.
	OnErrorNull OnError = "null"
)

func (o *OnError) parse(text string) error { return oneOf(o, text, OnErrorFail, OnErrorNull) }

// columnKey is set.property; a property inside a complex one is reached by
// slashes. Names are OData simple identifiers (OData CSDL 4.01, section 15.2).
var columnKey = regexp.MustCompile(`^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]*\.` +
	`[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]*(/[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]*)*$`)
