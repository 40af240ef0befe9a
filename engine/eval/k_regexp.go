package eval

import (
	"regexp"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// plainPattern matches the patterns that mean the same to PostgreSQL and to Go's package.
var plainPattern = regexp.MustCompile(`^\^?[\p{L}\p{N}_ .|()-]*(?:[\p{L}\p{N}_.)]\*|[\p{L}\p{N}_ .|()-])*\$?$`)

type regexState struct {
	re     *regexp.Regexp
	source string
}

// regexOperator makes the kernel of ~, ~*, !~ and !~*.
func regexOperator(name string, fold, not bool) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		st, _ := c.State.(*regexState)
		for _, r := range sel {
			if pat := v[1].Bytes(int(r)); st == nil || st.source != string(pat) {
				st = &regexState{source: string(pat)}
				flags := "(?s)"
				if fold {
					flags = "(?is)"
				}
				re, err := regexp.Compile(flags + st.source)
				if err != nil || !plainPattern.MatchString(st.source) {
					c.fail(r, pgerr.Unsupported("", "this regular expression is not supported"))
					return
				}
				st.re, c.State = re, st
			}
			out.Bools[r] = st.re.Match(v[0].Bytes(int(r))) != not
		}
	}}
}

func regexpKernels() []Kernel {
	var ks []Kernel
	for _, p := range []string{"text", "name"} {
		ks = append(ks, regexOperator(p+"regexeq", false, false), regexOperator(p+"regexne", false, true),
			regexOperator(p+"icregexeq", true, false), regexOperator(p+"icregexne", true, true))
	}
	return ks
}
