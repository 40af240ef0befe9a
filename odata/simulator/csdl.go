package simulator

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// csdl prints $metadata: CSDL XML 4.0 with the model's notes as annotations.
// References by value are annotations too, because most of them lead to
// columns that are no keys, which a referential constraint cannot say.
func (m *model) csdl() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" +
		`<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">` + "\n" +
		` <edmx:Reference Uri="https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml">` + "\n" +
		`  <edmx:Include Namespace="Org.OData.Core.V1" Alias="Core" />` + "\n </edmx:Reference>\n <edmx:DataServices>\n")
	fmt.Fprintf(&b, "  <Schema Namespace=\"%s\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\n", m.namespace)
	for _, term := range m.terms {
		fmt.Fprintf(&b, "   <Term Name=\"%s\" Type=\"%s\" AppliesTo=\"%s\" />\n", term[0], term[1], term[2])
	}
	for _, def := range m.typeDefs {
		fmt.Fprintf(&b, "   <TypeDefinition Name=\"%s\" UnderlyingType=\"%s\"%s />\n", def[0], def[1], def[2])
	}
	for _, en := range m.enums {
		fmt.Fprintf(&b, "   <EnumType Name=\"%s\" UnderlyingType=\"%s\" IsFlags=\"%t\">\n", en.name, en.underlying, en.flags)
		for _, mem := range en.members {
			fmt.Fprintf(&b, "    <Member Name=\"%s\" Value=\"%d\" />\n", mem.name, mem.n)
		}
		b.WriteString("   </EnumType>\n")
	}
	for _, c := range m.complexes {
		fmt.Fprintf(&b, "   <ComplexType Name=\"%s\">\n", c.name)
		for _, p := range c.props {
			p.csdl(&b, m)
		}
		b.WriteString("   </ComplexType>\n")
	}
	for _, s := range m.sets {
		s.csdlType(&b, m)
	}
	fmt.Fprintf(&b, "   <EntityContainer Name=\"%s\">\n", m.container)
	for _, s := range m.sets {
		s.csdlSet(&b, m)
	}
	b.WriteString("   </EntityContainer>\n  </Schema>\n </edmx:DataServices>\n</edmx:Edmx>\n")
	return []byte(b.String())
}

func (s *entitySet) csdlType(b *strings.Builder, m *model) {
	fmt.Fprintf(b, "   <EntityType Name=\"%s\">\n    <Key>\n", s.entityType)
	for _, p := range s.props {
		if p.key {
			fmt.Fprintf(b, "     <PropertyRef Name=\"%s\" />\n", p.name)
		}
	}
	b.WriteString("    </Key>\n")
	for _, p := range s.props {
		p.csdl(b, m)
	}
	for _, n := range s.navs {
		target := m.namespace + "." + m.set(n.target).entityType
		if n.collection {
			fmt.Fprintf(b, "    <NavigationProperty Name=\"%s\" Type=\"Collection(%s)\" Partner=\"%s\" />\n", n.name, target, n.partner)
			continue
		}
		fmt.Fprintf(b, "    <NavigationProperty Name=\"%s\" Type=\"%s\" Partner=\"%s\">\n", n.name, target, n.partner)
		fmt.Fprintf(b, "     <ReferentialConstraint Property=\"%s\" ReferencedProperty=\"%s\" />\n    </NavigationProperty>\n", n.property, n.referenced)
	}
	annotate(b, "    ", "Core.Description", s.note)
	annotate(b, "    ", m.namespace+".Kind", s.kind)
	annotate(b, "    ", m.namespace+".KeyEvidence", s.evidence)
	annotate(b, "    ", m.namespace+".LastSeen", s.lastSeen)
	if s.retention != nil {
		fmt.Fprintf(b, "    <Annotation Term=\"%s.RetentionDays\" Int=\"%d\" />\n", m.namespace, *s.retention)
	}
	b.WriteString("   </EntityType>\n")
}

func (s *entitySet) csdlSet(b *strings.Builder, m *model) {
	fmt.Fprintf(b, "    <EntitySet Name=\"%s\" EntityType=\"%s.%s\"", s.name, m.namespace, s.entityType)
	if len(s.navs) == 0 {
		b.WriteString(" />\n")
		return
	}
	b.WriteString(">\n")
	for _, n := range s.navs {
		fmt.Fprintf(b, "     <NavigationPropertyBinding Path=\"%s\" Target=\"%s\" />\n", n.name, n.target)
	}
	b.WriteString("    </EntitySet>\n")
}

func (p *property) csdl(b *strings.Builder, m *model) {
	fmt.Fprintf(b, "    <Property Name=\"%s\" Type=\"%s\"", p.name, p.typ.csdl())
	if !p.nullable {
		b.WriteString(` Nullable="false"`)
	}
	b.WriteString(p.facets)
	if p.note == "" && p.references == "" && p.evidence == "" && p.confidence == "" {
		b.WriteString(" />\n")
		return
	}
	b.WriteString(">\n")
	annotate(b, "     ", "Core.Description", p.note)
	annotate(b, "     ", m.namespace+".References", p.references)
	annotate(b, "     ", m.namespace+".Evidence", p.evidence)
	annotate(b, "     ", m.namespace+".TypeConfidence", p.confidence)
	b.WriteString("    </Property>\n")
}

func annotate(b *strings.Builder, indent, term, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(b, "%s<Annotation Term=\"%s\" String=\"", indent, term)
	// Writing to a strings.Builder never fails.
	_ = xml.EscapeText(b, []byte(text))
	b.WriteString("\" />\n")
}
