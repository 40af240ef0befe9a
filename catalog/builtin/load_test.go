package builtin_test

import (
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	r := builtin.Load()
	f := r.FunctionByOID(177) // int4pl
	if f == nil || f.Name != "int4pl" || len(f.Args) != 2 || f.Args[0] != 23 || f.Result != 23 || !f.Strict || f.Volatile != 'i' ||
		f.Kernel != "int4pl" || f.Language != "internal" {
		t.Fatalf("int4pl: %+v", f)
	}
	op := r.OperatorOf("+", 23, 23)
	if op == nil || op.Function != 177 || op.Commutator != op.OID {
		t.Fatalf("int4 + int4: %+v", op)
	}
	if c, ok := r.Cast(23, 20); !ok || c.Context != 'i' || c.Method != 'f' || r.FunctionByOID(c.Function).Source != "int48" {
		t.Fatalf("int4 → int8: %+v", c)
	}
	if a := r.Aggregate(2803); a == nil || a.Kind != 'n' || !a.HasInitial { // count(*)
		t.Fatalf("count(*): %+v", a)
	}
	if fs := r.Functions("information_schema", "_pg_expandarray"); len(fs) != 1 || fs[0].ArgModes != "ioo" || fs[0].ArgNames[1] != "x" {
		t.Fatalf("_pg_expandarray: %+v", fs)
	}
	if len(r.Functions("pg_catalog", "_pg_expandarray")) != 0 {
		t.Fatal("_pg_expandarray is in pg_catalog")
	}
	mi := r.FunctionsNamed("make_interval")
	if len(mi) != 1 || len(mi[0].Defaults) != 7 || mi[0].Defaults[6] != "0.0" {
		t.Fatalf("make_interval: %+v", mi)
	}
}

// Every OID that an entry names exists.
func TestReferences(t *testing.T) {
	t.Parallel()
	r := builtin.Load()
	for _, o := range r.AllOperators() {
		if r.FunctionByOID(o.Function) == nil {
			t.Errorf("operator %d %s: no function %d", o.OID, o.Name, o.Function)
		}
		for _, x := range []uint32{o.Commutator, o.Negator} {
			if x != 0 && r.OperatorByOID(x) == nil {
				t.Errorf("operator %d %s: no operator %d", o.OID, o.Name, x)
			}
		}
	}
	for _, f := range r.AllFunctions() {
		if (f.Kind == 'a') != (r.Aggregate(f.OID) != nil) {
			t.Errorf("%s: kind %c, but pg_aggregate disagrees", f.Signature(), f.Kind)
		}
		if f.AllArgs != nil && len(f.AllArgs) != len(f.ArgModes) {
			t.Errorf("%s: %d argument types, modes %q", f.Signature(), len(f.AllArgs), f.ArgModes)
		}
	}
}

// A name in a list belongs to a function of that kind.
func TestKernelListsNameFunctions(t *testing.T) {
	t.Parallel()
	r := builtin.Load()
	for _, kind := range []builtin.KernelKind{builtin.ScalarKernel, builtin.SetKernel, builtin.AggregateKernel, builtin.WindowKernel} {
		have := map[string]bool{}
		for _, f := range append(builtin.KeyFunctions(), r.AllFunctions()...) {
			if f.KernelKindOf() == kind {
				have[f.KernelName()] = true
			}
		}
		for _, k := range builtin.Kernels(kind) {
			if !have[k] {
				t.Errorf("%s: no function has the kernel %s", kind, k)
			}
		}
	}
}

func TestStaticTable(t *testing.T) {
	t.Parallel()
	cols, rows, ok := builtin.StaticTable("pg_proc")
	if !ok || len(cols) != 30 || len(rows) != len(builtin.Load().AllFunctions()) || cols[0].Name != "oid" || cols[0].Type != 26 {
		t.Fatalf("pg_proc: %v, %d rows, %v", cols, len(rows), ok)
	}
	if _, _, ok := builtin.StaticTable("no_such_table"); ok {
		t.Fatal("a dump that does not exist was found")
	}
}

func BenchmarkStaticProc(b *testing.B) {
	for b.Loop() {
		builtin.StaticTable("pg_proc")
	}
}
