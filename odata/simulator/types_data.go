package simulator

import (
	"fmt"
	"math"
	"strconv"
)

const (
	saltTypes salt = 500 + iota
	saltGroupID
	saltSample
	saltLine
)

const groupCount = 12

// extremes gives a column its extreme values in the first rows, a null in
// every seventh, and rolled values elsewhere.
func extremes(s salt, first []value, rest func(i int) value) column {
	return func(r ref) value {
		switch {
		case r.i < len(first):
			return first[r.i]
		case (r.i+int(s))%7 == 3:
			return null()
		}
		return rest(r.i)
	}
}

func integers(list ...int64) []value {
	var out []value
	for _, n := range list {
		out = append(out, integer(n))
	}
	return out
}

func each[T any](f func(T) value, list ...T) []value {
	var out []value
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

// typesData generates the types model: n samples, a dozen groups, lines of most samples.
func typesData(o Options) map[string]*dataset {
	d := dice{seed: mix(uint64(o.Seed) + 77)}
	n := o.Devices
	groupID := func(i int) string { return d.guid(saltGroupID, i) }
	signed := func(s salt, bits uint) func(int) value {
		return func(i int) value { return integer(int64(d.roll(s, i)) >> (64 - bits)) }
	}
	today := floorDiv(ticksOf(o.Until), ticksPerDay)
	s := func(k int) salt { return saltSample + salt(k)*1000 }
	const maxInt64, minInt64 = math.MaxInt64, math.MinInt64
	samples := map[string]column{
		"id": func(r ref) value { return integer(int64(r.i) + 1) },
		"groupId": extremes(s(1), nil, func(i int) value {
			if i%17 == 4 {
				return guid(d.guid(saltTypes, i)) // a group that is in no row
			}
			return guid(groupID(d.of(s(1), i, groupCount-1)))
		}),
		"guid": extremes(s(2), each(guid, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
			func(i int) value { return guid(d.guid(s(2), i)) }),
		"boolean": extremes(s(3), []value{boolean(true), boolean(false)}, func(i int) value { return boolean(d.chance(s(3), i, 50)) }),
		"byte":    extremes(s(4), integers(0, 255), func(i int) value { return integer(int64(d.of(s(4), i, 256))) }),
		"sbyte":   extremes(s(5), integers(-128, 127, 0), signed(s(5), 8)),
		"int16":   extremes(s(6), integers(-32768, 32767, 0), signed(s(6), 16)),
		"int32":   extremes(s(7), integers(math.MinInt32, math.MaxInt32, 0, -1), signed(s(7), 32)),
		"int64":   extremes(s(8), integers(minInt64, maxInt64, 0, 9007199254740993, -9007199254740993), signed(s(8), 60)),
		// Without facets the standard's default scale is 0; services send more digits all the same.
		"decimal": extremes(s(9), each(decimal, "0", "-79228162514264337593543950335", "79228162514264337593543950335", "0.0000000000000000000000000001"),
			func(i int) value { return decimal(decimalText(d, s(9), i, i%9)) }),
		"decimal4": extremes(s(10), each(decimal, "999999999999999.9999", "-999999999999999.9999", "0.0001", "1.5", "1.50"),
			func(i int) value { return decimal(decimalText(d, s(10), i, i%5)) }),
		"decimalVariable": extremes(s(11), each(decimal, "1.50", "100", "123456789012345678901234567890.123456789", "-0.5"),
			func(i int) value { return decimal(decimalText(d, s(11), i, i%12)) }),
		"double": extremes(s(12), each(double, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1), 0.1, 1e21, 1e-7),
			func(i int) value {
				return double(math.Ldexp(float64(int64(d.roll(s(12), i)))/1e12, d.of(s(12), -i-1, 20)-10))
			}),
		"single": extremes(s(13), each(single, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Inf(1)), float32(math.NaN()), 0.1, 16777216),
			func(i int) value { return single(float32(d.of(s(13), i, 1_000_000)) / 64) }),
		"text": extremes(s(14), each(text, "", " ", "'", `"`, `\`, "100%", "a_b", "null", "line\nbreak", "tab\tand\rreturn", "\u0001control\u001f", "emoji 😀👩‍💻", "ÄÖÜ äöü ß", "\u2028\u2029", "e\u0301", "x+y&z=1#?", "ends with blank ", " begins with blank"),
			func(i int) value {
				f, l := firstNames(), lastNames()
				return text(f[d.of(s(14), i, len(f))] + " " + l[d.of(s(14), -i-1, len(l))])
			}),
		"code": func(r ref) value { return text(fmt.Sprintf("C%05d-%c", d.of(s(15), r.i, 100000), 'A'+rune(r.i%26))) },
		"date": extremes(s(16), []value{date(0), date(daysOf(9999, 12, 31)), date(daysOf(2024, 2, 29)), date(daysOf(1970, 1, 1)), date(daysOf(1582, 10, 10))},
			func(i int) value { return date(today - int64(d.of(s(16), i, 4000))) }),
		"instant": extremes(s(17), []value{timestamp(0), timestamp(maxTicks), timestamp(daysOf(1970, 1, 1) * ticksPerDay), timestamp(daysOf(1969, 12, 31)*ticksPerDay + ticksPerDay - 1), timestamp(today*ticksPerDay + 1)},
			func(i int) value {
				return timestamp((today-int64(d.of(s(17), i, 700)))*ticksPerDay + int64(d.roll(s(17), -i-1)%uint64(ticksPerDay)))
			}),
		"second": extremes(s(18), nil, func(i int) value {
			return timestamp((today-int64(d.of(s(18), i, 700)))*ticksPerDay + int64(d.of(s(18), -i-1, 86400))*ticksPerSecond)
		}),
		"clock": extremes(s(19), []value{timeOfDay(0), timeOfDay(ticksPerDay - 1), timeOfDay(12 * 3600 * ticksPerSecond)},
			func(i int) value { return timeOfDay(int64(d.roll(s(19), i) % uint64(ticksPerDay))) }),
		"duration": extremes(s(20), []value{duration(0), duration(-1), duration(ticksPerDay), duration(-36*3600*ticksPerSecond - 5000000), duration(10000 * ticksPerDay)},
			func(i int) value { return duration(int64(d.of(s(20), i, 1<<30)) * 1000) }),
		"binary": extremes(s(21), each(binary, "", "\x00", "\xff\xfe\xfd", "OData", "\xfb\xff"), func(i int) value {
			return binary(strconv.FormatUint(d.roll(s(21), i), 36)[:1+i%8])
		}),
		"color": extremes(s(22), []value{enum(-1, "DarkRed")}, func(i int) value {
			return []value{enum(1, "Red"), enum(2, "Green"), enum(4, "Blue")}[d.of(s(22), i, 3)]
		}),
		"rights": func(r ref) value {
			return []value{enum(0, "None"), enum(1, "Read"), enum(3, "Read,Write"), enum(7, "All"), enum(4, "Execute"), enum(5, "Read,Execute")}[d.of(s(23), r.i, 6)]
		},
		"address": extremes(s(24), nil, func(i int) value { return d.address(s(24), i) }),
		"tags":    func(r ref) value { return d.tags(s(25), r.i) },
		"numbers": numbersColumn(d, s(26)),
		"addresses": func(r ref) value {
			var items []value
			for k := range d.of(s(27), r.i, 4) {
				items = append(items, d.address(s(27), r.i*4+k))
			}
			return collectionOf(items...)
		},
		"anything": extremes(s(28), each(raw, `1`, `"text"`, `true`, `[1,"a",null]`, `{"a":{"b":[1.50,{}]},"c":"\u00e9\ud83d\ude00"}`, `1e400`, `[]`, `{}`),
			func(i int) value { return raw(fmt.Sprintf(`{"n":%d,"even":%t}`, i, i%2 == 0)) }),
		"photo": func(ref) value { return value{k: kStream} },
		"location": extremes(s(29), nil, func(i int) value {
			return raw(fmt.Sprintf(`{"type":"Point","coordinates":[%d.25,%d.5],"crs":{"type":"name","properties":{"name":"EPSG:4326"}}}`, d.of(s(29), i, 360)-180, d.of(s(29), -i-1, 180)-90))
		}),
	}
	products := []string{"bolt", "nut", "O'Ring", "50% wool", "Schraube ß", ""}
	lines := map[string]column{
		"sampleId": func(r ref) value { return integer(int64(r.i/3*2+1) % int64(n+5)) }, // the last ones belong to no sample
		"lineNo":   func(r ref) value { return integer(int64(r.i%3) + 1) },
		"product":  extremes(saltLine, nil, func(i int) value { return text(products[d.of(saltLine, i, len(products))]) }),
		"quantity": func(r ref) value { return integer(int64(d.of(saltLine+1000, r.i, 50)) - 5) },
		"price": extremes(saltLine+2000, nil, func(i int) value {
			return decimal(decimalText(d, saltLine+2000, i, 2+i%3))
		}),
		"weight": extremes(saltLine+4000, each(decimal, "0.001", "999999.999"), func(i int) value {
			return decimal(fmt.Sprintf("%d.%03d", d.of(saltLine+4000, i, 900), d.of(saltLine+4000, -i-1, 1000)))
		}),
		"shipped": extremes(saltLine+3000, nil, func(i int) value {
			return timestamp((today-int64(d.of(saltLine+3000, i, 100)))*ticksPerDay + int64(d.of(saltLine+3000, -i-1, 86_400_000))*10_000)
		}),
	}
	groups := map[string]column{
		"groupId": func(r ref) value { return guid(groupID(r.i)) },
		"name":    func(r ref) value { return text(categories()[r.i]) },
		"color": func(r ref) value {
			if r.i%5 == 4 {
				return null()
			}
			return []value{enum(1, "Red"), enum(2, "Green"), enum(4, "Blue")}[r.i%3]
		},
		"founded": func(r ref) value { return date(today - int64(r.i*400)) },
		"budget": extremes(saltTypes+1000, nil, func(i int) value {
			return decimal(decimalText(d, saltTypes+1000, i, 2))
		}),
	}
	return map[string]*dataset{"samples": static(n, samples), "lines": static(max(3, n/2*3), lines), "groups": static(groupCount, groups)}
}

// numbersColumn gives between none and five numbers.
func numbersColumn(d dice, s salt) column {
	return func(r ref) value {
		items := integers(math.MaxInt64, -1, 0, int64(r.i), 42)
		return collectionOf(items[d.of(s, r.i, 6):]...)
	}
}

func decimalText(d dice, s salt, i, digits int) string {
	n := int64(d.roll(s, i)>>20) - 1<<43
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	t := strconv.FormatInt(n, 10)
	if digits == 0 {
		return sign + t
	}
	for len(t) <= digits {
		t = "0" + t
	}
	return sign + t[:len(t)-digits] + "." + t[len(t)-digits:]
}

// address is a complex value with a complex member; some members are null.
func (d dice) address(s salt, i int) value {
	cities := []string{"Köln", "Oslo", "São Paulo", "L'Aquila", "Łódź", "New York"}
	street, position, since := null(), null(), null()
	if i%3 > 0 {
		street = text(fmt.Sprintf("%d \"Main\" St.", d.of(s, i, 300)))
	}
	if i%4 > 0 {
		floor := null()
		if i%8 > 4 {
			floor = integer(int64(d.of(s, -i-1, 40)) - 2)
		}
		position = complexOf(text("lat"), double(float64(d.of(s, i, 18000))/100-90), text("lon"), double(float64(d.of(s, i+1, 36000))/100-180), text("floor"), floor)
	}
	if i%5 > 0 {
		since = date(daysOf(2000, 1, 1) + int64(d.of(s, i, 9000)))
	}
	return complexOf(text("street"), street, text("city"), text(cities[d.of(s, i, len(cities))]), text("position"), position, text("since"), since)
}

func (d dice) tags(s salt, i int) value {
	all := []string{"red", "Grün", "", "with \"quotes\"", "it's", "a,b"}
	var items []value
	for k := range d.of(s, i, 5) {
		items = append(items, text(all[d.of(s, i*8+k, len(all))]))
	}
	if i%11 == 5 {
		items = append(items, null())
	}
	return collectionOf(items...)
}
