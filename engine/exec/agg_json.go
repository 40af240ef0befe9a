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
	out := []byte("[")
	end := byte(']')
	if a.object {
		out, end = []byte("{ "), '}'
	}
	for i, r := range rows {
		if i > 0 {
			out = append(out, ", "...)
		}
		val, typ := r[0], a.types[0]
		if a.object {
			if val.Null {
				return sqltype.Value{}, pgerr.New(pgerr.InvalidParameterValue, "field name must not be null")
			}
			var err error
			if out, err = a.key(out, typ, val); err != nil {
				return sqltype.Value{}, err
			}
			out = append(out, " : "...)
			val, typ = r[1], a.types[1]
		}
		if i > 0 && !a.object && !val.Null && structured(typ) {
			out = append(out, "\n "...)
		}
		var err error
		if out, err = eval.AppendJSONValue(a.ctx, out, typ, val, a.fields); err != nil {
			return sqltype.Value{}, err
		}
	}
	if a.object {
		out = append(out, ' ')
	}
	out = append(out, end)
	if !a.binary {
		return sqltype.Text(string(out)), nil
	}
	return sqltype.ParseText(sqltype.Of(sqltype.OIDJSONB), string(out), a.ctx.Env)
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
