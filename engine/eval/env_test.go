package eval_test

import (
	"time"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// testEnv is a session whose clock and zone stand still.
type testEnv struct {
	zone     *time.Location
	settings map[string]string
	notices  []*pgerr.Error
	seed     float64
}

func newTestEnv(zone string) *testEnv {
	loc, err := sqltype.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return &testEnv{zone: loc, settings: map[string]string{"timezone": zone, "server_version": "15.18", "search_path": `"$user", public`}}
}

var testNow = time.Date(2026, 3, 29, 10, 11, 12, 345678000, time.UTC)

func (e *testEnv) Location() *time.Location             { return e.zone }
func (e *testEnv) DateOrder() string                    { return "MDY" }
func (e *testEnv) DateStyle() string                    { return "ISO" }
func (e *testEnv) IntervalStyle() string                { return "postgres" }
func (e *testEnv) ExtraFloatDigits() int                { return 1 }
func (e *testEnv) ByteaOutput() string                  { return "hex" }
func (e *testEnv) Now() time.Time                       { return testNow }
func (e *testEnv) RegOut(uint32, uint32) (string, bool) { return "", false }
func (e *testEnv) RegIn(_ uint32, name string) (uint32, error) {
	if name == "pg_class" {
		return 1259, nil
	}
	return 0, pgerr.Newf(pgerr.UndefinedTable, "relation \"%s\" does not exist", name)
}

func (e *testEnv) Setting(name string) (string, bool) {
	v, ok := e.settings[name]
	return v, ok
}

func (e *testEnv) SetSetting(name, value string, _ bool) error {
	e.settings[name] = value
	return nil
}
func (e *testEnv) StatementTime() time.Time         { return testNow }
func (e *testEnv) TransactionTime() time.Time       { return testNow }
func (e *testEnv) ClockTime() time.Time             { return testNow.Add(time.Second) }
func (e *testEnv) User() string                     { return "analyst" }
func (e *testEnv) SessionUser() string              { return "analyst" }
func (e *testEnv) Database() string                 { return "warehouse" }
func (e *testEnv) BackendPID() int32                { return 4711 }
func (e *testEnv) Query() string                    { return "select 1" }
func (e *testEnv) ServerStart() time.Time           { return testNow.Add(-time.Hour) }
func (e *testEnv) ConfigTime() time.Time            { return testNow.Add(-time.Hour) }
func (e *testEnv) LocalAddr() (string, int)         { return "127.0.0.1", 5433 }
func (e *testEnv) RemoteAddr() (string, int)        { return "127.0.0.1", 50001 }
func (e *testEnv) TransactionID() uint64            { return 742 }
func (e *testEnv) Signal(int32, bool) (bool, error) { return false, nil }
func (e *testEnv) Random() float64                  { return 0.25 }
func (e *testEnv) SeedRandom(s float64)             { e.seed = s }
func (e *testEnv) Notice(n *pgerr.Error)            { e.notices = append(e.notices, n) }
func (e *testEnv) Catalog() eval.Catalog            { return testCatalog{} }

// testCatalog knows pg_class alone.
type testCatalog struct{}

const pgClass = 1259

func (testCatalog) Visible(kind eval.ObjectKind, oid uint32) (visible, exists bool) {
	return kind == eval.ObjRelation && oid == pgClass, kind == eval.ObjRelation && oid == pgClass
}

func (testCatalog) Name(kind eval.ObjectKind, oid uint32) (schema, name string, ok bool) {
	switch {
	case kind == eval.ObjRelation && oid == pgClass:
		return "pg_catalog", "pg_class", true
	case kind == eval.ObjRole && oid == 10:
		return "", "analyst", true
	}
	return "", "", false
}

func (testCatalog) OID(kind eval.ObjectKind, name string) (uint32, bool) {
	switch {
	case kind == eval.ObjRole && name == "analyst":
		return 10, true
	case kind == eval.ObjSchema && name == "pg_catalog":
		return 11, true
	case kind == eval.ObjDatabase && name == "warehouse":
		return 5, true
	}
	return 0, false
}

func (testCatalog) Comment(class, oid uint32, sub int32) (string, bool) {
	return "a comment", class == pgClass && oid == pgClass && sub <= 1
}
func (testCatalog) SharedComment(uint32, uint32) (string, bool) { return "", false }
func (testCatalog) ConstraintDef(oid uint32) (string, bool)     { return "PRIMARY KEY (oid)", oid == 2620 }

func (testCatalog) IndexDef(oid uint32, col int, _ bool) (string, bool) {
	return "oid", oid == 2662 && col == 1
}
func (testCatalog) ViewDef(uint32, bool) (string, bool)          { return "", false }
func (testCatalog) Relkind(oid uint32) (byte, bool)              { return 'r', oid == pgClass }
func (testCatalog) Column(_ uint32, attnum int16) (string, bool) { return "oid", attnum == 1 }
func (testCatalog) RelationSize(oid uint32) (int64, bool)        { return 8192, oid == pgClass }
func (testCatalog) DatabaseSize(oid uint32) (int64, bool)        { return 1 << 20, oid == 5 }
func (testCatalog) IsMember(role, of uint32) bool                { return role == of }
func (testCatalog) IsSuperuser(uint32) bool                      { return false }
func (testCatalog) Attnum(rel uint32, col string) (int16, bool) {
	return 1, rel == pgClass && col == "oid"
}

func (testCatalog) HasPrivilege(role uint32, kind eval.ObjectKind, oid uint32, _ int16, privilege string) (has, exists bool) {
	exists = kind == eval.ObjRelation && oid == pgClass || kind == eval.ObjSchema && oid == 11 || kind == eval.ObjDatabase && oid == 5
	return exists && role == 10 && (privilege == "SELECT" || privilege == "USAGE" || privilege == "CONNECT"), exists
}

func (testCatalog) SearchPath(implicit bool) []string {
	if implicit {
		return []string{"pg_catalog", "public"}
	}
	return []string{"public"}
}
