package simulator

import (
	"fmt"
)

const (
	saltRegistration salt = 100 + iota
	saltEnrolled
	saltSync
	saltSyncDay
	saltAgent
	saltManagement
	saltAAD
	saltCategory
	saltEnrollType
	saltSerial
	saltDeleted
	saltStorage
	saltFree
	saltMemory
	saltEncryption
	saltCarrier
	saltPhone
	saltMac
	saltOffice
	saltEdition
	saltPrimary
	saltJail
	saltSupervised
	saltNull
	saltPatch
	saltSubnet
)

// owner is a device's ownerTypeKey: personal for most phones, company for most computers.
func (w *world) owner(dev int) value {
	keys := w.lookups["ownerTypes"].keys
	n := w.of(saltOwner, dev, 100)
	personal := 12
	if w.families[w.devices[dev].family].cellular {
		personal = 55
	}
	switch {
	case n < personal:
		return integer(keys[2])
	case n < 96:
		return integer(keys[1])
	case n < 99:
		return integer(keys[0])
	}
	return null()
}

func (w *world) registration(dev int) value {
	l := w.lookups["deviceRegistrationStates"]
	switch n := w.of(saltRegistration, dev, 100); {
	case n < 84:
		return l.key("Registered")
	case n < 91:
		return l.key("NotRegistered")
	case n < 98:
		return integer(l.keys[2+n%6])
	case n < 99:
		return integer(-1) // no row has this key here: a dangling reference
	}
	return null()
}

func (w *world) management(dev int) value {
	l := w.lookups["managementStates"]
	switch n := w.of(saltManagement, dev, 100); {
	case n < 86:
		return l.key("Managed")
	case n < 98:
		return integer(l.keys[n%len(l.keys)])
	case n < 99:
		return integer(-1)
	}
	return null()
}

func (w *world) aadRegistered(dev int) value {
	switch n := w.of(saltAAD, dev, 100); {
	case n < 88:
		return boolean(true)
	case n < 96:
		return boolean(false)
	}
	return null()
}

func (w *world) category(dev int) value {
	l := w.categoryKeys()
	switch n := w.of(saltCategory, dev, 100); {
	case n < 60:
		return integer(l[0])
	case n < 97:
		return integer(l[n%len(l)])
	case n < 98:
		return integer(29999) // a category that is gone
	}
	return null()
}

// storage is total storage: steps of the family, scattered a little, with a long tail.
func (w *world) storage(dev int) value {
	steps := w.families[w.devices[dev].family].storageSteps
	n := w.of(saltStorage, dev, 1000)
	switch {
	case n < 80:
		return null()
	case n < 100:
		return integer(0)
	case n < 103:
		return integer(int64(n-99) * 7_999_376_588_800)
	}
	s := steps[n%len(steps)]
	return integer(s - int64(w.of(saltStorage, -dev-1, 5_000_000)))
}

func (w *world) memory(dev int) value {
	switch n := w.of(saltMemory, dev, 100); {
	case n < 20:
		return null()
	case n < 30:
		return integer(0)
	default:
		return integer(gib<<(2+n%4) - int64(w.of(saltMemory, -dev-1, 300_000_000)))
	}
}

// enrolledDay lies up to six years back, most devices in the last two.
func (w *world) enrolledDay(dev int) int64 {
	n := w.of(saltEnrolled, dev, 1<<16)
	span := 120
	switch {
	case n%10 < 3:
		span = 700
	case n%10 < 5:
		span = 2200
	}
	return w.until - int64(n/10%span)
}

func (w *world) lastSync(dev int) value {
	back := 0
	n := w.of(saltSyncDay, dev, 1000)
	switch {
	case n < 15:
		return null()
	case n < 780:
		back = n % 3
	case n < 920:
		back = 3 + n%28
	case n < 990:
		back = 31 + n*7%300
	default:
		return timestamp(0) // 0001-01-01T00:00:00Z: never, as .NET writes it
	}
	day := w.until - int64(back)
	if e := w.enrolledDay(dev); day < e {
		day = e
	}
	return timestamp(w.instant(saltSync, dev, day))
}

func (w *world) deviceFamily(dev int) *family { return &w.families[w.devices[dev].family] }

// some gives a text to percent of the devices and null to the others.
func (w *world) some(s salt, dev, percent int, content func() string) value {
	if !w.chance(s, dev, percent) {
		return null()
	}
	return text(content())
}

func textOrNull(s string) value {
	if s == "" {
		return null()
	}
	return text(s)
}

// deviceSet is devices: identity, owner, state now, hardware.
func (w *world) deviceSet() *dataset {
	d := func(f func(dev int) value) column { return func(r ref) value { return f(r.i) } }
	hex := func(s salt, i, digits int) string {
		return fmt.Sprintf("%0*X", digits, w.roll(s, i)&(1<<(4*digits)-1))
	}
	agents, types, enrollment := w.lookups["managementAgentTypes"], w.lookups["deviceTypes"], w.lookups["deviceEnrollmentTypes"]
	return static(len(w.devices), map[string]column{
		"deviceKey": d(func(i int) value { return integer(w.devices[i].key) }),
		"deviceId":  d(func(i int) value { return guid(w.devices[i].id) }),
		"deviceName": d(func(i int) value {
			return textOrNull(w.devices[i].name)
		}),
		"deviceTypeKey":              d(func(i int) value { return types.key(w.deviceFamily(i).deviceType) }),
		"deviceRegistrationStateKey": d(w.registration),
		"ownerTypeKey":               d(w.owner),
		"enrolledDateTime":           d(func(i int) value { return timestamp(w.instant(saltEnrolled, i, w.enrolledDay(i))) }),
		"lastSyncDateTime":           d(w.lastSync),
		"managementAgentKey":         d(func(i int) value { return agents.key(pick(w.dice, saltAgent, i, w.deviceFamily(i).agents)) }),
		"managementStateKey":         d(w.management),
		"azureADDeviceId": d(func(i int) value {
			if v := w.aadRegistered(i); v.isNull() || !v.bool() {
				return guid("00000000-0000-0000-0000-000000000000")
			}
			return guid(w.guid(saltAAD, i))
		}),
		"azureADRegistered": d(w.aadRegistered),
		"deviceCategoryKey": d(w.category),
		"deviceEnrollmentTypeKey": d(func(i int) value {
			return enrollment.key(pick(w.dice, saltEnrollType, i, w.deviceFamily(i).enrollment))
		}),
		"complianceStateKey": d(func(i int) value { return w.complianceKey(i, 0) }),
		"osVersion":          d(func(i int) value { return w.osVersion(i, 0) }),
		"easDeviceId":        d(func(i int) value { return w.some(saltNull, i, 30, func() string { return hex(saltSerial, -i-1, 16) }) }),
		"serialNumber": d(func(i int) value {
			switch n := w.of(saltSerial, i, 100); {
			case n < 2:
				return null()
			case n < 3:
				return text("")
			case n < 4:
				return text("To be filled by O.E.M.")
			case n < 5:
				return text("0") // shared by many devices
			}
			return text(hex(saltSerial, i, 10))
		}),
		"userId": d(func(i int) value {
			switch n := w.of(saltPrimary, i, 200); {
			case n < 190:
				return guid(w.people[w.devices[i].person].id)
			case n < 193:
				return guid(w.guid(saltGhost, i)) // nobody in users
			}
			return null()
		}),
		timestampName: d(func(i int) value {
			if i%211 == 5 {
				return null()
			}
			return timestamp(w.modified(1, i))
		}),
		"manufacturer": d(func(i int) value { return textOrNull(w.deviceFamily(i).hardware[w.devices[i].hw].maker) }),
		"model": d(func(i int) value {
			h := w.deviceFamily(i).hardware[w.devices[i].hw]
			if len(h.models) == 0 {
				return null()
			}
			return text(h.models[w.devices[i].modelNo])
		}),
		"operatingSystem": d(func(i int) value { return textOrNull(w.deviceFamily(i).os) }),
		"isDeleted":       d(func(i int) value { return boolean(w.chance(saltDeleted, i, 7)) }),
		"androidSecurityPatchLevel": d(func(i int) value {
			if w.deviceFamily(i).os != "Android" {
				return null()
			}
			y, m, _ := civil(w.until - int64(w.of(saltPatch, i, 900)))
			return text(fmt.Sprintf("%04d-%02d-%02d", y, m, 1+4*w.of(saltPatch, -i-1, 2)))
		}),
		"meid": d(func(i int) value {
			return w.phoneOnly(i, saltNull+1, 20, func() string { return hex(saltPhone, i, 14) })
		}),
		"isSupervised": d(func(i int) value {
			if !w.deviceFamily(i).apple {
				return null()
			}
			return integer(int64(w.of(saltSupervised, i, 2)))
		}),
		"freeStorageSpaceInBytes": d(func(i int) value {
			total := w.storage(i)
			if total.isNull() || total.n == 0 {
				return total
			}
			// Between nothing and twice the typical share, most near it.
			share := int64(w.of(saltFree, i, 100)+w.of(saltFree, -i-1, 100)) * int64(w.deviceFamily(i).freeOfTotal)
			return integer(total.n / 20000 * share)
		}),
		"totalStorageSpaceInBytes": d(w.storage),
		"encryptionState": d(func(i int) value {
			if n := w.of(saltEncryption, i, 20); n > 0 {
				return integer(b2i(n < 16))
			}
			return null()
		}),
		"subscriberCarrier": d(func(i int) value {
			return w.phoneOnly(i, saltCarrier, 70, func() string {
				c := []string{"Telekom.de", "vodafone", "O2 - de", "T-Mobile", "AT&T", "Verizon Wireless", "Orange F", "Swisscom"}
				return c[w.of(saltCarrier, -i-1, len(c))]
			})
		}),
		"phoneNumber": d(func(i int) value {
			return w.phoneOnly(i, saltPhone, 60, func() string { return fmt.Sprintf("+49151%08d", w.of(saltPhone, -i-1, 100_000_000)) })
		}),
		"imei": d(func(i int) value {
			return w.phoneOnly(i, saltPhone+300, 85, func() string { return fmt.Sprintf("35%013d", w.roll(saltPhone+301, i)%10_000_000_000_000) })
		}),
		"cellularTechnology": d(func(i int) value {
			return w.phoneOnly(i, saltCarrier+300, 90, func() string { return []string{"GSM", "CDMA", "GSM and CDMA", ""}[w.of(saltCarrier+301, i, 4)] })
		}),
		"wiFiMacAddress":     d(func(i int) value { return w.some(saltMac, i, 92, func() string { return hex(saltMac, -i-1, 12) }) }),
		"ethernetMacAddress": d(func(i int) value { return w.some(saltMac+300, i, 45, func() string { return hex(saltMac+301, i, 12) }) }),
		"office365Version": d(func(i int) value {
			return w.some(saltOffice, i, 8, func() string { return fmt.Sprintf("16.0.%d.%d", 14000+w.of(saltOffice, -i-1, 40)*100, 20000+i%977) })
		}),
		"windowsOsEdition": d(func(i int) value {
			if !w.deviceFamily(i).windows {
				return null()
			}
			return text(pick(w.dice, saltEdition, i, []weighted[string]{{"Enterprise", 60}, {"Professional", 25}, {"Education", 6}, {"Core", 4}, {"ServerRdsh", 2}, {"Business", 3}}))
		}),
		"primaryUser": d(func(i int) value {
			switch n := w.of(saltPrimary+300, i, 100); {
			case n < 82:
				return guid(w.people[w.devices[i].person].id)
			case n < 90:
				return guid(w.people[w.of(saltPrimary+301, i, len(w.people))].id)
			case n < 93:
				return guid("00000000-0000-0000-0000-000000000000")
			}
			return null()
		}),
		"iccid": d(func(i int) value {
			return w.phoneOnly(i, saltSubnet+1, 60, func() string { return fmt.Sprintf("8949%015d", w.roll(saltSubnet+2, i)%1_000_000_000_000_000) })
		}),
		"subnetAddressV4Wifi": d(func(i int) value {
			return w.some(saltSubnet, i, 50, func() string { return fmt.Sprintf("10.%d.%d.0/24", i%16, i%251) })
		}),
		"ipAddressV4Wifi": d(func(i int) value {
			return w.some(saltSubnet, i, 50, func() string { return fmt.Sprintf("10.%d.%d.%d", i%16, i%251, 1+i%254) })
		}),
	})
}

// phoneOnly gives a text to percent of the devices with a cellular modem.
func (w *world) phoneOnly(dev int, s salt, percent int, content func() string) value {
	if !w.deviceFamily(dev).cellular {
		return null()
	}
	return w.some(s, dev, percent, content)
}

// historySet is devicePropertyHistories: every device on every day. One device
// in four hundred is known to the history alone.
func (w *world) historySet() *dataset {
	d := func(f func(dev int) value) column { return func(r ref) value { return f(r.k) } }
	return daily(w.days, func(int) int { return len(w.devices) }, map[string]column{
		"deviceKey": d(func(i int) value {
			if i%400 == 17 {
				return integer(w.devices[i].key + 1)
			}
			return integer(w.devices[i].key)
		}),
		"deviceName":                 d(func(i int) value { return textOrNull(w.devices[i].name) }),
		"deviceRegistrationStateKey": d(w.registration),
		"ownerTypeKey":               d(w.owner),
		"managementStateKey":         d(w.management),
		"azureADRegistered":          d(w.aadRegistered),
		"deviceCategoryKey":          d(w.category),
		"complianceStateKey":         func(r ref) value { return w.complianceKey(r.k, w.age(r.part)) },
		"osVersion":                  func(r ref) value { return w.osVersion(r.k, w.age(r.part)) },
		"jailBroken": d(func(i int) value {
			if !w.deviceFamily(i).cellular {
				return text("Unknown")
			}
			switch n := w.of(saltJail, i, 100); {
			case n < 3:
				return text("True")
			case n < 90:
				return text("False")
			case n < 96:
				return text("Unknown")
			}
			return null()
		}),
		"totalStorageSpaceInBytes": d(w.storage),
		"physicalMemoryInBytes":    d(w.memory),
		timestampName:              func(r ref) value { return timestamp(w.days[r.part]*ticksPerDay + int64(r.k%7)*10 + int64(r.k%3)) },
	})
}
