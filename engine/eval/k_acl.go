package eval

import (
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// defaultRights are the rights that everybody and the owner have on an object of a kind when none were granted (acldefault
// in PostgreSQL's acl.c). A column alone has none of its own: its table's count.
type defaultRights struct{ world, owner string }

func rightsByKind() map[string]defaultRights {
	return map[string]defaultRights{
		"c": {},
		"r": {owner: "arwdDxt"},
		"s": {owner: "rwU"},
		"d": {world: "Tc", owner: "CTc"},
		"f": {world: "X", owner: "X"},
		"l": {world: "U", owner: "U"},
		"L": {owner: "rw"},
		"n": {owner: "UC"},
		"p": {owner: "sA"},
		"t": {owner: "C"},
		"F": {owner: "U"},
		"S": {owner: "U"},
		"T": {world: "U", owner: "U"},
	}
}

// aclDefault gives the default access list of an object with an owner; pg_dump compares every list with it.
func aclDefault(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	rights, ok := rightsByKind()[a[0].S]
	if !ok {
		return sqltype.Value{}, pgerr.Newf(pgerr.InternalError, "unrecognized objtype abbreviation: %s", a[0].S)
	}
	owner := uint32(a[1].I)
	grantor := aclRole(c, owner)
	grantee := grantor
	if owner == 0 { // everybody
		grantee = ""
	}
	var items []sqltype.Value
	if rights.world != "" {
		items = append(items, sqltype.Text("="+rights.world+"/"+grantor))
	}
	if rights.owner != "" {
		items = append(items, sqltype.Text(grantee+"="+rights.owner+"/"+grantor))
	}
	return sqltype.EncodeArray(sqltype.NewArray(sqltype.OIDACLItem, items)), nil
}

// aclRole is putid: a role's name, quoted unless it is of letters, digits and underscores; the number of one that is gone.
func aclRole(c *Call, oid uint32) string {
	_, name, ok := c.Env().Catalog().Name(ObjRole, oid)
	if !ok {
		return strconv.FormatUint(uint64(oid), 10)
	}
	plain := func(r rune) bool {
		return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if strings.TrimLeftFunc(name, plain) == "" {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
