package profile

import "github.com/odatagres/odatagres/odata/edm"

// Standard is a service whose operator vouches that it keeps the text of OData 4.0 for $filter, $select, $orderby, $top,
// $skip and $count.
//
// What the text leaves open stays Local:
//   - Strings. Equality and the three string tests are case-sensitive and have no collation by the text, so eq, startswith,
//     endswith and contains are Exact. Should the service compare without case or trailing blanks after all, they return
//     surplus rows, which the kept filter drops and reports. The order of strings is left to the service: ranges and
//     $orderby are Local. ne loses rows on a service that breaks the vow, and nobody can notice: Local.
//   - Double. NaN is less than nothing there and greater than everything in SQL, so gt and ge would lose rows, and no order
//     holds. Single: whether a literal is rounded to single before it is compared is not said: Local.
//   - Guid has no stated order: only eq and ne. Enum values compare as numbers there and as text here: only eq and ne, and
//     not for flags, whose text has no canonical form.
//   - Fractions of seconds finer than a microsecond exist there and not here: le, lt and eq are widened by the planner,
//     and are Exact only where FractionDigits proves that literals of six digits are kept.
//   - Binary, geography, collections compare with null only.
//   - in came with 4.01: a list becomes an or of eq.
//
// eq null and ne null are defined by the text (URL Conventions 5.1.1.1.1).
func Standard() *Profile {
	exact := append(integers(), edm.KindDecimal, edm.KindDate)
	all := []Op{Eq, Ne, Lt, Le, Gt, Ge}
	times := []edm.Kind{edm.KindDateTimeOffset, edm.KindTimeOfDay, edm.KindDuration}
	return &Profile{
		Name: "standard",
		Filter: []FilterRule{
			{Kinds: comparable(), Ops: []Op{IsNull, IsNotNull}, Verdict: Exact},
			{Ops: []Op{In}, Verdict: Local, Why: "OData 4.0 has no operator in"},
			{Kinds: exact, Ops: all, Verdict: Exact},
			{Kinds: []edm.Kind{edm.KindBoolean, edm.KindGuid, edm.KindEnum}, Ops: []Op{Eq, Ne}, Verdict: Exact},
			{Kinds: []edm.Kind{edm.KindGuid}, Ops: Ops(), Verdict: Local, Why: "the order of Edm.Guid is not stated"},
			{Kinds: []edm.Kind{edm.KindEnum}, Ops: Ops(), Verdict: Local, Why: "enumeration values are ordered by number there, by text here"},
			{Kinds: []edm.Kind{edm.KindString}, Ops: []Op{Eq, StartsWith, EndsWith, Contains}, Verdict: Exact},
			{Kinds: []edm.Kind{edm.KindString}, Ops: []Op{Ne}, Verdict: Local, Why: "a collation that is not binary would lose rows"},
			{Kinds: []edm.Kind{edm.KindString}, Ops: Ops(), Verdict: Local, Why: "the order of strings is the service's own"},
			{Kinds: []edm.Kind{edm.KindDouble}, Ops: []Op{Eq, Ne, Lt, Le}, Verdict: Exact},
			{Kinds: []edm.Kind{edm.KindDouble}, Ops: Ops(), Verdict: Local, Why: "NaN is greater than all numbers in SQL only"},
			{Kinds: []edm.Kind{edm.KindSingle}, Ops: Ops(), Verdict: Local, Why: "how the service rounds a literal to Edm.Single is not stated"},
			{Kinds: times, Ops: []Op{Ge, Gt}, Verdict: Exact},
			{Kinds: times, Ops: []Op{Eq, Lt, Le}, Verdict: Superset, Why: "the service may hold fractions finer than a microsecond"},
			{Kinds: times, Ops: Ops(), Verdict: Local, Why: "the service may hold fractions finer than a microsecond"},
		},
		Reason:  "OData 4.0 states no such comparison",
		And:     true,
		Or:      true,
		Select:  true,
		OrderBy: []OrderRule{{Kinds: append(exact, append(times, edm.KindBoolean)...), Proof: SameOrder}},
		Top:     true, Skip: true, Count: true,
		NullsSmall:  true,
		ShortPage:   true,
		IEEE754:     true,
		URLBytes:    2000,
		FilterNodes: 100,
		InList:      25,
	}
}

func comparable() []edm.Kind {
	return append(integers(), edm.KindBoolean, edm.KindDate, edm.KindDateTimeOffset, edm.KindDecimal, edm.KindDouble, edm.KindSingle,
		edm.KindDuration, edm.KindGuid, edm.KindString, edm.KindTimeOfDay, edm.KindEnum, edm.KindBinary)
}
