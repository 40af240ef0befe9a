package sqltype_test

import (
	"testing"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// roundtrip checks what must hold of every accepted value: its text and its binary form are read back to an equal value.
func roundtrip(t *testing.T, typ sqltype.Type, v sqltype.Value) {
	t.Helper()
	text := string(sqltype.AppendText(nil, typ, v, nil))
	if i := typ.Info(); i.Input != "record_in" && i.Name != "_record" && i.Name != "char" && i.Name != "_char" {
		again, err := sqltype.ParseText(typ, text, nil)
		if err != nil {
			if pastTheLast(err) {
				return
			}
			t.Fatalf("%s: own text %q is refused: %v", typ, text, err)
		}
		if back := string(sqltype.AppendText(nil, typ, again, nil)); back != text {
			t.Fatalf("%s: %q becomes %q", typ, text, back)
		}
	}
	bin, err := sqltype.AppendBinary(nil, typ, v, nil)
	if err != nil {
		return
	}
	again, err := sqltype.ParseBinary(typ, bin, nil)
	if err != nil {
		if pastTheLast(err) {
			return
		}
		t.Fatalf("%s: own binary %x is refused: %v", typ, bin, err)
	}
	if !sqltype.Equal(typ, v, again) || sqltype.Hash(typ, v) != sqltype.Hash(typ, again) {
		t.Fatalf("%s: %q differs from itself read back", typ, text)
	}
}

// pastTheLast tells the zones past 16 hours and the timestamps rounded past the last one, which PostgreSQL prints but does
// not read.
func pastTheLast(err error) bool {
	c := pgerr.CodeOf(err)
	return c == pgerr.InvalidTimeZoneDisplacementValue || c == pgerr.DatetimeFieldOverflow
}

func typeAt(n uint8) sqltype.Type {
	all := sqltype.All()
	return sqltype.Of(all[int(n)%len(all)].OID)
}

func indexOf(oid uint32) uint8 {
	for i, info := range sqltype.All() {
		if info.OID == oid {
			return uint8(i)
		}
	}
	return 0
}

func FuzzParseText(f *testing.F) {
	for _, c := range comparisons() {
		for _, typ := range c.types {
			for _, s := range lines(c.seeds) {
				f.Add(indexOf(typ.OID), s)
			}
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, s string) {
		typ := typeAt(n)
		v, err := sqltype.ParseText(typ, s, nil)
		if err != nil {
			if pgerr.As(err) == nil {
				t.Fatalf("%s %q: an error without a code: %v", typ, s, err)
			}
			return
		}
		roundtrip(t, typ, v)
	})
}

func FuzzParseBinary(f *testing.F) {
	for name, s := range samples {
		i, _ := sqltype.ByName(name)
		typ := sqltype.Of(i.OID)
		v, err := sqltype.ParseText(typ, s, nil)
		if err != nil {
			f.Fatal(name, err)
		}
		if b, err := sqltype.AppendBinary(nil, typ, v, nil); err == nil {
			f.Add(indexOf(i.OID), b)
		}
		if i.Array != 0 {
			a := sqltype.NewArray(i.OID, []sqltype.Value{v, sqltype.NullValue()})
			f.Add(indexOf(i.Array), []byte(a.Encode()))
		}
		r := sqltype.Record{Fields: []sqltype.Field{{OID: i.OID, Value: v}}}
		f.Add(indexOf(sqltype.OIDRecordArray), []byte(r.Encode()))
	}
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		typ := typeAt(n)
		v, err := sqltype.ParseBinary(typ, b, nil)
		if err != nil {
			if pgerr.As(err) == nil {
				t.Fatalf("%s %x: an error without a code: %v", typ, b, err)
			}
			return
		}
		roundtrip(t, typ, v)
	})
}

func FuzzArrays(f *testing.F) {
	for _, s := range lines(arraySeeds) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ := sqltype.Of(sqltype.OIDTextArray)
		v, err := sqltype.ParseText(typ, s, nil)
		if err != nil {
			return
		}
		a, err := sqltype.DecodeArray(v.S)
		if err != nil {
			t.Fatalf("%q: not decoded: %v", s, err)
		}
		if a.Encode() != v.S {
			t.Fatalf("%q: encoded differently", s)
		}
		roundtrip(t, typ, v)
	})
}

func FuzzJSONB(f *testing.F) {
	for _, s := range lines(jsonSeeds) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ := sqltype.Of(sqltype.OIDJSONB)
		v, err := sqltype.ParseText(typ, s, nil)
		if err != nil {
			return
		}
		if err := sqltype.CheckJSON(s); err != nil {
			t.Fatalf("%q: jsonb but not json: %v", s, err)
		}
		tree, err := sqltype.ParseJSONB(s)
		if err != nil {
			t.Fatalf("%q: no tree: %v", s, err)
		}
		if text := string(sqltype.AppendJSONB(nil, &tree)); text != v.S {
			t.Fatalf("%q: the tree prints %q, input gives %q", s, text, v.S)
		}
		roundtrip(t, typ, v)
	})
}
