package simulator

import (
	"fmt"
	"strings"
)

// lookupSpec says how a lookup set is made from its fixed rows: which column
// is the surrogate, what stands before and after the documented rows.
type lookupSpec struct {
	set, key string
	columns  []string // names of the fixed rows' columns; nil: as in the model file
	before   [][]any
	after    [][]any
	minusOne bool // the first row is the "not available" row with surrogate -1
	modified bool // the set has rowLastModifiedDateTimeUTC
}

// lookupSpecs is the table of lookup sets. Names that nobody documented are
// marked as guesses in the model file.
func lookupSpecs() []lookupSpec {
	return []lookupSpec{
		{set: "appTypes", key: "appTypeKey"},
		{set: "complianceStates", key: "complianceStateKey", minusOne: true},
		{set: "deviceEnrollmentTypes", key: "deviceEnrollmentTypeKey", minusOne: true, before: [][]any{{-1.0, "Not Available"}}},
		{set: "deviceRegistrationStates", key: "deviceRegistrationStateKey"},
		{set: "deviceTypes", key: "deviceTypeKey", minusOne: true},
		{set: "enrollmentEventStatuses", key: "enrollmentEventStatusKey"},
		{set: "enrollmentFailureCategories", key: "enrollmentFailureCategoryKey"},
		{set: "enrollmentFailureReasons", key: "enrollmentFailureReasonKey"},
		{set: "intuneManagementExtensionHealthStates", key: "extensionStateKey", after: [][]any{{"Unhealthy"}, {"Unknown"}}},
		{
			set: "intuneManagementExtensionVersions", key: "extensionVersionKey", columns: []string{"extensionVersion"},
			after: [][]any{{"1.58.103.0"}, {"1.62.101.0"}, {"1.64.102.0"}, {"1.68.100.0"}, {"1.71.101.0"}, {"1.78.103.0"}, {"1.9.22.0"}, {nil}},
		},
		{
			set: "mamDeviceHealths", key: "deviceHealthKey", columns: []string{"deviceHealth", "deviceHealthName"}, minusOne: true, modified: true,
			after: [][]any{{-1.0, "Not Available"}, {0.0, "Healthy"}, {1.0, "Unhealthy"}},
		},
		{
			set: "mamPlatforms", key: "platformKey", columns: []string{"platform", "platformName"}, minusOne: true, modified: true,
			after: [][]any{{-1.0, "Not Available"}, {0.0, "None"}, {1.0, "Windows"}, {2.0, "IOS"}, {3.0, "Android"}},
		},
		{
			set: "mamPolicyTypes", key: "policyTypeKey", columns: []string{"policyType", "policyTypeName"}, minusOne: true, modified: true,
			after: [][]any{{-1.0, "Not Available"}, {1.0, "IosManagedAppProtection"}, {2.0, "AndroidManagedAppProtection"}, {3.0, "WindowsInformationProtection"}},
		},
		{set: "managementAgentTypes", key: "managementAgentKey"},
		{set: "managementStates", key: "managementStateKey", minusOne: true, before: [][]any{{-1.0, "Not Available"}}},
		{set: "mobileAppInstallStates", key: "appInstallStateKey"},
		{set: "ownerTypes", key: ""},
		{
			set: "policyPlatformTypes", key: "policyPlatformTypeKey",
			after: [][]any{{2.0, "Android"}, {3.0, "iOS"}, {4.0, "macOS"}, {5.0, "Windows10AndLater"}, {6.0, "Windows81AndLater"}},
		},
		{set: "policyTypes", key: "policyTypeKey", minusOne: true, before: [][]any{{-1.0, "Not Available", "", ""}}},
		{set: "vppProgramTypes", key: "vppProgramTypeKey", minusOne: true},
	}
}

// lookup is a generated lookup set: its rows by column name, and the surrogates that facts refer to.
type lookup struct {
	data  *dataset
	keys  []int64
	names []string
	ids   []int64
}

// key is the surrogate of the row with the given name; -1 when there is none.
func (l *lookup) key(name string) value {
	for i, n := range l.names {
		if n == name {
			return integer(l.keys[i])
		}
	}
	return integer(-1)
}

const (
	saltSurrogate salt = 1000 + iota
	saltLookupModified
)

func (w *world) makeLookups(m *model, fixed map[string]fixedRows) (map[string]*lookup, error) {
	out := map[string]*lookup{}
	for n, spec := range lookupSpecs() {
		set := m.set(spec.set)
		if set == nil {
			return nil, fmt.Errorf("lookup %s is not in the model", spec.set)
		}
		l, err := w.makeLookup(n, spec, set, fixed[spec.set])
		if err != nil {
			return nil, err
		}
		out[spec.set] = l
	}
	return out, nil
}

func (w *world) makeLookup(n int, spec lookupSpec, set *entitySet, fixed fixedRows) (*lookup, error) {
	columns, rows := spec.columns, append([][]any{}, spec.before...)
	if columns == nil {
		columns = fixed.Columns
		rows = append(rows, fixed.Rows...)
	}
	rows = append(rows, spec.after...)
	if spec.minusOne {
		// Some documented lists do not begin with their "not available" row.
		for i, r := range rows {
			if r[len(r)-1] == "Not Yet Available" {
				rows[0], rows[i] = rows[i], rows[0]
			}
		}
	}
	if spec.set == "policyTypes" {
		columns, rows = policyTypeRows(rows)
	}
	l := &lookup{keys: make([]int64, len(rows)), names: make([]string, len(rows)), ids: make([]int64, len(rows))}
	cells := map[string][]value{}
	for c, name := range columns {
		p := set.prop(name)
		if p < 0 {
			return nil, fmt.Errorf("fixed rows of %s have the unknown column %s", set.name, name)
		}
		col := make([]value, len(rows))
		for i, r := range rows {
			col[i] = fixedValue(r[c], set.props[p].typ.k)
			if s, ok := r[c].(string); ok && c == len(columns)-1 {
				l.names[i] = s
			}
			if c == 0 {
				l.ids[i] = col[i].n
			}
		}
		cells[name] = col
	}
	keyColumn := spec.key
	if keyColumn == "" {
		keyColumn = "ownerTypeKey"
		for i, v := range cells[keyColumn] {
			l.keys[i] = v.n
		}
	} else {
		col := make([]value, len(rows))
		for i := range rows {
			l.keys[i] = w.surrogate(n, i)
			if spec.minusOne && i == 0 {
				l.keys[i] = -1
			}
			if spec.set == "policyPlatformTypes" {
				l.keys[i] = 20170500 + int64(i*7+3+w.of(saltSurrogate, n*1000+i, 5))
			}
			col[i] = integer(l.keys[i])
		}
		cells[keyColumn] = col
	}
	cols := map[string]column{}
	for name, col := range cells {
		cols[name] = func(r ref) value { return col[r.i] }
	}
	if spec.modified {
		cols[timestampName] = func(r ref) value { return timestamp(w.modified(saltLookupModified, n*100+r.i)) }
	}
	l.data = static(len(rows), cols)
	return l, nil
}

// surrogate gives arbitrary keys, unique within a lookup, in no order, far from every natural id.
func (w *world) surrogate(lookup, row int) int64 {
	shift := w.of(saltSurrogate, lookup, 211)
	return 30011 + 97*int64((row*37+shift)%211) + int64(w.of(saltSurrogate, lookup*1000+row, 97))
}

// policyTypeRows makes the names of policy types out of what the report templates know about each id.
func policyTypeRows(rows [][]any) (columns []string, out [][]any) {
	for _, r := range rows {
		kind, _ := r[1].(string)
		platform, _ := r[2].(string)
		category, _ := r[3].(string)
		name := kind
		if platform != "" && platform != "Unknown" && !strings.HasPrefix(kind, platform) {
			name = platform + " " + kind
		}
		if category != "" && category != "None" && category != "Unknown" {
			name += ": " + category
		}
		out = append(out, []any{r[0], name})
	}
	return []string{"policyTypeId", "policyTypeName"}, out
}

func fixedValue(x any, k kind) value {
	switch x := x.(type) {
	case float64:
		return integer(int64(x))
	case string:
		// Identifiers are guids for the generator even when a variant declares them as strings.
		if k == kGuid || len(x) == 36 && strings.Count(x, "-") == 4 {
			return guid(strings.ToLower(x))
		}
		return text(x)
	}
	return null()
}
