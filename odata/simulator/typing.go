package simulator

func numeric(k kind) bool { return k == kInt || k == kDecimal || k == kSingle || k == kDouble }

func kindName(k kind) string {
	return map[kind]string{
		kNull: "null", kBool: "Edm.Boolean", kInt: "Edm.Int64", kDouble: "Edm.Double", kSingle: "Edm.Single", kDecimal: "Edm.Decimal",
		kString: "Edm.String", kGuid: "Edm.Guid", kDate: "Edm.Date", kTimestamp: "Edm.DateTimeOffset", kTimeOfDay: "Edm.TimeOfDay",
		kDuration: "Edm.Duration", kBinary: "Edm.Binary", kEnum: "an enumeration", kComplex: "a complex type", kCollection: "a collection",
		kRaw: "Edm.Untyped", kStream: "Edm.Stream",
	}[k]
}

// canCompare tells whether eq, ne and in accept both types: equal ones, two
// numbers, or null on either side. Nothing is converted, as OData 4.0 has it.
func canCompare(a, b *expr) bool {
	switch {
	case a.k == kStream || b.k == kStream:
		return false
	case a.k == kNull || b.k == kNull:
		return true
	case numeric(a.k) && numeric(b.k):
		return true
	}
	return a.k == b.k && a.k < kComplex
}

func (p *parser) incompatible(op string, a, b *expr) error {
	return badRequest("a binary operator with incompatible types was detected: found operand types '%s' and '%s' for operator '%s' in '%s'",
		kindName(a.k), kindName(b.k), op, p.src)
}

func (p *parser) comparison(op string, a, b *expr) (*expr, error) {
	ok := canCompare(a, b)
	if ok && op != "eq" && op != "ne" {
		for _, e := range []*expr{a, b} {
			// These have no order.
			ok = ok && e.k != kBinary && e.k < kComplex
		}
	}
	if !ok {
		return nil, p.incompatible(op, a, b)
	}
	return &expr{op: xCompare, name: op, k: kBool, args: []*expr{a, b}}, nil
}

// arithmetic types add, sub, mul, div, divby and mod (URL Conventions 5.1.1.2).
func (p *parser) arithmetic(op string, a, b *expr) (*expr, error) {
	k, ok := arithmeticKind(op, a.k, b.k)
	if !ok {
		return nil, p.incompatible(op, a, b)
	}
	return &expr{op: xArith, name: op, k: k, args: []*expr{a, b}}, nil
}

func arithmeticKind(op string, a, b kind) (kind, bool) {
	if a == kNull {
		return b, b == kNull || numeric(b) || b == kDuration
	}
	if b == kNull {
		return a, numeric(a) || a == kDuration || (a == kTimestamp || a == kDate) && (op == "add" || op == "sub")
	}
	if numeric(a) && numeric(b) {
		return promote(op, a, b), true
	}
	switch {
	case (op == "add" || op == "sub") && b == kDuration && (a == kTimestamp || a == kDuration || a == kDate):
		return a, true
	case op == "sub" && a == b && (a == kTimestamp || a == kDate):
		return kDuration, true
	case op == "mul" && (a == kDuration && numeric(b) || numeric(a) && b == kDuration),
		(op == "div" || op == "divby") && a == kDuration && numeric(b):
		return kDuration, true
	}
	return kNull, false
}

// promote is the wider of two numeric types; divby of integers gives a decimal.
func promote(op string, a, b kind) kind {
	switch {
	case a == kDouble || b == kDouble:
		return kDouble
	case a == kSingle || b == kSingle:
		return kSingle
	case a == kDecimal || b == kDecimal || op == "divby":
		return kDecimal
	}
	return kInt
}
