package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func errNoSequence(name string) error {
	return pgerr.Newf(pgerr.WrongObjectType, "\"%s\" is not a sequence", name)
}

// sequenceKernels are the functions over sequences. There are none, so each ends as PostgreSQL's does on something else.
func sequenceKernels() []Kernel {
	fails := func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		_, name, ok := c.Env().Catalog().Name(ObjRelation, uint32(a[0].I))
		if !ok {
			return sqltype.Value{}, pgerr.Newf(pgerr.InternalError, "could not open relation with OID %d", uint32(a[0].I))
		}
		return sqltype.Value{}, errNoSequence(name)
	}
	return []Kernel{
		scalar("currval_oid", fails), scalar("nextval_oid", fails), scalar("setval_oid", fails), scalar("setval3_oid", fails),
		scalar("lastval", func(*Call, []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Value{}, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session")
		}),
	}
}
