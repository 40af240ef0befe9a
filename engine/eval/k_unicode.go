package eval

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/odatagres/odatagres/internal/sqltype"
)

func normalForm(name string) (norm.Form, error) {
	switch strings.ToUpper(name) {
	case "NFC":
		return norm.NFC, nil
	case "NFD":
		return norm.NFD, nil
	case "NFKC":
		return norm.NFKC, nil
	case "NFKD":
		return norm.NFKD, nil
	}
	return norm.NFC, invalid("invalid normalization form: %s", strings.Clone(name))
}

// unicodeKernels are normalize() and IS NORMALIZED.
func unicodeKernels() []Kernel {
	return []Kernel{
		scalar("unicode_normalize_func", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			f, err := normalForm(a[1].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			if err := c.Ctx().checkSize(int64(len(a[0].S)) * 4); err != nil {
				return sqltype.Value{}, err
			}
			return sqltype.Text(f.String(a[0].S)), nil
		}),
		scalar("unicode_is_normalized", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			f, err := normalForm(a[1].S)
			return sqltype.Bool(err == nil && f.IsNormalString(a[0].S)), err
		}),
	}
}
