package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// RegIn reads the name of an object for a reg* type; numbers and "-" are read before (sqltype.Env.RegIn).
func RegIn(s *catalog.Snapshot, path catalog.Path, typ uint32, text string) (uint32, error) {
	switch typ {
	case sqltype.OIDRegClass:
		r, err := s.RelationFromText(path, text)
		if err != nil {
			return 0, err
		}
		return r.OID, nil
	case sqltype.OIDRegType:
		return s.TypeFromText(path, text)
	case sqltype.OIDRegNamespace:
		sc, err := s.SchemaFromText(text)
		if err != nil {
			return 0, err
		}
		return sc.OID, nil
	case sqltype.OIDRegRole:
		r, err := s.RoleFromText(text)
		if err != nil {
			return 0, err
		}
		return r.OID, nil
	case sqltype.OIDRegProc:
		return ProcFromText(s, path, text)
	case sqltype.OIDRegProcedure:
		return ProcedureFromText(s, path, text)
	case sqltype.OIDRegOper:
		return OperatorFromText(text)
	case sqltype.OIDRegOperator:
		return OperatorSignatureFromText(s, path, text)
	case sqltype.OIDRegCollation:
		return collationObjects().fromText(s, path, text)
	case sqltype.OIDRegConfig:
		return configObjects().fromText(s, path, text)
	case sqltype.OIDRegDictionary:
		return dictionaryObjects().fromText(s, path, text)
	}
	return 0, pgerr.Internal("type %d names no objects", typ)
}

// RegOut prints the object of an OID for a reg* type; false where there is none, and the number is printed
// (sqltype.Env.RegOut).
func RegOut(s *catalog.Snapshot, path catalog.Path, typ, oid uint32) (string, bool) {
	if oid == 0 {
		// InvalidOid is "-" for some types and 0 for others.
		switch typ {
		case sqltype.OIDRegOper, sqltype.OIDRegOperator:
			return "0", true
		}
		return "-", true
	}
	switch typ {
	case sqltype.OIDRegClass:
		if r := s.RelationByOID(oid); r != nil {
			return s.RelationName(path, r), true
		}
	case sqltype.OIDRegType:
		if s.TypeExists(oid) {
			return s.FormatType(path, oid, -1), true
		}
	case sqltype.OIDRegNamespace:
		if sc := s.SchemaByOID(oid); sc != nil {
			return catalog.QuoteIdent(sc.Name), true
		}
	case sqltype.OIDRegRole:
		if r := s.RoleByOID(oid); r != nil {
			return catalog.QuoteIdent(r.Name), true
		}
	case sqltype.OIDRegProc:
		return ProcName(path, oid)
	case sqltype.OIDRegProcedure:
		return ProcedureName(s, path, oid)
	case sqltype.OIDRegOper:
		return OperatorName(path, oid)
	case sqltype.OIDRegOperator:
		return OperatorSignature(s, path, oid)
	case sqltype.OIDRegCollation:
		return collationObjects().text(path, oid)
	case sqltype.OIDRegConfig:
		return configObjects().text(path, oid)
	case sqltype.OIDRegDictionary:
		return dictionaryObjects().text(path, oid)
	}
	return "", false
}
