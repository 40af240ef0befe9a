package simulator

import (
	"fmt"
	"strings"
	"time"
)

const (
	saltFamily salt = iota + 1
	saltHardware
	saltModel
	saltDeviceKey
	saltDeviceID
	saltDeviceName
	saltPerson
	saltPersonName
	saltOddName
	saltUserID
	saltUserKey
	saltVersions
	saltCompliance
	saltUpgrade
	saltModified
	saltClock
	saltFraction
	saltOwner
	saltGhost
	saltAssociation
)

// world is everything that the generators share: the calendar, the fleet, the
// people, the lookups. What is needed for every row is made once; everything
// else is rolled when a row is read.
type world struct {
	dice
	until          int64   // last day, in days since 0001-01-01
	days           []int64 // the days of history, ascending, the last is until
	families       []family
	devices        []deviceRec
	windows        []int32 // indices of Windows devices
	phones         []int32 // indices of devices with app protection
	people         []personRec
	userRows       []userRow
	lookups        map[string]*lookup
	versions       [][]value // by family, texts made once
	complianceKeys []int64
	categoryCache  []int64
}

// deviceRec is what identifies a device; its other properties are rolled.
type deviceRec struct {
	key     int64
	id      string
	name    string
	family  uint8
	hw      uint8
	modelNo uint8
	person  int32
}

type personRec struct {
	id        string
	name      string
	upn       string
	lastRow   int32 // newest row in userRows
	firstRow  int32
	wasDelete bool
}

// userRow is one row of users: a person has one for each state they were in.
type userRow struct {
	key    int64
	person int32
	state  int8 // 0 is the newest
}

func newWorld(o Options) *world {
	w := &world{dice: dice{seed: mix(uint64(o.Seed))}, families: families()}
	w.until = floorDiv(ticksOf(o.Until.UTC()), ticksPerDay)
	for d := o.Days - 1; d >= 0; d-- {
		w.days = append(w.days, w.until-int64(d))
	}
	for _, f := range w.families {
		var texts []value
		for _, v := range f.versions {
			if v == "" {
				texts = append(texts, null())
			} else {
				texts = append(texts, text(v))
			}
		}
		w.versions = append(w.versions, texts)
	}
	w.makePeople(max(12, o.Devices*6/10))
	w.makeDevices(o.Devices)
	return w
}

func (w *world) makePeople(n int) {
	first, last, odd := firstNames(), lastNames(), oddNames()
	w.people = make([]personRec, n)
	for i := range w.people {
		f, l := first[w.of(saltPersonName, 2*i, len(first))], last[w.of(saltPersonName, 2*i+1, len(last))]
		p := personRec{id: w.guid(saltUserID, i), name: f + " " + l}
		local := mailLocal(f) + "." + mailLocal(l)
		if i >= len(first) {
			local += fmt.Sprint(i % 1000)
		}
		domain := "contoso.com"
		switch d := w.of(saltPersonName, -i-1, 10); {
		case d < 2:
			domain = "fabrikam.de"
		case d < 3:
			domain = "Contoso.onmicrosoft.com"
		case d < 4:
			domain = "näher-söhne.example"
		}
		p.upn = local + "@" + domain
		if i%40 == 7 {
			p.name = odd[(i/40)%len(odd)]
		}
		p.wasDelete = w.chance(saltOddName, i, 6)
		states := 1
		switch c := w.of(saltVersions, i, 20); {
		case c < 4:
			states = 2
		case c < 5:
			states = 3
		}
		p.firstRow = int32(len(w.userRows))
		for s := states - 1; s >= 0; s-- {
			row := len(w.userRows)
			key := 20011 + 11*int64(row) + 2*int64(w.of(saltUserKey, row, 5))
			w.userRows = append(w.userRows, userRow{key: key, person: int32(i), state: int8(s)})
		}
		p.lastRow = int32(len(w.userRows) - 1)
		w.people[i] = p
	}
}

// mailLocal is a name as directories put it in front of the @: lower case, some
// letters outside ASCII kept, apostrophes kept (o'neil@… is a legal address).
func mailLocal(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "ö", "oe", "ü", "ue", "ß", "ss", ".", "").Replace(name))
}

func (w *world) makeDevices(n int) {
	var shares []weighted[uint8]
	for i, f := range w.families {
		shares = append(shares, weighted[uint8]{uint8(i), f.weight})
	}
	hwShares := make([][]weighted[uint8], len(w.families))
	for i, f := range w.families {
		for j, h := range f.hardware {
			hwShares[i] = append(hwShares[i], weighted[uint8]{uint8(j), h.weight})
		}
	}
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	w.devices = make([]deviceRec, n)
	for i := range w.devices {
		d := deviceRec{family: pick(w.dice, saltFamily, i, shares), person: int32(w.of(saltPerson, i, len(w.people)))}
		f := w.families[d.family]
		// Keys are even distances apart: the odd numbers between them belong to no device.
		d.key = 100004 + 8*int64(i) + 2*int64(w.of(saltDeviceKey, i, 4))
		d.id = w.guid(saltDeviceID, i)
		d.hw = pick(w.dice, saltHardware, i, hwShares[d.family])
		if m := len(f.hardware[d.hw].models); m > 0 {
			d.modelNo = uint8(w.of(saltModel, i, m))
		}
		switch name := []rune(w.people[d.person].name); {
		case f.prefix == "":
		case f.apple && len(name) > 0:
			d.name = f.prefix + w.people[d.person].name
		default:
			b := []byte(f.prefix)
			for c := range 7 {
				b = append(b, alphabet[w.of(saltDeviceName, i*8+c, len(alphabet))])
			}
			d.name = string(b)
			if i%23 == 11 {
				d.name = strings.ToLower(d.name)
			}
		}
		if f.windows {
			w.windows = append(w.windows, int32(i))
		}
		if f.platform == "IOS" || f.platform == "Android" {
			w.phones = append(w.phones, int32(i))
		}
		w.devices[i] = d
	}
	// Even the smallest fleet fills every set.
	if len(w.windows) == 0 {
		w.windows = []int32{0}
	}
	if len(w.phones) == 0 {
		w.phones = []int32{int32(n - 1)}
	}
}

// modified is a time at which the warehouse last changed a row. Five rows each
// share a microsecond and differ in the seventh digit; one in fifty falls
// exactly on midnight.
func (w *world) modified(s salt, i int) int64 {
	block := i / 5
	day := w.until - int64(w.of(saltModified+s<<8, block, 60))
	if block%50 == 3 {
		return day * ticksPerDay
	}
	clock := int64(w.of(saltClock+s<<8, block, 86_399_999)) * int64(time.Millisecond/tick)
	return day*ticksPerDay + clock + int64(w.of(saltFraction+s<<8, block, 1000))*10 + []int64{1, 4, 5, 6, 9}[i%5]
}

// instant is a moment on a day, with none to seven fraction digits.
func (w *world) instant(s salt, i int, day int64) int64 {
	t := day*ticksPerDay + int64(w.of(s, 2*i, 86_400))*ticksPerSecond
	unit := int64(1)
	for range w.of(s, 2*i+1, 8) {
		unit *= 10
	}
	return t + int64(w.of(s, -i-1, int(ticksPerSecond)))/unit*unit
}

// age counts days back from the last one.
func (w *world) age(day int) int { return len(w.days) - 1 - day }

// osVersion is a device's version so many days before the last: it rises once within two months.
func (w *world) osVersion(dev, age int) value {
	list := w.versions[w.devices[dev].family]
	n := w.of(saltVersions+1000, dev, len(list))
	if age < w.of(saltUpgrade, dev, 60) && n < len(list)-1 {
		n++
	}
	return list[n]
}

// compliance is a device's state on a day, as a row number of complianceStates. It lasts five days at least.
func (w *world) compliance(dev, age int) int {
	n := w.of(saltCompliance, dev, 100)
	if w.chance(saltCompliance+500, dev, 30) {
		n = w.of(saltCompliance, dev<<8|(age+dev%5)/5, 100)
	}
	return w.complianceRow(n)
}

// complianceRow gives each percentile its state; -1 stands for null.
func (w *world) complianceRow(n int) int {
	switch {
	case n < 76:
		return 2
	case n < 87:
		return 3
	case n < 91:
		return 6
	case n < 94:
		return 1
	case n < 96:
		return -1
	default:
		return []int{5, 4, 7, 0}[n-96]
	}
}

func (w *world) complianceKey(dev, age int) value {
	row := w.compliance(dev, age)
	if row < 0 {
		return null()
	}
	return integer(w.complianceKeys[row])
}
