package simulator

import "fmt"

const (
	saltUser salt = 200 + iota
	saltApp
	saltAppID
	saltAppDate
	saltPolicy
	saltPolicyID
	saltPolicyDate
	saltCategoryID
	saltTerms
	saltInstance
	saltInstanceID
	saltInstanceDate
	saltMamApp
	saltMamPolicy
)

// categoryKeys are the surrogates of deviceCategories.
func (w *world) categoryKeys() []int64 {
	if w.categoryCache == nil {
		for i := range categories() {
			w.categoryCache = append(w.categoryCache, w.surrogate(90, i))
		}
	}
	return w.categoryCache
}

func (w *world) categorySet() *dataset {
	names, keys := categories(), w.categoryKeys()
	return static(len(names), map[string]column{
		"deviceCategoryID": func(r ref) value {
			if r.i == 0 {
				return guid("00000000-0000-0000-0000-000000000000")
			}
			return guid(w.guid(saltCategoryID, r.i))
		},
		"deviceCategoryKey":  func(r ref) value { return integer(keys[r.i]) },
		"deviceCategoryName": func(r ref) value { return text(names[r.i]) },
		"isDeleted":          func(r ref) value { return boolean(r.i%5 == 4) },
		timestampName:        func(r ref) value { return timestamp(w.modified(2, r.i)) },
	})
}

// userSet is users: one row for each state of a person; older states are
// deleted rows, so userId repeats.
func (w *world) userSet() *dataset {
	person := func(r ref) personRec { return w.people[w.userRows[r.i].person] }
	deleted := func(r ref) bool { return w.userRows[r.i].state > 0 || person(r).wasDelete }
	return static(len(w.userRows), map[string]column{
		"userKey": func(r ref) value { return integer(w.userRows[r.i].key) },
		"userId": func(r ref) value {
			if r.i%97 == 50 {
				return null()
			}
			return guid(person(r).id)
		},
		"userEmail": func(r ref) value {
			if w.chance(saltUser, r.i, 12) {
				return null()
			}
			return text(person(r).upn)
		},
		"userPrincipalName": func(r ref) value {
			p := person(r)
			switch {
			case p.wasDelete && w.userRows[r.i].state == 0:
				return text("User has been deleted")
			case w.chance(saltUser+300, r.i, 3):
				return null()
			}
			return text(p.upn)
		},
		"displayName": func(r ref) value {
			if w.chance(saltUser+301, r.i, 2) {
				return null()
			}
			p := person(r)
			if s := w.userRows[r.i].state; s > 0 && p.name != "" {
				return text(p.name + " (old)")
			}
			return text(p.name)
		},
		"intuneLicensed": func(r ref) value {
			if n := w.of(saltUser+302, r.i, 20); n > 0 {
				return boolean(n < 17)
			}
			return null()
		},
		"isDeleted": func(r ref) value { return boolean(deleted(r)) },
		timestampName: func(r ref) value {
			if r.i%151 == 9 {
				return null()
			}
			return timestamp(w.modified(3, r.i))
		},
	})
}

// associationSet is userDeviceAssociations: the current user of each device,
// former users of one device in five, and a few rows that lead nowhere.
func (w *world) associationSet() *dataset {
	type pair struct {
		user, device int64
		dev          int
		ended        bool
	}
	var pairs []pair
	for i, d := range w.devices {
		if i%19 == 8 {
			continue // shared devices have no user
		}
		current := w.userRows[w.people[d.person].lastRow].key
		device := d.key
		if i%300 == 40 {
			device++ // no such device
		}
		if i%300 == 41 {
			current++ // no such user
		}
		pairs = append(pairs, pair{current, device, i, false})
		if w.chance(saltAssociation, i, 20) {
			if u := w.userRows[w.of(saltAssociation+300, i, len(w.userRows))].key; u != current {
				pairs = append(pairs, pair{u, device, i, true})
			}
		}
	}
	return static(len(pairs), map[string]column{
		"userKey":   func(r ref) value { return integer(pairs[r.i].user) },
		"deviceKey": func(r ref) value { return integer(pairs[r.i].device) },
		"createdDateTimeUTC": func(r ref) value {
			if r.i%83 == 3 {
				return null()
			}
			return timestamp(w.instant(saltAssociation+301, r.i, w.enrolledDay(pairs[r.i].dev)))
		},
		"endedDateTimeUTC": func(r ref) value {
			if !pairs[r.i].ended {
				return null()
			}
			return timestamp(w.instant(saltAssociation+302, r.i, w.until-int64(r.i%50)))
		},
		"isDeleted": func(r ref) value { return boolean(pairs[r.i].ended || r.i%41 == 0) },
	})
}

// revision is one row of appRevisions.
type revision struct {
	app, number int
	last        bool
}

func (w *world) revisions() []revision {
	var out []revision
	for a := range apps() {
		n := 1 + w.of(saltApp, a, 3)
		for r := range n {
			out = append(out, revision{a, r + 1, r == n-1})
		}
	}
	return out
}

func (w *world) appKey(app int) int64 {
	return 51203 + 13*int64(app) + int64(w.of(saltApp+300, app, 7))
}

func (w *world) appSet() *dataset {
	list, revs, pubs, types, vpp := apps(), w.revisions(), publishers(), w.lookups["appTypes"], w.lookups["vppProgramTypes"]
	start := func(r ref) int64 {
		return w.instant(saltAppDate, r.i, w.until-int64(30*(5-revs[r.i].number)+w.of(saltAppDate+300, r.i, 25)))
	}
	return static(len(revs), map[string]column{
		"appKey":        func(r ref) value { return integer(w.appKey(revs[r.i].app)) },
		"applicationId": func(r ref) value { return guid(w.guid(saltAppID, revs[r.i].app)) },
		"revision":      func(r ref) value { return integer(int64(revs[r.i].number)) },
		"title":         func(r ref) value { return text(list[revs[r.i].app].title) },
		"publisher": func(r ref) value {
			if r.i%9 == 5 {
				return null()
			}
			return text(pubs[w.of(saltApp+301, revs[r.i].app, len(pubs))])
		},
		"appTypeKey": func(r ref) value {
			id := list[revs[r.i].app].typeID
			for n, x := range types.ids {
				if x == id {
					return integer(types.keys[n])
				}
			}
			return null()
		},
		"vppProgramTypeKey": func(r ref) value { return integer(vpp.keys[w.of(saltApp+302, revs[r.i].app, len(vpp.keys))]) },
		"size": func(r ref) value {
			switch n := w.of(saltApp+303, r.i, 12); {
			case n == 0:
				return null()
			case n == 1:
				return integer(0)
			case n == 2:
				return integer(9_663_676_416 + int64(r.i))
			default:
				return integer(int64(w.of(saltApp+304, r.i, 1<<uint(8+2*n))))
			}
		},
		"isCurrent":             func(r ref) value { return boolean(revs[r.i].last) },
		"isDeleted":             func(r ref) value { return boolean(!revs[r.i].last && r.i%2 == 0 || revs[r.i].app%13 == 12) },
		"startDateInclusiveUTC": func(r ref) value { return timestamp(start(r)) },
		"endDateExclusiveUTC": func(r ref) value {
			if revs[r.i].last {
				return timestamp(maxTicks)
			}
			return timestamp(start(ref{i: r.i + 1}))
		},
		timestampName: func(r ref) value { return timestamp(w.modified(4, r.i)) },
		"uploadState": func(r ref) value {
			if r.i%6 == 1 {
				return null()
			}
			return integer(int64(w.of(saltApp+305, r.i, 3)))
		},
		"creationTime": func(r ref) value { return timestamp(start(r) - 3*ticksPerDay) },
		"modifiedTime": func(r ref) value {
			if r.i%4 == 2 {
				return null()
			}
			return timestamp(start(r) - int64(w.of(saltAppDate+301, r.i, 1<<30)))
		},
	})
}

// policyVersion is one row of policies.
type policyVersion struct {
	policy, version int
	last            bool
}

func (w *world) policyVersions() []policyVersion {
	var out []policyVersion
	for p := range policyNames() {
		n := 1 + w.of(saltPolicy, p, 3)
		for v := range n {
			out = append(out, policyVersion{p, v + 1, v == n-1})
		}
	}
	return out
}

func (w *world) policyKey(row int) int64 {
	return 61007 + 9*int64(row) + int64(w.of(saltPolicy+300, row, 8))
}

func (w *world) policySet() *dataset {
	names, rows := policyNames(), w.policyVersions()
	return static(len(rows), map[string]column{
		"policyKey": func(r ref) value { return integer(w.policyKey(r.i)) },
		"policyId":  func(r ref) value { return guid(w.guid(saltPolicyID, rows[r.i].policy)) },
		"policyName": func(r ref) value {
			if r.i%14 == 6 {
				return null()
			}
			return text(names[rows[r.i].policy])
		},
		"policyVersion": func(r ref) value { return integer(int64(rows[r.i].version)) },
		"isDeleted":     func(r ref) value { return boolean(!rows[r.i].last) },
		"startDateInclusiveUTC": func(r ref) value {
			return timestamp(w.instant(saltPolicyDate, r.i, w.until-int64(200-50*rows[r.i].version)))
		},
		"deletedDateUTC": func(r ref) value {
			switch {
			case !rows[r.i].last:
				return timestamp(w.instant(saltPolicyDate, r.i+1, w.until-int64(200-50*(rows[r.i].version+1))))
			case r.i%3 == 0:
				return null()
			}
			return timestamp(maxTicks)
		},
		timestampName: func(r ref) value { return timestamp(w.modified(5, r.i)) },
	})
}

// termsCount is the number of rows of termsAndConditions: four documents in two versions.
const termsCount = 8

func (w *world) termsKey(row int) int64 { return 71001 + 5*int64(row) }

func (w *world) termsSet() *dataset {
	titles := []string{"Nutzungsbedingungen", "Terms of use", "Conditions d’utilisation", "利用規約"}
	return static(termsCount, map[string]column{
		"termsAndConditionsKey":     func(r ref) value { return integer(w.termsKey(r.i)) },
		"termsAndConditionsId":      func(r ref) value { return guid(w.guid(saltTerms, r.i/2)) },
		"termsAndConditionsVersion": func(r ref) value { return integer(int64(r.i%2 + 1)) },
		"name":                      func(r ref) value { return text(fmt.Sprintf("T&C %d", r.i/2)) },
		"description": func(r ref) value {
			if r.i%3 == 0 {
				return null()
			}
			return text("")
		},
		"title":          func(r ref) value { return text(titles[r.i/2]) },
		"summaryOfTerms": func(r ref) value { return text("By enrolling you agree to \"everything\" (100 %).") },
		"termsAndConditionsBodyText": func(r ref) value {
			return text("1. Devices are managed.\r\n2. C:\\Windows stays ours.\n\t— " + titles[r.i/2])
		},
		"isDeleted":             func(r ref) value { return boolean(r.i%2 == 0) },
		"startDateInclusiveUTC": func(r ref) value { return timestamp((w.until - int64(400-30*r.i)) * ticksPerDay) },
		"endDateExclusiveUTC": func(r ref) value {
			if r.i%2 == 1 {
				return timestamp((maxTicks / ticksPerDay) * ticksPerDay)
			}
			return timestamp((w.until - int64(400-30*(r.i+1))) * ticksPerDay)
		},
	})
}

// instances is the number of protected app instances: one for each phone, two for some.
func (w *world) instances() int { return max(3, len(w.phones)+len(w.phones)/3) }

func (w *world) instanceDevice(i int) int { return int(w.phones[i%len(w.phones)]) }

func (w *world) instanceKey(i int) int64 {
	return 810001 + 7*int64(i) + int64(w.of(saltInstance, i, 6))
}

func (w *world) instanceApp(i int) int {
	// Bundles of iOS stand in the first half of the list, Android's in the second.
	half := len(bundles()) / 2
	n := w.of(saltInstance+300, i, half)
	if w.deviceFamily(w.instanceDevice(i)).platform == "Android" {
		n += half
	}
	return n
}

func (w *world) mamAppKey(app int) int64 {
	return 40009 + 17*int64(app) + int64(w.of(saltMamApp, app, 11))
}

func (w *world) instanceSet() *dataset {
	ids, platforms := bundles(), w.lookups["mamPlatforms"]
	dev := func(r ref) int { return w.instanceDevice(r.i) }
	return static(w.instances(), map[string]column{
		"applicationInstanceKey": func(r ref) value { return integer(w.instanceKey(r.i)) },
		"userId": func(r ref) value {
			if r.i%37 == 12 {
				return null()
			}
			return guid(w.people[w.devices[dev(r)].person].id)
		},
		"applicationInstanceId": func(r ref) value { return guid(w.guid(saltInstanceID, r.i)) },
		"mamApplicationId": func(r ref) value {
			if r.i%61 == 30 {
				return text("com.unknown.app") // in no row of mamApplications
			}
			return text(ids[w.instanceApp(r.i)])
		},
		"applicationVersion": func(r ref) value {
			return text(fmt.Sprintf("%d.%d.%d", 1+w.of(saltInstance+301, r.i, 5), w.of(saltInstance+302, r.i, 60), w.of(saltInstance+303, r.i, 10)))
		},
		"createdDate": func(r ref) value { return timestamp(w.instant(saltInstanceDate, r.i, w.enrolledDay(dev(r)))) },
		"platform": func(r ref) value {
			for n, name := range platforms.names {
				if name == w.deviceFamily(dev(r)).platform {
					return integer(platforms.ids[n])
				}
			}
			return null()
		},
		"platformVersion": func(r ref) value { return w.osVersion(dev(r), 0) },
		"sdkVersion": func(r ref) value {
			if r.i%11 == 4 {
				return null()
			}
			return text(fmt.Sprintf("%d.%d.0", 15+r.i%5, r.i%9))
		},
		"mamDeviceId":   func(r ref) value { return text(w.guid(saltInstance+304, dev(r))) },
		"mamDeviceType": func(r ref) value { return text(w.deviceFamily(dev(r)).hardware[w.devices[dev(r)].hw].maker) },
		"mamDeviceName": func(r ref) value { return textOrNull(w.devices[dev(r)].name) },
		"isDeleted":     func(r ref) value { return boolean(r.i%13 == 6) },
		"startDateInclusiveUTC": func(r ref) value {
			return timestamp(w.instant(saltInstanceDate+300, r.i, w.until-int64(r.i%90)))
		},
		"deletedDateUTC": func(r ref) value {
			switch {
			case r.i%13 == 6:
				return timestamp(w.instant(saltInstanceDate+301, r.i, w.until))
			case r.i%2 == 0:
				return null()
			}
			return timestamp(maxTicks)
		},
		timestampName: func(r ref) value { return timestamp(w.modified(6, r.i)) },
	})
}

func (w *world) mamAppSet() *dataset {
	ids := bundles()
	return static(len(ids), map[string]column{
		"mamApplicationKey": func(r ref) value { return integer(w.mamAppKey(r.i)) },
		"mamApplicationName": func(r ref) value {
			names := []string{"Outlook", "Teams", "Word", "Excel", "OneDrive", "Managed Browser", "Outlook", "Teams", "Word", "Edge", "Acrobat", "Box", "Expenses", "Werk-Zeug™", "Slack", "Zoom"}
			if r.i == 13 {
				return null()
			}
			return text(names[r.i])
		},
		"mamApplicationId": func(r ref) value { return text(ids[r.i]) },
		"isDeleted":        func(r ref) value { return boolean(r.i == 5) },
		"startDateInclusiveUTC": func(r ref) value {
			return timestamp((w.until - int64(300+r.i)) * ticksPerDay)
		},
		"deletedDateUTC": func(r ref) value {
			if r.i == 5 {
				return timestamp((w.until - 100) * ticksPerDay)
			}
			return null()
		},
		timestampName: func(r ref) value { return timestamp(w.modified(7, r.i)) },
	})
}

const (
	effectivePolicyCount = 24
	mamPolicyCount       = 14
)

func (w *world) effectivePolicyKey(i int) int64 { return 90101 + 3*int64(i) }

func (w *world) mamPolicyKey(i int) int64 {
	return 92003 + 7*int64(i) + int64(w.of(saltMamPolicy, i, 5))
}

func (w *world) effectivePolicySet() *dataset {
	return static(effectivePolicyCount, map[string]column{
		"effectivePolicyKey": func(r ref) value { return integer(w.effectivePolicyKey(r.i)) },
		"realPolicyKey": func(r ref) value {
			if r.i%9 == 8 {
				return null()
			}
			return integer(w.mamPolicyKey(r.i % (mamPolicyCount + 1))) // the last one is in no row
		},
		"rowCreatedDateTimeUTC": func(r ref) value { return timestamp(w.instant(saltMamPolicy+300, r.i, w.until-int64(3*r.i))) },
	})
}

func (w *world) mamPolicySet() *dataset {
	names := policyNames()
	platforms, types := w.lookups["mamPlatforms"], w.lookups["mamPolicyTypes"]
	return static(mamPolicyCount, map[string]column{
		"policyKey":             func(r ref) value { return integer(w.mamPolicyKey(r.i)) },
		"policyId":              func(r ref) value { return guid(w.guid(saltMamPolicy+301, r.i)) },
		"name":                  func(r ref) value { return text(names[len(names)-1-r.i]) },
		"description":           func(r ref) value { return textOrNull([]string{"", "made by hand", "50% of users"}[r.i%3]) },
		"platformKey":           func(r ref) value { return integer(platforms.keys[3+r.i%2]) },
		"policyTypeKey":         func(r ref) value { return integer(types.keys[r.i%len(types.keys)]) },
		"isDeleted":             func(r ref) value { return boolean(r.i%4 == 3) },
		"startDateInclusiveUTC": func(r ref) value { return timestamp((w.until - int64(100-r.i)) * ticksPerDay) },
		"deletedDateUTC": func(r ref) value {
			if r.i%4 == 3 {
				return timestamp(w.until * ticksPerDay)
			}
			return timestamp(maxTicks)
		},
		timestampName: func(r ref) value { return timestamp(w.modified(8, r.i)) },
	})
}

// dateSet is dates: from 2016-01-01 until a year after the last day.
func (w *world) dateSet() *dataset {
	first := daysOf(2016, 1, 1)
	n := int(max(w.until+400, first+3654) - first)
	days := make([]int64, n)
	for i := range days {
		days[i] = first + int64(i)
	}
	// The day 0001-01-01 was a Monday; weeks start on Sunday, which is day 1.
	weekday := func(d int64) int64 { return (d+1)%7 + 1 }
	jan1 := func(d int64) int64 {
		y, _, _ := civil(d)
		return daysOf(y, 1, 1)
	}
	part := func(f func(d int64) int64) column { return func(r ref) value { return integer(f(days[r.i])) } }
	return daily(days, func(int) int { return 1 }, map[string]column{
		"fullDate":   func(r ref) value { return timestamp(days[r.i] * ticksPerDay) },
		"dayOfWeek":  part(weekday),
		"dayOfMonth": part(func(d int64) int64 { _, _, x := civil(d); return int64(x) }),
		"dayOfYear":  part(func(d int64) int64 { return d - jan1(d) + 1 }),
		"weekOfYear": part(func(d int64) int64 { return (d-jan1(d)+weekday(jan1(d))-1)/7 + 1 }),
		"monthOfYear": part(func(d int64) int64 {
			_, m, _ := civil(d)
			return int64(m)
		}),
		"calendarQuarter": part(func(d int64) int64 { _, m, _ := civil(d); return int64(m-1)/3 + 1 }),
		"calendarYear":    part(func(d int64) int64 { y, _, _ := civil(d); return int64(y) }),
	})
}
