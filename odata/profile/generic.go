package profile

// Generic is a service about which nothing is vouched: it is only asked for columns by name, since surplus columns cannot
// hurt and a missing one is noticed.
func Generic() *Profile {
	return &Profile{
		Name:      "generic",
		Reason:    "nothing is vouched for how the service filters",
		Select:    true,
		NoOrderBy: "nothing is vouched for how the service sorts",
		NoTop:     "nothing is vouched for how the service limits rows",
		NoSkip:    "nothing is vouched for how the service skips rows",
		NoCount:   "nothing is vouched for how the service counts",
		IEEE754:   true,
		URLBytes:  2000,
	}
}
