package eval

import (
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Date patterns of to_char, to_date and to_timestamp (formatting.c).

// dateKeys are the words of date patterns, in an order in which the first that matches is the longest. Words are matched as
// they are written here, or all in small letters; Day, Dy, Month and Mon also so.
var dateKeys = []string{
	"A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "Day", "Dy", "D", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FX",
	"HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON", "MS", "Month", "Mon", "OF", "P.M.", "PM", "Q",
	"RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y",
}

// dateNode is a word of a pattern with what stands around it, or literal text.
type dateNode struct {
	key     string // as written; "" for text
	text    string
	fill    bool // FM
	tm      bool // TM
	th      bool // TH or th follows
	thUpper bool
	quoted  bool // text from within quotes
}

type dateFormat struct {
	nodes []dateNode
	exact bool // FX
}

// dateWords are the words of date patterns by their first byte, in the order of dateKeys.
var dateWords = func() (words [256][]string) {
	for _, k := range dateKeys {
		for _, w := range []string{k, strings.ToLower(k)} {
			words[w[0]] = append(words[w[0]], w)
		}
	}
	return words
}()

func matchDateKey(s string) int {
	if s == "" {
		return 0
	}
	for _, w := range dateWords[s[0]] {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}

func parseDateFormat(pat string) (*dateFormat, error) {
	f := &dateFormat{}
	for len(pat) > 0 {
		var n dateNode
		rest := pat
		switch {
		case strings.HasPrefix(rest, "FM"), strings.HasPrefix(rest, "fm"):
			n.fill, rest = true, rest[2:]
		case strings.HasPrefix(rest, "TM"), strings.HasPrefix(rest, "tm"):
			n.tm, rest = true, rest[2:]
		}
		if k := matchDateKey(rest); k > 0 {
			n.key, rest = rest[:k], rest[k:]
			switch {
			case strings.HasPrefix(rest, "TH"):
				n.th, n.thUpper, rest = true, true, rest[2:]
			case strings.HasPrefix(rest, "th"):
				n.th, rest = true, rest[2:]
			case strings.HasPrefix(rest, "SP"):
				rest = rest[2:]
			}
			if n.key == "FX" || n.key == "fx" {
				f.exact = true
			}
			f.nodes = append(f.nodes, n)
			pat = rest
			continue
		}
		pat = rest // a prefix without a word is dropped
		if pat == "" {
			break
		}
		pat = f.literal(pat)
	}
	return f, nil
}

// literal takes one piece of text off the pattern.
func (f *dateFormat) literal(pat string) string {
	add := func(s string, quoted bool) { f.nodes = append(f.nodes, dateNode{text: s, quoted: quoted}) }
	if pat[0] == '"' {
		pat = pat[1:]
		for len(pat) > 0 && pat[0] != '"' {
			if pat[0] == '\\' && len(pat) > 1 {
				pat = pat[1:]
			}
			n := len(firstRunes(pat, 1))
			add(pat[:n], true)
			pat = pat[n:]
		}
		if len(pat) > 0 {
			pat = pat[1:]
		}
		return pat
	}
	if pat[0] == '\\' && len(pat) > 1 && pat[1] == '"' {
		pat = pat[1:]
	}
	n := len(firstRunes(pat, 1))
	add(pat[:n], false)
	return pat[n:]
}

// charTime is what to_char prints of: a timestamp taken apart, or an interval.
type charTime struct {
	year, mon, day       int // year 0 is 1 BC, but for intervals
	hour, min, sec, usec int
	wday, yday           int
	days                 int64 // since 2000-01-01
	interval             bool
	zoned                bool
	zone                 string
	offset               int // seconds east
}

var (
	monthNames = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames   = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	romanMonth = []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}
)

func errIntervalFormat() error {
	return invalidFormat("invalid format specification for an interval value").WithHint("Intervals are not tied to specific calendar dates.")
}

// adjustYear is the year as it is counted: 1 BC is 1.
func (t *charTime) adjustYear() int {
	if t.interval || t.year > 0 {
		return t.year
	}
	return -(t.year - 1)
}

// cased gives a name the case of the pattern's word: all capitals, first capital, or none.
func cased(key, name string) string {
	switch {
	case key[0] >= 'a':
		return strings.ToLower(name)
	case len(key) > 1 && key[1] >= 'a':
		return name
	}
	return strings.ToUpper(name)
}

// format prints the time by the pattern.
func (f *dateFormat) format(t *charTime) (string, error) {
	var b strings.Builder
	for _, n := range f.nodes {
		if n.key == "" {
			b.WriteString(n.text)
			continue
		}
		s, numeric, err := n.print(t)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
		if n.th && numeric && s != "" {
			b.WriteString(ordinalSuffix(s, n.thUpper))
		}
	}
	return b.String(), nil
}

// print gives one word's text; numeric says that TH may follow.
func (n dateNode) print(t *charTime) (s string, numeric bool, err error) {
	pad := func(v, width int) (string, bool, error) { // %0*d; FM takes the width away, a sign adds to it
		if n.fill {
			width = 0
		} else if v < 0 {
			width++
		}
		return fmt.Sprintf("%0*d", width, v), true, nil
	}
	name := func(s string, width int) (string, bool, error) {
		s = cased(n.key, s)
		if !n.fill && !n.tm {
			s = fmt.Sprintf("%-*s", width, s)
		}
		return s, false, nil
	}
	either := func(second bool, a, b string) (string, bool, error) {
		if second {
			a = b
		}
		return cased(n.key, a), false, nil
	}
	switch key := strings.ToUpper(n.key); key {
	case "A.M.", "P.M.":
		return either(t.hour%24 >= 12, "A.M.", "P.M.")
	case "AM", "PM":
		return either(t.hour%24 >= 12, "AM", "PM")
	case "HH", "HH12":
		h := t.hour % 12
		if h == 0 {
			h = 12
		}
		return n.signed(h, t.hour, 2)
	case "HH24":
		return pad(t.hour, 2)
	case "MI":
		return pad(t.min, 2)
	case "SS":
		return pad(t.sec, 2)
	case "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		digits := int(key[2] - '0')
		return fmt.Sprintf("%0*d", digits, t.usec/pow10Int(6-digits)), true, nil
	case "MS":
		return fmt.Sprintf("%03d", t.usec/1000), true, nil
	case "US":
		return fmt.Sprintf("%06d", t.usec), true, nil
	case "SSSS", "SSSSS":
		return fmt.Sprintf("%d", t.hour*3600+t.min*60+t.sec), true, nil
	case "FX":
		return "", false, nil
	}
	if t.interval {
		switch key := strings.ToUpper(n.key); key {
		case "TZ", "TZH", "TZM", "OF", "A.D.", "B.C.", "AD", "BC", "MONTH", "MON", "DAY", "DY", "D", "ID":
			return "", false, errIntervalFormat()
		}
	}
	return n.printDate(t, dateWriters{pad, name, either})
}

// signed pads v with the width that the sign of another number gives, as HH does by the hour.
func (n dateNode) signed(v, by, width int) (string, bool, error) {
	if n.fill {
		width = 0
	} else if by < 0 {
		width++
	}
	return fmt.Sprintf("%0*d", width, v), true, nil
}

func pow10Int(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func invalidFormat(format string, args ...any) *pgerr.Error {
	return pgerr.Newf(pgerr.InvalidDatetimeFormat, format, args...)
}
