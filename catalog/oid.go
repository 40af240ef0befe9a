package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"sort"
	"strconv"
)

// FirstUserOID is the first OID that initdb leaves to users (PostgreSQL's FirstNormalObjectId). OIDs of user objects lie
// from here up to 2^31: drivers that read an OID as a signed integer then still see a positive number.
const FirstUserOID uint32 = 16384

const oidSpace = 1<<31 - FirstUserOID

// oidMaker gives OIDs that depend on nothing but the objects' names, so that every replica gives the same ones without
// shared state. All names are told first (want) and numbered in their order (assign), so that of two that collide always
// the same one is hashed again.
type oidMaker struct {
	keys []string
	oids map[string]uint32
}

func newOIDMaker() *oidMaker { return &oidMaker{oids: make(map[string]uint32)} }

// oidKey is the identity of an object: what kind it is, the schema, and names within it. Names cannot hold NUL.
func oidKey(kind, schema string, names ...string) string {
	k := kind + "\x00" + schema
	for _, n := range names {
		k += "\x00" + n
	}
	return k
}

func (m *oidMaker) want(keys ...string) { m.keys = append(m.keys, keys...) }

func (m *oidMaker) assign(hash func(key string, try int) uint32) {
	sort.Strings(m.keys)
	used := make(map[uint32]bool, len(m.keys))
	for _, k := range m.keys {
		if _, seen := m.oids[k]; seen {
			continue
		}
		oid := hash(k, 0)
		for try := 1; used[oid]; try++ {
			oid = hash(k, try)
		}
		used[oid] = true
		m.oids[k] = oid
	}
	m.keys = nil
}

func (m *oidMaker) of(key string) uint32 { return m.oids[key] }

func hashOID(key string, try int) uint32 {
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(try)))
	return FirstUserOID + uint32(binary.BigEndian.Uint64(sum[:8])%uint64(oidSpace))
}

func itoa(i int) string { return strconv.Itoa(i) }
