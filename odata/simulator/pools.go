package simulator

// family is an operating system family with what its devices look like.
type family struct {
	os           string // operatingSystem; "" is null
	deviceType   string // name in deviceTypes
	weight       int
	prefix       string // of device names
	versions     []string
	hardware     []hardware
	agents       []weighted[string]
	enrollment   []weighted[string]
	windows      bool
	apple        bool
	cellular     bool
	platform     string // name in mamPlatforms
	freeOfTotal  int    // percent of storage that is typically free
	storageSteps []int64
}

type hardware struct {
	maker  string // "" is null
	models []string
	weight int
}

const gib = 1 << 30

// families is the fleet: shares and names as in real tenants, version numbers with their build numbers.
func families() []family {
	mdm := []weighted[string]{{"Mdm", 90}, {"EasMdm", 6}, {"Unknown", 4}}
	apple := []weighted[string]{{"UserEnrollment", 55}, {"AppleBulkWithUser", 30}, {"AppleBulkWithoutUser", 10}, {"DeviceEnrollmentManager", 4}, {"Unknown", 1}}
	return []family{
		{
			os: "Windows", deviceType: "Windows", weight: 47, prefix: "DESKTOP-", windows: true, platform: "Windows", freeOfTotal: 55,
			versions: []string{
				"10.0.17763.6414", "10.0.18363.1556", "10.0.19044.4529", "10.0.19045.4894", "10.0.19045.5011", "10.0.22000.3260",
				"10.0.22621.4317", "10.0.22631.4169", "10.0.22631.4317", "10.0.22631.4391", "10.0.26100.2033", "10.0.26100.2161",
			},
			hardware: []hardware{
				{"Dell Inc.", []string{"Latitude 5440", "Latitude 7430", "OptiPlex 7010", "XPS 13 9310", "Precision 3581"}, 30},
				{"LENOVO", []string{"20XW004AUS", "ThinkPad T14 Gen 3", "21CBS00A00", "ThinkCentre M70q"}, 26},
				{"HP", []string{"HP EliteBook 840 G9 Notebook PC", "HP ProDesk 600 G6", "HP ZBook Firefly 14"}, 22},
				{"Microsoft Corporation", []string{"Surface Pro 9", "Surface Laptop 5", "Virtual Machine", "Surface Go 3"}, 14},
				{"Hewlett-Packard", []string{"HP Compaq Elite 8300"}, 3},
				{"ASUSTeK COMPUTER INC.", []string{"ExpertBook B5302CEA", "All Series"}, 2},
				{"innotek GmbH", []string{"VirtualBox"}, 1},
				{"VMware, Inc.", []string{"VMware7,1", "VMware Virtual Platform"}, 2},
			},
			agents:       []weighted[string]{{"Mdm", 68}, {"ConfigurationManagerClientMdm", 18}, {"ConfigurationManagerClient", 10}, {"IntuneClient", 3}, {"EasIntuneClient", 1}},
			enrollment:   []weighted[string]{{"WindowsAzureADJoin", 35}, {"WindowsAutoEnrollment", 30}, {"WindowsCoManagement", 15}, {"WindowsBulkAzureDomainJoin", 8}, {"UserEnrollment", 6}, {"WindowsBulkUserless", 3}, {"WindowsAzureADJoinsUsingDeviceAuth", 3}},
			storageSteps: []int64{128 * gib, 256 * gib, 256 * gib, 512 * gib, 512 * gib, 1024 * gib, 2048 * gib},
		},
		{
			os: "iOS", deviceType: "IPhone", weight: 20, prefix: "iPhone von ", apple: true, cellular: true, platform: "IOS", freeOfTotal: 45,
			versions: []string{"15.8.3", "16.7.10", "17.5.1", "17.6.1", "17.7", "18.0.1", "18.1", "18.1.1"},
			hardware: []hardware{{"Apple", []string{"iPhone 11", "iPhone 12", "iPhone 13", "iPhone 14 Pro", "iPhone SE (2nd generation)", "iPhone 15"}, 1}},
			agents:   mdm, enrollment: apple, storageSteps: []int64{64 * gib, 128 * gib, 128 * gib, 256 * gib},
		},
		{
			os: "iOS", deviceType: "IPad", weight: 6, prefix: "iPad ", apple: true, platform: "IOS", freeOfTotal: 60,
			versions: []string{"15.8.3", "16.7.10", "17.6.1", "17.7", "18.1"},
			hardware: []hardware{{"Apple", []string{"iPad (9th generation)", "iPad Pro (11-inch)", "iPad Air (5th generation)"}, 1}},
			agents:   mdm, enrollment: apple, storageSteps: []int64{32 * gib, 64 * gib, 256 * gib},
		},
		{
			os: "Android", deviceType: "AndroidEnterprise", weight: 12, prefix: "android_", cellular: true, platform: "Android", freeOfTotal: 40,
			versions: []string{"10", "11.0", "12", "12.0.1", "13", "13.0", "14", "14.0", "15"},
			hardware: []hardware{
				{"samsung", []string{"SM-G991B", "SM-A546B", "SM-S918B", "SM-T575"}, 60},
				{"Google", []string{"Pixel 7", "Pixel 8 Pro"}, 18},
				{"Xiaomi", []string{"Redmi Note 12", "2201116TG"}, 8},
				{"OnePlus", []string{"LE2113"}, 4},
				{"Zebra Technologies", []string{"TC52", "TC57X"}, 6},
				{"HUAWEI", []string{"ELE-L29"}, 3},
				{"", nil, 1},
			},
			agents:     []weighted[string]{{"GoogleCloudDevicePolicyController", 70}, {"Mdm", 28}, {"Unknown", 2}},
			enrollment: []weighted[string]{{"UserEnrollment", 70}, {"DeviceEnrollmentManager", 12}, {"Unknown", 18}}, storageSteps: []int64{32 * gib, 64 * gib, 128 * gib, 256 * gib},
		},
		{
			os: "Android", deviceType: "AndroidForWork", weight: 5, prefix: "AndroidForWork_", cellular: true, platform: "Android", freeOfTotal: 50,
			versions: []string{"9", "10", "11", "12", "13"},
			hardware: []hardware{{"samsung", []string{"SM-A505F", "SM-G973F"}, 70}, {"Nokia", []string{"Nokia 5.4"}, 10}, {"motorola", []string{"moto g(9) power"}, 20}},
			agents:   mdm, enrollment: []weighted[string]{{"UserEnrollment", 1}}, storageSteps: []int64{32 * gib, 64 * gib},
		},
		{
			os: "macOS", deviceType: "MacMDM", weight: 7, prefix: "MacBook ", apple: true, platform: "None", freeOfTotal: 65,
			versions: []string{"12.7.6 (21H1320)", "13.6.9 (22G830)", "13.7.1 (22H221)", "14.6.1 (23G93)", "14.7.1 (23H222)", "15.0.1 (24A348)", "15.1 (24B83)"},
			hardware: []hardware{{"Apple", []string{"MacBook Pro", "MacBook Air", "Mac mini", "iMac"}, 1}},
			agents:   mdm, enrollment: apple, storageSteps: []int64{256 * gib, 512 * gib, 1024 * gib},
		},
		{
			os: "Linux", deviceType: "Unix", weight: 1, prefix: "ubuntu-", platform: "None", freeOfTotal: 50, versions: []string{"20.04", "22.04", "24.04"},
			hardware: []hardware{{"Dell Inc.", []string{"Latitude 7430"}, 1}, {"LENOVO", []string{"ThinkPad X1 Carbon"}, 1}},
			agents:   mdm, enrollment: []weighted[string]{{"UserEnrollment", 1}}, storageSteps: []int64{256 * gib, 512 * gib},
		},
		{
			os: "Windows Holographic", deviceType: "HoloLens", weight: 1, prefix: "HOLOLENS-", platform: "None", freeOfTotal: 70, versions: []string{"10.0.22621.1398", "10.0.20348.1543"},
			hardware: []hardware{{"Microsoft Corporation", []string{"HoloLens 2"}, 1}},
			agents:   mdm, enrollment: []weighted[string]{{"WindowsAzureADJoin", 1}}, storageSteps: []int64{64 * gib},
		},
		{
			os: "", deviceType: "Unknown", weight: 1, prefix: "", platform: "Not Available", freeOfTotal: 0, versions: []string{""},
			hardware: []hardware{{"", nil, 1}}, agents: []weighted[string]{{"Eas", 1}}, enrollment: []weighted[string]{{"Unknown", 1}}, storageSteps: []int64{0},
		},
	}
}

// firstNames and lastNames hold what real directories hold, and what breaks
// careless clients: quotes, blanks, wildcards, escapes, letters outside ASCII.
func firstNames() []string {
	return []string{
		"Anna", "Ben", "Chloë", "Dmitri", "Élise", "Fatima", "Günter", "Hana", "Ivo", "José", "Kerstin", "Łukasz", "María", "Nikolaos", "Olga", "Pär",
		"Quentin", "René", "Søren", "Thị", "Ülkü", "Václav", "Wei", "Xin", "Yılmaz", "Zoë", "Юлия", "山田", "محمد", "D'Angelo", "Mary Ann", "J.",
	}
}

func lastNames() []string {
	return []string{
		"Abel", "Brown", "Çelik", "D'Souza", "Eriksson", "Fischer", "García", "Højgaard", "Ivanov", "Jones", "Kowalski", "L'Œil", "Müller", "Nguyễn", "O'Neil", "Peña",
		"Quist", "Rossi", "Schmidt-Groß", "Thompson", "Ueda", "van der Berg", "Weiß", "Xu", "Yamamoto", "Zieliński", "Ωmega", "太郎", "MÜLLER", "müller", "Smith", "SMITH",
	}
}

// oddNames are display names given to one in forty people.
func oddNames() []string {
	return []string{
		" Leading Blank", "Trailing Blank  ", "100% Test", "under_score", `back\slash`, `say "hi"`, "tab\there", "two\nlines", "emoji 😀", "👩‍💻 admin", "", "O''Double", "a;b--c", "{json}",
		"<xml/>&amp;", "null", "NULL", "%_%", `\%`, "+plus+", "#hash", "q?a=b&c=d", "nbsp\u00a0here", "e\u0301 combining", "zero\u200bwidth", "'", `"`, `\`, "Z\u0308",
	}
}

func categories() []string {
	return []string{"Unassigned", "Kiosk", "Executive", "BYOD", "Schüler", "R&D", "Sales - EMEA", "50% rollout", "Lager_2", `Shop\Floor`, "VIP 'gold'", "Unknown"}
}

// appSpec is an app's title and the natural id of its type.
type appSpec struct {
	title  string
	typeID int64
}

func apps() []appSpec {
	return []appSpec{
		{"Microsoft Teams", 3},
		{"Outlook", 3},
		{"Company Portal", 8},
		{"Adobe Acrobat Reader DC", 10},
		{"7-Zip 23.01 (x64)", 10},
		{"Contoso Expenses", 1},
		{"Word", 3},
		{"Excel", 3},
		{"Slack", 0},
		{"Google Chrome", 10},
		{"Firefox (Deutsch)", 10},
		{"Zoom", 0},
		{"O'Reilly Safari", 3},
		{"Notepad++", 10},
		{"SAP GUI 8.00", 11},
		{"Werk-Zeug™", 4},
		{"100% Timer", 0},
		{"Intranet", 7},
		{"Microsoft 365 Apps for Windows 10 and later", 6},
		{"Visual C++ 2022", 11},
		{"VLC", 10},
		{"Field_Service", 1},
		{"Cisco AnyConnect", 11},
		{"データ入力", 4},
		{"KeePass", 11},
		{"Git", 10},
		{"Intune Company Portal", 9},
		{"Windows Phone Legacy", 8},
		{"MDM Agent", 12},
		{"Edge", 5},
	}
}

func publishers() []string {
	return []string{"Microsoft Corporation", "Adobe Inc.", "Contoso, Ltd.", "Igor Pavlov", "Google LLC", "Mozilla", "SAP SE", "Zoom Video Communications, Inc.", "O'Reilly Media", "Näher & Söhne GmbH", ""}
}

func bundles() []string {
	return []string{
		"com.microsoft.Office.Outlook", "com.microsoft.skype.teams", "com.microsoft.Office.Word", "com.microsoft.Office.Excel", "com.microsoft.skydrive", "com.microsoft.intune.mam.managedbrowser",
		"com.microsoft.office.outlook", "com.microsoft.teams", "com.microsoft.office.word", "com.microsoft.emmx", "com.adobe.Adobe-Reader", "com.box.BoxEMM", "com.contoso.expenses", "de.naeher.werkzeug", "com.slack.intune", "us.zoom.videomeetings4intune",
	}
}

func policyNames() []string {
	return []string{
		"Windows baseline", "Windows 10 compliance", "iOS compliance", "Android compliance", "macOS FileVault", "BitLocker – Laptops", "Wi-Fi (Büro)", "VPN always on", "Kiosk 'Lobby'", "Update ring: pilot", "Update ring: 50%", "Update ring: broad",
		"Defender_ATP", "Email profile", "SCEP certificates", "Trusted root", "Education", "Device features", "Outlook config", "Edge config", "Password policy", "Custom OMA-URI ./Vendor\\MSFT", "App protection iOS", "App protection Android", "Legacy EAS",
	}
}
