package catalog

import (
	"encoding/hex"
	"hash/fnv"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name in bytes (PostgreSQL's NAMEDATALEN - 1). Clients' names are cut to it by the parser, so a
// longer name could never be found.
const MaxName = 63

// NameMode says how a service's names become SQL names.
type NameMode string

// The modes.
const (
	NamesService NameMode = "service" // as they are
	NamesLower   NameMode = "lower"
	NamesSnake   NameMode = "snake" // deviceName becomes device_name
)

func (m NameMode) apply(name string) string {
	switch m {
	case NamesLower:
		return strings.ToLower(name)
	case NamesSnake:
		return snake(name)
	case NamesService:
	}
	return name
}

// snake puts "_" between words: before a capital that follows a small letter or a digit, and before the last capital of a
// run that small letters follow (UTCTime is utc_time).
func snake(name string) string {
	rs := []rune(name)
	var b strings.Builder
	for i, r := range rs {
		if i > 0 && unicode.IsUpper(r) && rs[i-1] != '_' {
			before := unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1])
			ends := unicode.IsUpper(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1])
			if before || ends {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// original is a name of the service: the key that is its identity, and the text that becomes its SQL name.
type original struct{ key, text string }

// uniqueNames gives every original a SQL name: by the mode, cut to MaxName, and different from each other and from the
// reserved ones. Whoever is cut or comes second (in the order of the keys) gets a suffix that depends on the key alone, so
// that a replica, or a later reading of the metadata, gives the same name.
func uniqueNames(mode NameMode, originals []original, reserved []string) map[string]string {
	sorted := append([]original(nil), originals...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].key < sorted[j].key })
	used := make(map[string]bool, len(sorted)+len(reserved))
	for _, name := range reserved {
		used[name] = true
	}
	names := make(map[string]string, len(sorted))
	var later []original
	for _, o := range sorted {
		name := mode.apply(o.text)
		if len(name) > MaxName || name == "" || used[name] {
			later = append(later, o)
			continue
		}
		used[name] = true
		names[o.key] = name
	}
	for _, o := range later {
		name := suffixed(mode.apply(o.text), o.key, 0)
		for i := 1; used[name]; i++ {
			name = suffixed(mode.apply(o.text), o.key, i)
		}
		used[name] = true
		names[o.key] = name
	}
	return names
}

// suffixed cuts a name so that eight hexadecimal digits of a hash of the key fit behind it.
func suffixed(name, key string, try int) string {
	h := fnv.New32a()
	h.Write([]byte(key))
	for ; try > 0; try-- {
		h.Write([]byte{0})
	}
	suffix := "_" + hex.EncodeToString(h.Sum(nil))
	return clip(name, MaxName-len(suffix)) + suffix
}

// clip cuts to at most n bytes at a character's border (pg_mbcliplen).
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// objectName makes name1_name2_label as PostgreSQL's makeObjectName does: the longer of the two names is cut first.
func objectName(name1, name2, label string) string {
	over := 0
	if name2 != "" {
		over++
	}
	if label != "" {
		over += len(label) + 1
	}
	avail := MaxName - over
	n1, n2 := len(name1), len(name2)
	for n1+n2 > avail {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	out := clip(name1, n1)
	if name2 != "" {
		out += "_" + clip(name2, n2)
	}
	if label != "" {
		out += "_" + label
	}
	return out
}

// chooseName makes a name that is not used yet, as PostgreSQL's ChooseRelationName does: label, label1, label2 and so on.
func chooseName(name1, name2, label string, used map[string]bool) string {
	name := objectName(name1, name2, label)
	for i := 1; used[name]; i++ {
		name = objectName(name1, name2, label+itoa(i))
	}
	used[name] = true
	return name
}

// arrayTypeName makes the name of an array type as PostgreSQL's makeArrayTypeName does: with as many "_" before it as it needs.
func arrayTypeName(name string, used map[string]bool) string {
	arr := clip("_"+name, MaxName)
	for used[arr] {
		arr = clip("_"+arr, MaxName)
	}
	used[arr] = true
	return arr
}
