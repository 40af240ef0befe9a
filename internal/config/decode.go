package config

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML's short tags, as yaml.Node.ShortTag gives them.
const (
	nullTag      = "!!null"
	boolTag      = "!!bool"
	intTag       = "!!int"
	floatTag     = "!!float"
	stringTag    = "!!str"
	timestampTag = "!!timestamp"
)

// Options of a field's config tag.
const (
	// optionRequired makes a missing key a fault.
	optionRequired = "required"
	// optionPath resolves the value against the file's folder.
	optionPath = "path"
	// optionVerifier lets a secret be written out if it is a SCRAM verifier.
	optionVerifier = "verifier"
)

func hasOption(options, option string) bool {
	for _, o := range strings.Split(options, ",") {
		if o == option {
			return true
		}
	}
	return false
}

// decoder puts YAML nodes into the struct. It is our own walk because yaml's
// stops at the first fault of some kinds, names Go types and quotes values.
type decoder struct {
	loader Loader
	dir    string
	faults *faultList
}

// defaulter is a struct that is not empty before its keys are read.
type defaulter interface{ setDefaults() }

// decode sets v from a node. The options are those of the field's config tag.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, path, options string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == nullTag {
		d.null(n, v, path)
		return
	}
	switch target := v.Addr().Interface().(type) {
	case *Secret:
		d.secret(n, target, path, hasOption(options, optionVerifier))
		return
	case scalar:
		if text, ok := d.scalar(n, path, "one value"); ok {
			if err := target.parse(text); err != nil {
				d.faults.addLine(n.Line, path, "%s", err)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Map:
		d.keyed(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.String:
		d.text(n, v, path)
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.ShortTag() != boolTag {
			d.faults.addLine(n.Line, path, "must be true or false")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		number, err := strconv.ParseInt(n.Value, 10, 32)
		if n.Kind != yaml.ScalarNode || n.ShortTag() != intTag || err != nil {
			d.faults.addLine(n.Line, path, "must be a whole number")
			return
		}
		v.SetInt(number)
	default:
		d.faults.addLine(n.Line, path, "cannot be read: the field has no form in YAML")
	}
}

// null reports a key without a value. The word null is told apart, because it is
// also the name of a choice.
func (d *decoder) null(n *yaml.Node, v reflect.Value, path string) {
	if _, ok := v.Addr().Interface().(*OnError); ok && n.Value != "" {
		d.faults.addLine(n.Line, path, `is null; write "null" in quotes`)
		return
	}
	d.faults.addLine(n.Line, path, "has no value; give one or remove the key")
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if def, ok := v.Addr().Interface().(defaulter); ok {
		def.setDefaults()
	}
	if n.Kind != yaml.MappingNode {
		d.faults.addLine(n.Line, path, "must be keys with values")
		return
	}
	fields := fieldsOf(v.Type())
	given := d.pairs(n, path, func(key, value *yaml.Node, at string) {
		f, ok := fields[key.Value]
		if !ok {
			d.unknown(key, fields, at)
			return
		}
		d.decode(value, v.Field(f.index), at, f.options)
	})
	for _, name := range sortedKeys(fields) {
		if _, ok := given[name]; !ok && hasOption(fields[name].options, optionRequired) {
			d.faults.addLine(n.Line, join(path, name), "missing")
		}
	}
}

func (d *decoder) keyed(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.faults.addLine(n.Line, path, "must be keys with values")
		return
	}
	m := reflect.MakeMap(v.Type())
	d.pairs(n, path, func(key, value *yaml.Node, at string) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, element, at, "")
		m.SetMapIndex(reflect.ValueOf(key.Value), element)
	})
	v.Set(m)
}

// pairs visits the keys of a mapping, each name once, and gives the line of each.
func (d *decoder) pairs(n *yaml.Node, path string, visit func(key, value *yaml.Node, at string)) map[string]int {
	given := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.faults.addLine(key.Line, path, "a key must be a name")
			continue
		}
		at := join(path, key.Value)
		if key.Tag == "!!merge" {
			d.faults.addLine(key.Line, at, "merging is not done here; repeat the keys")
			continue
		}
		if first, ok := given[key.Value]; ok {
			d.faults.addLine(key.Line, at, "given twice, first on line %d", first)
			continue
		}
		given[key.Value] = key.Line
		d.faults.at(at, key.Line)
		visit(key, value, at)
	}
	return given
}

func (d *decoder) unknown(key *yaml.Node, fields map[string]field, at string) {
	names := sortedKeys(fields)
	if near, ok := nearest(key.Value, names); ok {
		d.faults.addLine(key.Line, at, "unknown key; did you mean %q?", near)
		return
	}
	d.faults.addLine(key.Line, at, "unknown key; known here are %s", strings.Join(names, ", "))
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.faults.addLine(n.Line, path, "must be a list")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.faults.at(at, item.Line)
		d.decode(item, s.Index(i), at, "")
	}
	v.Set(s)
}

// text reads a string. YAML reads some texts as other types: a date is taken as
// it is written (api-version: 2026-01-01), the others must be quoted, so that
// 1.0 is never sent as 1.
func (d *decoder) text(n *yaml.Node, v reflect.Value, path string) {
	if _, ok := d.scalar(n, path, "text"); !ok {
		return
	}
	switch n.ShortTag() {
	case stringTag, timestampTag:
		v.SetString(n.Value)
	case boolTag, intTag, floatTag:
		d.faults.addLine(n.Line, path, "must be text: write %q in quotes", n.Value)
	default:
		d.faults.addLine(n.Line, path, "must be text")
	}
}

func (d *decoder) secret(n *yaml.Node, target *Secret, path string, verifier bool) {
	text, ok := d.scalar(n, path, "text")
	if !ok {
		return
	}
	secret, err := d.loader.readSecret(text, d.dir, verifier)
	if err != nil {
		d.faults.addLine(n.Line, path, "%s", err)
		return
	}
	*target = secret
}

func (d *decoder) scalar(n *yaml.Node, path, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.faults.addLine(n.Line, path, "must be %s", want)
		return "", false
	}
	return n.Value, true
}

type field struct {
	index   int
	options string
}

// fieldsOf lists a struct's keys.
func fieldsOf(t reflect.Type) map[string]field {
	fields := make(map[string]field, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		fields[name] = field{index: i, options: f.Tag.Get("config")}
	}
	return fields
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
