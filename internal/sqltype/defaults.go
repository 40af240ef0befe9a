package sqltype

import (
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// defaults is the Env of those who have no session.
type defaults struct{}

func orDefault(env Env) Env {
	if env == nil {
		return defaults{}
	}
	return env
}

func (defaults) Location() *time.Location             { return time.UTC }
func (defaults) DateOrder() string                    { return "MDY" }
func (defaults) DateStyle() string                    { return "ISO" }
func (defaults) IntervalStyle() string                { return "postgres" }
func (defaults) ExtraFloatDigits() int                { return 1 }
func (defaults) ByteaOutput() string                  { return "hex" }
func (defaults) Now() time.Time                       { return time.Now() }
func (defaults) RegOut(uint32, uint32) (string, bool) { return "", false }
func (defaults) RegIn(typ uint32, name string) (uint32, error) {
	return 0, pgerr.Unsupported("use the object's OID", "names of type %s cannot be looked up without a session", FormatType(typ, -1))
}
