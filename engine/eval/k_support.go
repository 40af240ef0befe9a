package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// supportKernels are functions that PostgreSQL's indexes and ranges call, and that anybody may: distances within ranges, and what an
// index asks of an operator class.
func supportKernels() []Kernel {
	distance := func(name string, unit float64) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Float((float64(a[0].I) - float64(a[1].I)) / unit), nil
		})
	}
	return []Kernel{
		distance("int4range_subdiff", 1), distance("int8range_subdiff", 1), distance("daterange_subdiff", 1),
		distance("tsrange_subdiff", 1e6), distance("tstzrange_subdiff", 1e6),
		scalar("numrange_subdiff", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			d, err := a[0].Num.Sub(a[1].Num)
			if err != nil {
				return sqltype.Value{}, err
			}
			f, err := d.Float64()
			return sqltype.Float(f), err
		}),
		scalar("btequalimage", constant(sqltype.Bool(true))),
		scalar("btvarstrequalimage", func(*Call, []sqltype.Value) (sqltype.Value, error) { // a call has nothing that it could take a collation from
			return sqltype.Value{}, pgerr.New(pgerr.IndeterminateCollation, "could not determine which collation to use for string comparison").
				WithHint("Use the COLLATE clause to set the collation explicitly.")
		}),
		scalar("gin_compare_jsonb", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(strings.Compare(a[0].S, a[1].S))), nil
		}),
	}
}

// intervalTypmod says whether a modifier is one that interval can have: all fields, or neighbours among them (AdjustIntervalForTypmod).
func intervalTypmod(typmod int32) bool {
	const (
		month, year, day, hour, minute, second = 1 << 1, 1 << 2, 1 << 3, 1 << 10, 1 << 11, 1 << 12
		all                                    = 0x7fff
	)
	switch typmod >> 16 & 0x7fff {
	case all, year, month, year | month, day, hour, minute, second, day | hour, day | hour | minute, day | hour | minute | second,
		hour | minute, hour | minute | second, minute | second:
		return true
	}
	return typmod < 0
}
