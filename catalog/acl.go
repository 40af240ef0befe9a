package catalog

import (
	"fmt"
	"strings"
)

// Privilege is a set of access rights (PostgreSQL's AclMode).
type Privilege uint16

// The rights, with the letters that aclitem prints (acl.h).
const (
	PrivInsert      Privilege = 1 << iota // a
	PrivSelect                            // r
	PrivUpdate                            // w
	PrivDelete                            // d
	PrivTruncate                          // D
	PrivReferences                        // x
	PrivTrigger                           // t
	PrivExecute                           // X
	PrivUsage                             // U
	PrivCreate                            // C
	PrivTemp                              // T
	PrivConnect                           // c
	PrivSet                               // s
	PrivAlterSystem                       // A
)

const privLetters = "arwdDxtXUCTcsA"

// privNames are the names in the order of the bits, as information_schema and has_*_privilege write them.
func privNames() []string {
	return []string{
		"INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "EXECUTE", "USAGE", "CREATE", "TEMPORARY",
		"CONNECT", "SET", "ALTER SYSTEM",
	}
}

// AllTablePrivileges and the like are what an owner has by default (acldefault).
const (
	AllTablePrivileges    = PrivInsert | PrivSelect | PrivUpdate | PrivDelete | PrivTruncate | PrivReferences | PrivTrigger
	AllSchemaPrivileges   = PrivUsage | PrivCreate
	AllDatabasePrivileges = PrivCreate | PrivTemp | PrivConnect
)

// Names are the names of the rights in the set.
func (p Privilege) Names() []string {
	var out []string
	for i, n := range privNames() {
		if p&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// ACLItem grants rights to a role.
type ACLItem struct {
	Grantee uint32 // 0 is PUBLIC
	Grantor uint32
	Privs   Privilege
	Options Privilege // those that the grantee may grant on
}

// ParseACLItem reads an aclitem whose role names the function resolves.
func ParseACLItem(text string, role func(name string) (uint32, bool)) (ACLItem, error) {
	var it ACLItem
	eq := strings.IndexByte(text, '=')
	slash := strings.LastIndexByte(text, '/')
	if eq < 0 || slash < eq {
		return it, fmt.Errorf("not an aclitem: %s", text)
	}
	var ok bool
	if name := text[:eq]; name != "" {
		if it.Grantee, ok = role(name); !ok {
			return it, fmt.Errorf("unknown role %s", name)
		}
	}
	if it.Grantor, ok = role(text[slash+1:]); !ok {
		return it, fmt.Errorf("unknown role %s", text[slash+1:])
	}
	var last Privilege
	for _, c := range []byte(text[eq+1 : slash]) {
		if c == '*' {
			it.Options |= last
			continue
		}
		i := strings.IndexByte(privLetters, c)
		if i < 0 {
			return it, fmt.Errorf("unknown privilege %q", c)
		}
		last = 1 << i
		it.Privs |= last
	}
	return it, nil
}

// FormatACLItem prints an aclitem as aclitemout does.
func (s *Snapshot) FormatACLItem(it ACLItem) string {
	var b strings.Builder
	if it.Grantee != 0 {
		b.WriteString(s.aclName(it.Grantee))
	}
	b.WriteByte('=')
	for i := range len(privLetters) {
		if it.Privs&(1<<i) != 0 {
			b.WriteByte(privLetters[i])
			if it.Options&(1<<i) != 0 {
				b.WriteByte('*')
			}
		}
	}
	b.WriteByte('/')
	b.WriteString(s.aclName(it.Grantor))
	return b.String()
}

// aclName quotes a role's name where it is not made of letters, digits and "_" alone (putid in acl.c).
func (s *Snapshot) aclName(oid uint32) string {
	r := s.roleByOID[oid]
	if r == nil {
		return itoa(int(oid))
	}
	for _, c := range r.Name {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c < 0x80 {
			return `"` + strings.ReplaceAll(r.Name, `"`, `""`) + `"`
		}
	}
	return r.Name
}
