package wire

import (
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// executionEnv holds what printing values asks of the session's settings, read once per execution: a statement's rows are
// printed by the settings that it began with, and a value costs no look-up.
type executionEnv struct {
	session                             sqltype.Env // nil: none
	location                            *time.Location
	dateOrder, dateStyle, intervalStyle string
	byteaOutput                         string
	floatDigits                         int
}

func newExecutionEnv(e sqltype.Env) executionEnv {
	if e == nil {
		return executionEnv{location: time.UTC, dateOrder: "MDY", dateStyle: "ISO", intervalStyle: "postgres", byteaOutput: "hex", floatDigits: 1}
	}
	return executionEnv{
		session: e, location: e.Location(), dateOrder: e.DateOrder(), dateStyle: e.DateStyle(), intervalStyle: e.IntervalStyle(),
		byteaOutput: e.ByteaOutput(), floatDigits: e.ExtraFloatDigits(),
	}
}

func (e executionEnv) Location() *time.Location { return e.location }
func (e executionEnv) DateOrder() string        { return e.dateOrder }
func (e executionEnv) DateStyle() string        { return e.dateStyle }
func (e executionEnv) IntervalStyle() string    { return e.intervalStyle }
func (e executionEnv) ExtraFloatDigits() int    { return e.floatDigits }
func (e executionEnv) ByteaOutput() string      { return e.byteaOutput }

func (e executionEnv) Now() time.Time {
	if e.session == nil {
		return time.Now()
	}
	return e.session.Now()
}

func (e executionEnv) RegOut(typ, oid uint32) (string, bool) {
	if e.session == nil {
		return "", false
	}
	return e.session.RegOut(typ, oid)
}

func (e executionEnv) RegIn(typ uint32, name string) (uint32, error) {
	if e.session == nil {
		v, err := sqltype.ParseText(sqltype.Of(typ), name, nil)
		return uint32(v.I), err
	}
	return e.session.RegIn(typ, name)
}
