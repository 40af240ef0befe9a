package exec

import (
	"github.com/odatagres/odatagres/catalog/builtin"
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
		var err error
		if out, err = a.append(out, typ, val); err != nil {
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

// append writes a value as to_json does.
func (a *jsonAgg) append(dst []byte, t sqltype.Type, v sqltype.Value) ([]byte, error) {
	if v.Null {
		return append(dst, "null"...), nil
	}
	fns := builtin.Load().Functions("pg_catalog", "to_json")
	if len(fns) != 1 {
		return nil, pgerr.Internal("no function to_json")
	}
	out, err := eval.EvalConst(a.ctx, &plan.Call{Fn: fns[0], Args: []plan.Expr{&plan.Const{Value: v, T: t}}, T: sqltype.Of(sqltype.OIDJSON)})
	if err != nil {
		return nil, err
	}
	return append(dst, out.S...), nil
}

// key writes a field name: the value's text form as a JSON string.
func (a *jsonAgg) key(dst []byte, t sqltype.Type, v sqltype.Value) ([]byte, error) {
	text := sqltype.AppendText(nil, t, v, a.ctx.Env)
	return a.append(dst, sqltype.Of(sqltype.OIDText), sqltype.Text(string(text)))
}
