package simulator

// typesModel is the second entity model: every primitive type, enumerations,
// nested complex types, collections, and sets that refer to each other by
// declared navigation.
func typesModel() *model {
	color := &enumType{name: "Color", underlying: "Edm.Int32", members: []enumMember{{"Red", 1}, {"Green", 2}, {"Blue", 4}, {"DarkRed", -1}}}
	rights := &enumType{name: "Rights", underlying: "Edm.Int64", flags: true, members: []enumMember{{"None", 0}, {"Read", 1}, {"Write", 2}, {"Execute", 4}, {"All", 7}}}
	const ns = "Sample.Types"
	prim := func(name string) edmType { return edmType{name: "Edm." + name, k: primitives()["Edm."+name]} }
	many := func(t edmType) edmType { t.collection = true; return t }
	enumOf := func(e *enumType) edmType { return edmType{name: ns + "." + e.name, k: kEnum, enumT: e} }
	complexT := func(c *complexType) edmType { return edmType{name: ns + "." + c.name, k: kComplex, complexT: c} }
	opt := func(name string, t edmType, facets ...string) property {
		p := property{name: name, typ: t, nullable: true}
		for _, f := range facets {
			p.facets += " " + f
		}
		return p
	}
	req := func(name string, t edmType, facets ...string) property {
		p := opt(name, t, facets...)
		p.nullable = false
		return p
	}
	key := func(name string, t edmType) property {
		p := req(name, t)
		p.key = true
		return p
	}
	position := &complexType{name: "Position", props: []property{
		req("lat", prim("Double")), req("lon", prim("Double")), opt("floor", prim("Int16")),
	}}
	address := &complexType{name: "Address", props: []property{
		opt("street", prim("String")), req("city", prim("String"), `MaxLength="80"`), opt("position", complexT(position)), opt("since", prim("Date")),
	}}
	m := &model{namespace: ns, container: "Container", enums: []*enumType{color, rights}, complexes: []*complexType{position, address}, typeDefs: [][3]string{{"Weight", "Edm.Decimal", ` Precision="9" Scale="3"`}}}
	m.sets = []*entitySet{
		{
			name: "groups", entityType: "Group", note: "groups of samples, keyed by a guid",
			props: []property{
				key("groupId", prim("Guid")), req("name", prim("String"), `MaxLength="max"`), opt("color", enumOf(color)), opt("founded", prim("Date")), opt("budget", prim("Decimal"), `Precision="19" Scale="2"`),
			},
			navs: []navigation{{name: "samples", target: "samples", partner: "group", collection: true}},
		},
		{
			name: "lines", entityType: "Line", note: "lines of samples, with a key of two columns",
			props: []property{
				key("sampleId", prim("Int32")), key("lineNo", prim("Int16")), opt("product", prim("String")), req("quantity", prim("Int32")),
				opt("price", prim("Decimal"), `Scale="variable"`), opt("shipped", prim("DateTimeOffset"), `Precision="3"`), opt("weight", edmType{name: ns + ".Weight", k: kDecimal}),
			},
			navs: []navigation{{name: "sample", target: "samples", partner: "lines", property: "sampleId", referenced: "id"}},
		},
		{
			name: "samples", entityType: "Sample", note: "a property of every type",
			props: []property{
				key("id", prim("Int32")), opt("groupId", prim("Guid")), opt("guid", prim("Guid")),
				opt("boolean", prim("Boolean")), opt("byte", prim("Byte")), opt("sbyte", prim("SByte")), opt("int16", prim("Int16")), opt("int32", prim("Int32")), opt("int64", prim("Int64")),
				opt("decimal", prim("Decimal")), opt("decimal4", prim("Decimal"), `Precision="19" Scale="4"`), opt("decimalVariable", prim("Decimal"), `Scale="variable"`),
				opt("double", prim("Double")), opt("single", prim("Single")), opt("text", prim("String")), req("code", prim("String"), `MaxLength="12" Unicode="false"`),
				opt("date", prim("Date")), opt("instant", prim("DateTimeOffset"), `Precision="7"`), opt("second", prim("DateTimeOffset"), `Precision="0"`),
				opt("clock", prim("TimeOfDay"), `Precision="7"`), opt("duration", prim("Duration"), `Precision="7"`), opt("binary", prim("Binary")),
				opt("color", enumOf(color)), req("rights", enumOf(rights)), opt("address", complexT(address)),
				opt("tags", many(prim("String"))), opt("numbers", many(prim("Int64"))), opt("addresses", many(complexT(address))),
				opt("anything", prim("Untyped")), opt("photo", prim("Stream")), opt("location", prim("GeographyPoint"), `SRID="4326"`),
			},
			navs: []navigation{
				{name: "group", target: "groups", partner: "samples", property: "groupId", referenced: "groupId"},
				{name: "lines", target: "lines", partner: "sample", collection: true},
			},
		},
	}
	m.seal()
	return m
}
