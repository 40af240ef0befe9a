package simulator

import "sync"

const (
	saltCount salt = 300 + iota
	saltPerPolicy
	saltConfig
	saltEnrollments
	saltExtension
	saltCheckin
	saltInstall
	saltPolicyFact
	saltAccept
)

// counts spreads about total things over states by the given shares, each a
// little different from day to day.
func (w *world) counts(s salt, i, total int, shares ...int) []int64 {
	out := make([]int64, len(shares))
	for n, share := range shares {
		mean := total * share / 100
		spread := mean/10 + 2
		out[n] = int64(max(0, mean+w.of(s, i*16+n, spread)-spread/2))
	}
	return out
}

// spread makes a column for each name out of one list of numbers per row.
func spread(cols map[string]column, names []string, row func(ref) []int64) {
	for n, name := range names {
		cols[name] = func(r ref) value { return integer(row(r)[n]) }
	}
}

func policyStates() []string { return []string{"pending", "succeeded", "error", "failed"} }

func complianceColumns() []string {
	return []string{"unknown", "notApplicable", "compliant", "inGracePeriod", "nonCompliant", "error"}
}

// complianceSummary counts the states of the history's devices, so that the
// two sets agree. A day is counted when it is first read.
func (w *world) complianceSummary() *dataset {
	memo := make([][]int64, len(w.days))
	once := make([]sync.Once, len(w.days))
	byRow := map[int]int{-1: 0, 1: 0, 0: 1, 2: 2, 6: 3, 3: 4, 4: 4, 5: 5, 7: 1}
	cols := map[string]column{}
	spread(cols, complianceColumns(), func(r ref) []int64 {
		once[r.part].Do(func() {
			n := make([]int64, 6)
			for dev := range w.devices {
				n[byRow[w.compliance(dev, w.age(r.part))]]++
			}
			memo[r.part] = n
		})
		return memo[r.part]
	})
	return daily(w.days, func(int) int { return 1 }, cols)
}

func (w *world) compliancePerPolicy() *dataset {
	policies, platforms := len(w.policyVersions()), w.lookups["policyPlatformTypes"].keys
	per := policies / 3
	cols := map[string]column{
		"policyKey":         func(r ref) value { return integer(w.policyKey(r.k / 2 * 3)) },
		"policyPlatformKey": func(r ref) value { return integer(platforms[(r.k/2+r.k%2*2)%len(platforms)]) },
	}
	spread(cols, complianceColumns(), func(r ref) []int64 {
		return w.counts(saltPerPolicy, r.i, len(w.devices)/(2+r.k%5), 3, 5, 76, 4, 11, 1)
	})
	return daily(w.days, func(int) int { return 2 * per }, cols)
}

// perDayStates is one row a day with the four states of policies.
func (w *world) perDayStates(s salt, total int) *dataset {
	cols := map[string]column{}
	spread(cols, policyStates(), func(r ref) []int64 { return w.counts(s, r.i, total, 6, 88, 2, 4) })
	return daily(w.days, func(int) int { return 1 }, cols)
}

// perTypeStates is one row a day for each policy type in use.
func (w *world) perTypeStates(s salt, total int) *dataset {
	types := w.lookups["policyTypes"].keys
	const used = 14
	cols := map[string]column{
		"policyTypeKey": func(r ref) value { return integer(types[(r.k*5)%len(types)]) },
	}
	spread(cols, policyStates(), func(r ref) []int64 { return w.counts(s, r.i, total/(1+r.k), 6, 88, 2, 4) })
	return daily(w.days, func(int) int { return used }, cols)
}

func (w *world) policyTypeActivities() *dataset {
	rows, types := w.policyVersions(), w.lookups["policyTypes"].keys
	cols := map[string]column{
		"policyKey": func(r ref) value {
			if r.k == 20 {
				return integer(w.policyKey(20) + 9*1000) // a policy that is in no row
			}
			return integer(w.policyKey(r.k))
		},
		"policyTypeKey": func(r ref) value { return integer(types[(rows[r.k].policy*3+1)%len(types)]) },
	}
	spread(cols, policyStates(), func(r ref) []int64 {
		return w.counts(saltPolicyFact, r.i, len(w.devices)/(1+r.k%7), 8, 82, 4, 6)
	})
	return daily(w.days, func(int) int { return len(rows) }, cols)
}

// enrollmentSet has a handful of combinations a day, each with another version, so that the key holds.
func (w *world) enrollmentSet() *dataset {
	type combination struct{ fam, version int }
	var all []combination
	for f, fam := range w.families {
		for v := range fam.versions {
			if fam.os != "" {
				all = append(all, combination{f, v})
			}
		}
	}
	enrollTypes, devTypes := w.lookups["deviceEnrollmentTypes"], w.lookups["deviceTypes"]
	status, category, reason := w.lookups["enrollmentEventStatuses"], w.lookups["enrollmentFailureCategories"], w.lookups["enrollmentFailureReasons"]
	pickOf := func(r ref) combination { return all[(w.of(saltEnrollments, r.part, 7)+r.k*3)%len(all)] }
	failed := func(r ref) bool { return w.chance(saltEnrollments+300, r.i, 25) }
	return daily(w.days, func(day int) int { return 5 + w.of(saltEnrollments+301, day, len(all)/3-5) }, map[string]column{
		"deviceEnrollmentTypeKey": func(r ref) value {
			return enrollTypes.key(pick(w.dice, saltEnrollments+302, r.i, w.families[pickOf(r).fam].enrollment))
		},
		"deviceTypeKey": func(r ref) value { return devTypes.key(w.families[pickOf(r).fam].deviceType) },
		"enrollmentEventStatusKey": func(r ref) value {
			if failed(r) {
				return status.key("Failed")
			}
			return status.key("Success")
		},
		"enrollmentFailureCategoryKey": func(r ref) value {
			if failed(r) {
				return integer(category.keys[1+w.of(saltEnrollments+303, r.i, len(category.keys)-1)])
			}
			return category.key("Not Applicable")
		},
		"enrollmentFailureReasonKey": func(r ref) value {
			if failed(r) {
				return integer(reason.keys[1+w.of(saltEnrollments+304, r.i, len(reason.keys)-1)])
			}
			return reason.key("Not Applicable")
		},
		"osVersion": func(r ref) value { c := pickOf(r); return text(w.families[c.fam].versions[c.version]) },
		"count":     func(r ref) value { return integer(1 + int64(w.of(saltEnrollments+305, r.i, 2+len(w.devices)/200))) },
	})
}

func (w *world) extensionSet() *dataset {
	versions, states := w.lookups["intuneManagementExtensionVersions"].keys, w.lookups["intuneManagementExtensionHealthStates"].keys
	return daily(w.days, func(int) int { return len(w.windows) }, map[string]column{
		"tenantKey": func(r ref) value {
			if r.k%29 == 9 {
				return null()
			}
			return integer(7)
		},
		"deviceKey": func(r ref) value { return integer(w.devices[w.windows[r.k]].key) },
		"extensionVersionKey": func(r ref) value {
			n := w.of(saltExtension, r.k, len(versions)+1)
			if n == len(versions) {
				return null()
			}
			return integer(versions[n])
		},
		"extensionStateKey": func(r ref) value {
			switch n := w.of(saltExtension+300, r.i, 100); {
			case n < 90:
				return integer(states[0])
			case n < 96:
				return integer(states[1])
			case n < 99:
				return integer(states[2])
			}
			return null()
		},
	})
}

// checkinSet has two of three app instances each day.
func (w *world) checkinSet() *dataset {
	health, platforms := w.lookups["mamDeviceHealths"], w.lookups["mamPlatforms"]
	// Instance of row k on a day: numbers n with (n+day)%3 != 0, in order.
	instance := func(r ref) int {
		skip := (3 - r.part%3) % 3 // the number left out of every three
		n := r.k % 2
		if n >= skip {
			n++
		}
		return r.k/2*3 + n
	}
	dev := func(r ref) int { return w.instanceDevice(instance(r)) }
	return daily(w.days, func(int) int { return w.instances() / 3 * 2 }, map[string]column{
		"applicationInstanceKey": func(r ref) value { return integer(w.instanceKey(instance(r))) },
		"userKey": func(r ref) value {
			if r.i%53 == 20 {
				return null()
			}
			return integer(w.userRows[w.people[w.devices[dev(r)].person].lastRow].key)
		},
		"mamApplicationKey": func(r ref) value { return integer(w.mamAppKey(w.instanceApp(instance(r)))) },
		"deviceHealthKey": func(r ref) value {
			switch n := w.of(saltCheckin, r.i, 100); {
			case n < 92:
				return integer(health.keys[1])
			case n < 96:
				return integer(health.keys[2])
			case n < 98:
				return integer(-1)
			}
			return null()
		},
		"platformKey":               func(r ref) value { return platforms.key(w.deviceFamily(dev(r)).platform) },
		"effectiveAppliedPolicyKey": func(r ref) value { return w.appliedPolicy(instance(r)) },
		"lastCheckInDate": func(r ref) value {
			if r.i%31 == 14 {
				return null()
			}
			return timestamp(w.instant(saltCheckin+300, r.i, w.days[r.part]))
		},
	})
}

func (w *world) appliedPolicy(instance int) value {
	if instance%8 == 5 {
		return null()
	}
	return integer(w.effectivePolicyKey(w.of(saltCheckin+301, instance, effectivePolicyCount)))
}

func (w *world) installSet() *dataset {
	types, states := w.lookups["deviceTypes"], w.lookups["mobileAppInstallStates"]
	kinds := []string{"Windows", "IPhone", "IPad", "AndroidEnterprise", "MacMDM"}
	names := []string{"Installed", "Failed", "NotInstalled", "PendingInstall"}
	codes := []int64{0, -2016345060, -2016344209, -2147024894, 1603, 112, -1, 2147483647}
	app := func(r ref) int { return r.k / (len(kinds) * len(names)) }
	return daily(w.days, func(int) int { return len(apps()) * len(kinds) * len(names) }, map[string]column{
		"appKey": func(r ref) value {
			if app(r) == 28 {
				return integer(w.appKey(28) + 13*1000) // an app that is in no row
			}
			return integer(w.appKey(app(r)))
		},
		"deviceTypeKey":      func(r ref) value { return types.key(kinds[r.k/len(names)%len(kinds)]) },
		"appInstallStateKey": func(r ref) value { return states.key(names[r.k%len(names)]) },
		"errorCode": func(r ref) value {
			if names[r.k%len(names)] != "Failed" {
				return integer(0)
			}
			return integer(codes[1+w.of(saltInstall, r.k, len(codes)-1)])
		},
		"count": func(r ref) value {
			n := 1 + len(w.devices)/(20*(1+r.k%len(names)*3))
			return integer(int64(w.of(saltInstall+300, r.i, n)))
		},
	})
}

// acceptanceSet has a few people a day, each at most once.
func (w *world) acceptanceSet() *dataset {
	per := max(1, min(len(w.people)/len(w.days), 400))
	return daily(w.days, func(int) int { return per }, map[string]column{
		"userKey": func(r ref) value {
			return integer(w.userRows[w.people[(r.part*per+r.k)%len(w.people)].lastRow].key)
		},
		"termsAndConditionsKey": func(r ref) value { return integer(w.termsKey(w.of(saltAccept, r.i, termsCount))) },
		"acceptedDateTimeUTC": func(r ref) value {
			if w.chance(saltAccept+300, r.i, 10) {
				return null()
			}
			return timestamp(w.instant(saltAccept+301, r.i, w.days[r.part]))
		},
		"lastModifiedDateTimeUTC": func(r ref) value { return timestamp(w.instant(saltAccept+302, r.i, w.days[r.part])) },
	})
}

// datasets gives the generator of every entity set of the Intune model.
func (w *world) datasets() map[string]*dataset {
	out := map[string]*dataset{
		"devices":                 w.deviceSet(),
		"devicePropertyHistories": w.historySet(),
		"deviceCategories":        w.categorySet(),
		"users":                   w.userSet(),
		"userDeviceAssociations":  w.associationSet(),
		"appRevisions":            w.appSet(),
		"policies":                w.policySet(),
		"termsAndConditions":      w.termsSet(),
		"mamApplicationInstances": w.instanceSet(),
		"mamApplications":         w.mamAppSet(),
		"mamEffectivePolicies":    w.effectivePolicySet(),
		"mamPolicies":             w.mamPolicySet(),
		"dates":                   w.dateSet(),

		"compliancePolicyStatusDeviceActivities":          w.complianceSummary(),
		"compliancePolicyStatusDevicePerPolicyActivities": w.compliancePerPolicy(),
		"deviceConfigurationProfileDeviceActivities":      w.perDayStates(saltConfig, len(w.devices)),
		"deviceConfigurationProfileUserActivities":        w.perDayStates(saltConfig+300, len(w.people)),
		"policyDeviceActivities":                          w.perTypeStates(saltConfig+301, len(w.devices)),
		"policyUserActivities":                            w.perTypeStates(saltConfig+302, len(w.people)),
		"policyTypeActivities":                            w.policyTypeActivities(),
		"enrollmentActivities":                            w.enrollmentSet(),
		"intuneManagementExtensions":                      w.extensionSet(),
		"mamCheckins":                                     w.checkinSet(),
		"mobileAppInstallStatusCounts":                    w.installSet(),
		"userTermsAndConditionsAcceptances":               w.acceptanceSet(),
	}
	for name, l := range w.lookups {
		out[name] = l.data
	}
	for _, d := range out {
		// Facts have this column only in one variant; sets that have their own keep it.
		if _, ok := d.cols[timestampName]; !ok && d.partKeys != nil {
			d.cols[timestampName] = func(r ref) value { return timestamp(w.modified(9, r.i)) }
		}
	}
	return out
}
