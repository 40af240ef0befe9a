package sqltype

import (
	"sort"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// ParseJSONB reads a text as jsonb does: members ordered and unique (the last of equal keys wins), numbers as numeric.
func ParseJSONB(s string) (JSON, error) {
	tree := &jsonTree{binary: true}
	if err := (&jsonReader{text: s, keep: true}).whole(tree); err != nil {
		return JSON{}, err
	}
	tree.root.Normalize()
	return tree.root, nil
}

// Normalize orders and merges the members of every object within a value.
func (v *JSON) Normalize() {
	for i := range v.Elems {
		v.Elems[i].Normalize()
	}
	if v.Kind != JSONObject || len(v.Keys) < 2 {
		return
	}
	order := make([]int, len(v.Keys))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return cmpKeys(v.Keys[order[a]], v.Keys[order[b]]) < 0 })
	keys, elems := make([]string, 0, len(order)), make([]JSON, 0, len(order))
	for i, at := range order {
		if i+1 < len(order) && v.Keys[at] == v.Keys[order[i+1]] {
			continue
		}
		keys, elems = append(keys, v.Keys[at]), append(elems, v.Elems[at])
	}
	v.Keys, v.Elems = keys, elems
}

func cmpKeys(a, b string) int {
	if len(a) != len(b) {
		return cmpInt(int64(len(a)), int64(len(b)))
	}
	return strings.Compare(a, b)
}

// Member finds a key of a normalized object.
func (v *JSON) Member(key string) (*JSON, bool) {
	i := sort.Search(len(v.Keys), func(i int) bool { return cmpKeys(v.Keys[i], key) >= 0 })
	if i < len(v.Keys) && v.Keys[i] == key {
		return &v.Elems[i], true
	}
	return nil, false
}

// AppendJSONB appends the text form of jsonb.
func AppendJSONB(dst []byte, v *JSON) []byte {
	switch v.Kind {
	case JSONNull:
		return append(dst, "null"...)
	case JSONString:
		return AppendJSONString(dst, v.String)
	case JSONNumber:
		return AppendNumeric(dst, v.Number)
	case JSONBool:
		if v.Bool {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case JSONArray:
		dst = append(dst, '[')
		for i := range v.Elems {
			if i > 0 {
				dst = append(dst, ',', ' ')
			}
			dst = AppendJSONB(dst, &v.Elems[i])
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i := range v.Elems {
		if i > 0 {
			dst = append(dst, ',', ' ')
		}
		dst = append(AppendJSONString(dst, v.Keys[i]), ':', ' ')
		dst = AppendJSONB(dst, &v.Elems[i])
	}
	return append(dst, '}')
}

func jsonbIn(s string, _ Type, _ Env) (Value, error) {
	w := &jsonbWriter{dst: make([]byte, 0, len(s)+len(s)/8)}
	if err := (&jsonReader{text: s, keep: true}).whole(w); err != nil {
		return Value{}, err
	}
	return Text(string(w.dst)), nil
}

func jsonbRecv(b []byte, t Type, env Env) (Value, error) {
	if len(b) == 0 {
		return Value{}, wrongSize(0, 1)
	}
	if b[0] != 1 {
		return Value{}, pgerr.Internal("unsupported jsonb version number %d", b[0])
	}
	if v, err := textRecv(b[1:], t, env); err != nil {
		return v, err
	}
	return jsonbIn(string(b[1:]), t, env)
}

func jsonbSend(dst []byte, v Value, _ Type, _ Env) []byte { return append(append(dst, 1), v.S...) }

// Compare orders as jsonb's btree operators do: Object > Array > Boolean > Number > String > Null, containers by their
// number of elements first; the empty array at the top is less than everything, for history's sake.
func (v *JSON) Compare(w *JSON) int {
	scalarV, scalarW := v.Kind < JSONArray, w.Kind < JSONArray
	if scalarV != scalarW {
		// A scalar counts as an array of one element that is less than a real one.
		array, sign := v, 1
		if scalarV {
			array, sign = w, -1
		}
		if array.Kind == JSONArray && len(array.Elems) == 0 {
			return -sign
		}
		return sign
	}
	return v.compare(w)
}

func (v *JSON) compare(w *JSON) int {
	if v.Kind != w.Kind {
		return cmpInt(int64(v.Kind), int64(w.Kind))
	}
	switch v.Kind {
	case JSONString:
		return strings.Compare(v.String, w.String)
	case JSONNumber:
		return v.Number.Cmp(w.Number)
	case JSONBool:
		return cmpInt(int64(b2i(v.Bool)), int64(b2i(w.Bool)))
	case JSONNull:
		return 0
	}
	if len(v.Elems) != len(w.Elems) {
		return cmpInt(int64(len(v.Elems)), int64(len(w.Elems)))
	}
	for i := range v.Elems {
		if v.Kind == JSONObject {
			if c := strings.Compare(v.Keys[i], w.Keys[i]); c != 0 {
				return c
			}
		}
		if c := v.Elems[i].compare(&w.Elems[i]); c != 0 {
			return c
		}
	}
	return 0
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (v *JSON) hash() uint64 {
	h := uint64(v.Kind)
	switch v.Kind {
	case JSONString:
		h ^= hashString(v.String)
	case JSONNumber:
		h ^= v.Number.Hash()
	case JSONBool:
		h ^= uint64(b2i(v.Bool)) << 8
	}
	for i := range v.Elems {
		if v.Kind == JSONObject {
			h = hashInt(h*31 + hashString(v.Keys[i]))
		}
		h = hashInt(h*31 + v.Elems[i].hash())
	}
	return hashInt(h)
}
