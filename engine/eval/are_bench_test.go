package eval

import (
	"fmt"
	"testing"
)

func BenchmarkRegexTest(b *testing.B) {
	texts := make([]string, 1000)
	for i := range texts {
		texts[i] = fmt.Sprintf("DESKTOP-%06d Windows 10 Enterprise user%d@contoso.example", i*7919%1000000, i)
	}
	for _, pattern := range []string{"^DESKTOP-0", "user[0-9]+@", "(?i)windows (10|11)", `\d{6} .*@contoso\.`, "nothing here"} {
		b.Run(pattern, func(b *testing.B) {
			re, err := compileARE(pattern, areARE, areLocale{})
			if err != nil {
				b.Fatal(err)
			}
			var m areMatcher
			b.ReportAllocs()
			for i := range b.N {
				m.reset(re, texts[i%len(texts)])
				if _, err := m.test(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("captures", func(b *testing.B) {
		re, err := compileARE(`(\w+)-(\d+).*user(\d+)@`, areARE, areLocale{})
		if err != nil {
			b.Fatal(err)
		}
		var m areMatcher
		b.ReportAllocs()
		for i := range b.N {
			m.reset(re, texts[i%len(texts)])
			if _, err := m.match(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
