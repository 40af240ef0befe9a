package eval

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// FuzzRegex checks that no expression breaks the parser or the matcher, that a match lies within the text, and that what is said
// of a text without captures is said with them.
func FuzzRegex(f *testing.F) {
	for _, p := range []string{`(a|ab)(c|bcd)(d*)`, `^\s*(\w+)\s*$`, `(?i)[[:alpha:]]{2,3}?\1`, `(?=a)(b|c)*?\y`, `[^\W\d]+|\u00e4`, `(a*)*\1{0,2}`, `***=a.b`, `(?x) a # b`} {
		f.Add(p, "abcd äÄ a.b aa", uint16(areARE))
		f.Add(p, "", uint16(areExtended))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, flags uint16) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern) > 200 || len(text) > 200 {
			t.Skip()
		}
		started := time.Now()
		defer func() {
			if took := time.Since(started); took > 3*time.Second {
				t.Fatalf("took %v", took)
			}
		}()
		re, err := compileARE(pattern, areFlags(flags)&(areARE|areQuote|areFold|areExpanded|areNewline), areLocale{})
		if err != nil {
			if code := pgerr.CodeOf(err); code != pgerr.InvalidRegularExpression {
				t.Fatalf("%v has code %s", err, code)
			}
			return
		}
		tooLong := errors.New("too long")
		left := 40
		m := areMatcher{check: func() error {
			if left--; left < 0 {
				return tooLong
			}
			return nil
		}}
		m.reset(re, text)
		found, err := m.test()
		if err != nil {
			return
		}
		m.reset(re, text)
		again, err := m.match()
		if err != nil {
			return
		}
		if found != again {
			t.Fatalf("test says %v, match %v", found, again)
		}
		if !again {
			return
		}
		for i := 0; i < len(m.caps); i += 2 {
			from, to := m.caps[i], m.caps[i+1]
			if from < 0 && to < 0 && i > 0 {
				continue
			}
			if from < 0 || to < from || to > len(text) {
				t.Fatalf("group %d is %d to %d", i/2, from, to)
			}
		}
	})
}
