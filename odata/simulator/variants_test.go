package simulator

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// observer looks for one variant from outside; true means that it shows.
type observer func(t *testing.T, s *Server) bool

func status(t *testing.T, s *Server, set string, options ...string) int {
	t.Helper()
	return get(t, q(s, set, options...)).status
}

func declares(set, col, edm string) observer {
	return func(t *testing.T, s *Server) bool {
		t.Helper()
		return strings.Contains(get(t, s.URL()+"/$metadata?api-version=v1.0").body, fmt.Sprintf(`<Property Name="%s" Type="%s"`, col, edm)) &&
			slices.ContainsFunc(s.Columns("v1.0", set), func(c Column) bool { return c.Name == col && c.EdmType == edm })
	}
}

func firstLink(t *testing.T, s *Server) string {
	t.Helper()
	return parsePage(t, get(t, q(s, "devicePropertyHistories")).body).Next
}

// variantObservers says how each variant is told from the default service.
func variantObservers() map[string][]observer {
	const t0 = "2026-01-01T00:00:00Z"
	pascal := func(t *testing.T, s *Server) bool {
		return status(t, s, "devicePropertyHistories", "$filter", "DateKey ge 1") == 200 && status(t, s, "devicePropertyHistories", "$filter", "dateKey ge 1") == 400
	}
	camel := func(t *testing.T, s *Server) bool {
		return status(t, s, "devices", "$filter", "rowLastModifiedDateTimeUTC ge "+t0) == 200 && status(t, s, "devices", "$filter", "RowLastModifiedDateTimeUTC ge "+t0) == 400
	}
	geOnly := func(t *testing.T, s *Server) bool {
		return status(t, s, "devices", "$filter", "RowLastModifiedDateTimeUTC ge "+t0) == 200 && status(t, s, "devices", "$filter", "RowLastModifiedDateTimeUTC lt "+t0) == 400
	}
	selected := func(options ...string) func(t *testing.T, s *Server) int {
		return func(t *testing.T, s *Server) int {
			t.Helper()
			return len(parsePage(t, get(t, q(s, "devicePropertyHistories", append(options, "$select", "osVersion")...)).body).Value[0])
		}
	}
	ignored := func(t *testing.T, s *Server) bool { return selected()(t, s) == 13 }
	ignoredBeside := func(t *testing.T, s *Server) bool {
		return selected()(t, s) == 1 && selected("$filter", "dateKey ge 1")(t, s) == 13
	}
	refused := func(t *testing.T, s *Server) bool { return status(t, s, "devices", "$select", "deviceKey") == 400 }
	bySkip := func(t *testing.T, s *Server) bool {
		l := firstLink(t, s)
		return strings.Contains(l, "$skip=") && !strings.Contains(l, "$skiptoken")
	}
	relative := func(t *testing.T, s *Server) bool {
		return strings.HasPrefix(firstLink(t, s), "devicePropertyHistories?")
	}
	bare := func(t *testing.T, s *Server) bool {
		l := firstLink(t, s)
		u, err := url.Parse(s.URL() + "/devicePropertyHistories")
		if err != nil {
			t.Fatal(err)
		}
		if u, err = u.Parse(l); err != nil {
			t.Fatal(err)
		}
		return !strings.Contains(l, "api-version") && get(t, u.String()).status == 200
	}
	second := func(t *testing.T, s *Server) bool {
		l := firstLink(t, s)
		return strings.HasPrefix(l, s.SecondOrigin()+"/") && s.SecondOrigin() != s.origin(0) && get(t, l).status == 200
	}
	ascii := func(t *testing.T, s *Server) bool {
		b := get(t, q(s, "deviceCategories")).body
		return strings.Contains(b, `Sch\u00fcler`) && !strings.Contains(b, "ü")
	}
	compact := func(t *testing.T, s *Server) bool { return !strings.Contains(get(t, q(s, "ownerTypes")).body, "\n") }
	one := func(t *testing.T, s *Server) bool {
		// Only together with the other variant does a set have both columns.
		if err := s.SetVariants("timestamp-on-facts"); err != nil {
			t.Fatal(err)
		}
		both := []string{"$filter", "DateKey ge 20261119 and RowLastModifiedDateTimeUTC ge " + t0}
		taken := status(t, s, "devicePropertyHistories", both...)
		if err := s.SetVariants("timestamp-on-facts", "filter-one-column"); err != nil {
			t.Fatal(err)
		}
		return taken == 200 && status(t, s, "devicePropertyHistories", both...) == 400 && status(t, s, "devicePropertyHistories", "$filter", "DateKey ge 1") == 200
	}
	is64 := declares("devicePropertyHistories", "dateKey", "Edm.Int64")
	is32 := declares("devices", "deviceKey", "Edm.Int32")
	is16 := declares("ownerTypes", "ownerTypeID", "Edm.Int16")
	ids := declares("devices", "deviceId", "Edm.String")
	return map[string][]observer{
		"integers-int32": {is32}, "integers-int64": {is64}, "integers-narrow": {is16}, "ids-string": {ids},
		"filter-pascal": {pascal}, "filter-camel": {camel},
		"filter-any-case": {func(t *testing.T, s *Server) bool {
			return status(t, s, "devicePropertyHistories", "$filter", "DATEKEY ge 1") == 200
		}},
		"nextlink-skip": {bySkip}, "nextlink-relative": {relative}, "nextlink-without-api-version": {bare}, "nextlink-second-host": {second},
		"select-ignored": {ignored}, "select-ignored-with-filter": {ignoredBeside}, "select-refused": {refused},
		"select-adds-keys":  {func(t *testing.T, s *Server) bool { return selected()(t, s) == 3 }},
		"filter-one-column": {one},
		"timestamp-on-facts": {declares("devicePropertyHistories", timestampName, "Edm.DateTimeOffset"), func(t *testing.T, s *Server) bool {
			all, _ := readAll(t, q(s, "devicePropertyHistories"))
			if status(t, s, "devicePropertyHistories", "$filter", "RowLastModifiedDateTimeUTC ge "+t0) != 200 {
				return false
			}
			late, _ := readAll(t, q(s, "devicePropertyHistories", "$filter", "RowLastModifiedDateTimeUTC ge 2026-11-20T00:00:00.0000021Z"))
			return len(late) > 0 && len(late) < 60 && len(all) > 60
		}},
		"nextlink-empty-pages": {func(t *testing.T, s *Server) bool {
			rows, pages := readAll(t, q(s, "devicePropertyHistories", "$top", "130"))
			all, more := readAll(t, q(s, "devices"))
			return len(rows) == 130 && pages == 5 && len(all) == 60 && more == 4
		}},
		"http-chunked": {func(t *testing.T, s *Server) bool {
			a := get(t, q(s, "devices"), "Accept-Encoding", "identity")
			return a.header.Get("Content-Length") == "" && len(parsePage(t, a.body).Value) == 50
		}},
		"bom": {func(t *testing.T, s *Server) bool {
			full := start(t, Options{NoAuth: true, Profile: profileFull, Variants: s.opts.Variants})
			return strings.HasPrefix(get(t, s.URL()+"/$metadata?api-version=v1.0").body, "\uFEFF<?xml") && get(t, q(full, "devices/$count")).body == "\uFEFF60"
		}},
		"json-number-strings": {func(t *testing.T, s *Server) bool {
			return strings.Contains(get(t, q(s, "devices", "$top", "1")).body, `"deviceKey":"1000`)
		}},
		"json-exponents": {func(t *testing.T, s *Server) bool {
			ty := start(t, Options{NoAuth: true, Model: modelTypes, Variants: s.opts.Variants})
			body := get(t, q(ty, "samples", "$top", "5")).body
			return strings.Contains(body, `"decimalVariable":150e-2,`) && strings.Contains(body, `"decimal4":1e-4`) && strings.Contains(body, `"decimalVariable":100e0`)
		}},
		"json-key-order": {func(t *testing.T, s *Server) bool {
			b := get(t, q(s, "ownerTypes")).body
			return strings.Contains(b, `{"ownerTypeName":"Company","ownerTypeKey":41151,"ownerTypeID":1}`) || strings.Contains(b, `"ownerTypeName":"Company","ownerTypeKey":41151,"ownerTypeID":1`)
		}},
		"json-annotations": {func(t *testing.T, s *Server) bool {
			row := parsePage(t, get(t, q(s, "ownerTypes")).body).Value[1]
			return row["@odata.etag"] == `W/"1"` && row["ownerTypeID@odata.type"] == "#Int32" && row["ownerTypeName"] == "Company"
		}},
		"timestamp-ge-only": {geOnly}, "json-compact": {compact}, "json-ascii": {ascii},
		"mix-strict":  {is64, ids, pascal, refused, geOnly, bySkip},
		"mix-2018":    {is16, camel, ignoredBeside, ascii, relative, bare},
		"mix-gateway": {is32, ignored, compact, second, bySkip, bare},
	}
}

func TestEachVariantShows(t *testing.T) {
	t.Parallel()
	observers := variantObservers()
	for _, v := range Variants() {
		if v.Doc == "" || len(observers[v.Name]) == 0 {
			t.Errorf("variant %s has no description or no observer", v.Name)
			continue
		}
		for i, seen := range observers[v.Name] {
			with := start(t, Options{NoAuth: true, PageSize: 50, Variants: []string{v.Name}})
			if !seen(t, with) {
				t.Errorf("variant %s does not show (observer %d)", v.Name, i)
			}
			without := start(t, Options{NoAuth: true, PageSize: 50})
			if v.Name != "filter-any-case" && v.Name != "filter-one-column" && seen(t, without) {
				t.Errorf("variant %s shows without being set (observer %d)", v.Name, i)
			}
		}
	}
	if len(observers) != len(Variants()) {
		t.Error("there are observers of unknown variants")
	}
}
