package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// jsonAgg is json_agg, jsonb_agg and the object forms of both.
type jsonAgg struct {
	lists
	ctx            *eval.Ctx
	binary, object bool
	fields         []plan.RowField // of the rows among the values
}

func (a *jsonAgg) result(g int) (sqltype.Value, error) {
	rows := a.rows[g]
	if len(rows) == 0 {
		return null()
	}
	out := []byte(a.open())
	for i, r := range rows {
		var err error
		if out, err = a.element(out, r, i == 0); err != nil {
			return sqltype.Value{}, err
		}
	}
	out = append(out, a.end()...)
	if !a.binary {
		return sqltype.Text(string(out)), nil
	}
	return sqltype.ParseText(sqltype.Of(sqltype.OIDJSONB), string(out), a.ctx.Env)
}

func (a *jsonAgg) open() string {
	if a.object {
		return "{ "
	}
	return "["
}

func (a *jsonAgg) end() string {
	if a.object {
		return " }"
	}
	return "]"
}

// element appends a row's element, with a comma before it where it is not the first.
func (a *jsonAgg) element(out []byte, row []sqltype.Value, first bool) ([]byte, error) {
	if !first {
		out = append(out, ", "...)
	}
	val, typ := row[0], a.types[0]
	if a.object {
		if val.Null {
			return out, pgerr.New(pgerr.InvalidParameterValue, "field name must not be null")
		}
		var err error
		if out, err = a.key(out, typ, val); err != nil {
			return out, err
		}
		out = append(out, " : "...)
		val, typ = row[1], a.types[1]
	}
	if !first && !a.object && !val.Null && structured(typ) {
		out = append(out, "\n "...)
	}
	return eval.AppendJSONValue(a.ctx, out, typ, val, a.fields)
}

// structured says which elements begin a line of their own (json_agg_transfn): arrays and rows.
func structured(t sqltype.Type) bool {
	info := t.Info()
	return info.IsArray || t.OID == sqltype.OIDRecord || info.TypType == 'c' || t.OID == sqltype.OIDInt2Vector || t.OID == sqltype.OIDOIDVector
}

// key writes a field name as a JSON string.
func (a *jsonAgg) key(dst []byte, t sqltype.Type, v sqltype.Value) ([]byte, error) {
	name, err := eval.JSONObjectKey(a.ctx, t, v)
	if err != nil {
		return nil, err
	}
	return sqltype.AppendJSONString(dst, name), nil
}
