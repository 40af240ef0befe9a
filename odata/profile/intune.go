package profile

import "github.com/odatagres/odatagres/odata/edm"

// Intune is the Microsoft Intune Data Warehouse.
//
// Its documentation takes $filter, $select, $skip and $top only, and $filter on dateKey (lt le eq ge gt, joined by and) or
// rowLastModifiedDateTimeUTC only; "any other property would trigger a bad request". The pages write the names in Pascal
// case and the feed in camel case, so names are compared without case. Of the timestamp only ge is documented. That both
// columns may stand in one filter is documented nowhere, hence the group. $skip without $orderby has no stable meaning.
func Intune() *Profile {
	const only = "the service filters on dateKey and rowLastModifiedDateTimeUTC only"
	return &Profile{
		Name: "intune",
		Filter: []FilterRule{
			{
				Property: "dateKey", Kinds: integers(), Ops: []Op{Eq, Lt, Le, Gt, Ge}, Verdict: Exact, Group: "range",
			},
			{
				Property: "dateKey", Ops: Ops(), Verdict: Local, Group: "range",
				Why: "the service compares dateKey by lt le eq ge gt only",
			},
			{
				Property: "rowLastModifiedDateTimeUTC", Kinds: []edm.Kind{edm.KindDateTimeOffset}, Ops: []Op{Ge, Gt},
				Verdict: Exact, Group: "range",
			},
			{
				Property: "rowLastModifiedDateTimeUTC", Ops: Ops(), Verdict: Local, Group: "range",
				Why: "the service is sure to compare rowLastModifiedDateTimeUTC by ge only",
			},
		},
		Reason:    only,
		And:       true,
		Select:    true,
		Top:       true,
		NoOrderBy: "the service does not sort",
		NoSkip:    "the service skips rows in no stated order",
		NoCount:   "the service does not count",
		// The documentation's example literal has seven digits.
		FractionDigits: 7,
		URLBytes:       2000,
		FilterNodes:    100,
		Spellings: map[string][]string{
			"datekey":                    {"DateKey", "dateKey"},
			"rowlastmodifieddatetimeutc": {"RowLastModifiedDateTimeUTC", "rowLastModifiedDateTimeUTC"},
		},
		DropLast:   "dateKey",
		References: intuneReferences(),
	}
}

func integers() []edm.Kind {
	return []edm.Kind{edm.KindByte, edm.KindSByte, edm.KindInt16, edm.KindInt32, edm.KindInt64}
}
