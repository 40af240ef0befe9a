package system

import (
	"time"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// zone is a time zone at the transaction's start.
type zone struct {
	name, abbrev string
	offset       int // seconds east of Greenwich
	dst          bool
}

// pgTimezoneNames lists the zones that can be used: names of the IANA database that the process's copy of it holds.
func pgTimezoneNames() objects[zone] {
	return objects[zone]{
		all: func(c *call, yield func(zone) error) error {
			now := c.live.Now()
			d := dumpOf("timezone_names")
			return each(d.rows, func(row []builtin.Field) error {
				name := d.text(row, "name")
				loc, err := time.LoadLocation(name)
				if err != nil {
					return nil //nolint:nilerr // a zone that this process's database lacks is not one of its zones
				}
				t := now.In(loc)
				abbrev, offset := t.Zone()
				return yield(zone{name: name, abbrev: abbrev, offset: offset, dst: t.IsDST()})
			})
		},
		cols: map[string]func(*call, zone) sqltype.Value{
			"name":   func(_ *call, z zone) sqltype.Value { return text(z.name) },
			"abbrev": func(_ *call, z zone) sqltype.Value { return text(z.abbrev) },
			"utc_offset": func(_ *call, z zone) sqltype.Value {
				return sqltype.Value{Iv: sqltype.Interval{Micros: int64(z.offset) * int64(time.Second/time.Microsecond)}}
			},
			"is_dst": func(_ *call, z zone) sqltype.Value { return boolean(z.dst) },
		},
	}
}
