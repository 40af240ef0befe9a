package eval

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/encoding/charmap"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// charmaps are the tables of the encodings of one byte a character, by PostgreSQL's names.
func charmaps() map[string]*charmap.Charmap {
	return map[string]*charmap.Charmap{
		"LATIN2": charmap.ISO8859_2, "LATIN3": charmap.ISO8859_3, "LATIN4": charmap.ISO8859_4, "LATIN5": charmap.ISO8859_9, "LATIN6": charmap.ISO8859_10,
		"LATIN7": charmap.ISO8859_13, "LATIN8": charmap.ISO8859_14, "LATIN9": charmap.ISO8859_15, "LATIN10": charmap.ISO8859_16,
		"ISO_8859_5": charmap.ISO8859_5, "ISO_8859_6": charmap.ISO8859_6, "ISO_8859_7": charmap.ISO8859_7, "ISO_8859_8": charmap.ISO8859_8,
		"WIN1250": charmap.Windows1250, "WIN1251": charmap.Windows1251, "WIN1252": charmap.Windows1252, "WIN1253": charmap.Windows1253,
		"WIN1254": charmap.Windows1254, "WIN1255": charmap.Windows1255, "WIN1256": charmap.Windows1256, "WIN1257": charmap.Windows1257,
		"WIN1258": charmap.Windows1258, "WIN866": charmap.CodePage866, "WIN874": charmap.Windows874, "KOI8R": charmap.KOI8R, "KOI8U": charmap.KOI8U,
	}
}

// encodingAliases are other names of encodings, in lower case without punctuation (pg_encname_tbl).
func encodingAliases() map[string]string {
	return map[string]string{
		"unicode": "UTF8", "iso88591": "LATIN1", "iso88592": "LATIN2", "iso88593": "LATIN3", "iso88594": "LATIN4", "iso88599": "LATIN5",
		"iso885910": "LATIN6", "iso885913": "LATIN7", "iso885914": "LATIN8", "iso885915": "LATIN9", "iso885916": "LATIN10",
		"koi8": "KOI8R", "abc": "WIN1258", "tcvn": "WIN1258", "tcvn5712": "WIN1258", "vscii": "WIN1258", "alt": "WIN866", "win": "WIN1251",
		"mskanji": "SJIS", "shiftjis": "SJIS", "win932": "SJIS", "windows932": "SJIS", "win936": "GBK", "windows936": "GBK",
		"win949": "UHC", "windows949": "UHC", "win950": "BIG5", "windows950": "BIG5", "eucjis2004": "EUC_JIS_2004",
		"windows866": "WIN866", "windows874": "WIN874", "windows1250": "WIN1250", "windows1251": "WIN1251", "windows1252": "WIN1252",
		"windows1253": "WIN1253", "windows1254": "WIN1254", "windows1255": "WIN1255", "windows1256": "WIN1256", "windows1257": "WIN1257",
		"windows1258": "WIN1258",
	}
}

// encodingNumber finds an encoding by any of its names; -1 where there is none.
func encodingNumber(name string) int {
	k := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
	if full, ok := encodingAliases()[k]; ok {
		return slices.Index(encodingNames(), full)
	}
	for i, n := range encodingNames() {
		if strings.ToLower(strings.ReplaceAll(n, "_", "")) == k {
			return i
		}
	}
	return -1
}

// convertEncoding is convert(): bytes from one encoding to another.
func convertEncoding(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	from, ok, err := findEncoding(a[1].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	if !ok {
		return sqltype.Value{}, errEncodingName("source", a[1].S)
	}
	to, ok, err := findEncoding(a[2].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	if !ok {
		return sqltype.Value{}, errEncodingName("destination", a[2].S)
	}
	text, err := from.decode(a[0].S)
	switch {
	case err != nil:
		return sqltype.Value{}, err
	case from.name == to.name || from.name == "SQL_ASCII" || to.name == "SQL_ASCII":
		return a[0], nil
	case from.name != "UTF8" && to.name != "UTF8":
		if !conversions()[[2]int{encodingNumber(from.name), encodingNumber(to.name)}] {
			return sqltype.Value{}, pgerr.Newf(pgerr.UndefinedFunction, "default conversion function for encoding \"%s\" to \"%s\" does not exist", from.name, to.name)
		}
		return sqltype.Value{}, pgerr.Unsupported("Convert to UTF8 and on from there.", "conversion from %s to %s is not supported", from.name, to.name)
	}
	s, err := to.encode(text)
	return sqltype.Text(s), err
}

// conversions holds the pairs of encodings between which PostgreSQL has a conversion.
var conversions = sync.OnceValue(func() map[[2]int]bool {
	out := map[[2]int]bool{}
	cols, rows, _ := builtin.StaticTable("pg_conversion")
	at := map[string]int{}
	for i, c := range cols {
		at[c.Name] = i
	}
	for _, r := range rows {
		from, err1 := strconv.Atoi(r[at["conforencoding"]].Text)
		to, err2 := strconv.Atoi(r[at["contoencoding"]].Text)
		if err1 == nil && err2 == nil {
			out[[2]int{from, to}] = true
		}
	}
	return out
})

// The letters that to_ascii gives for the upper bytes of an encoding (ascii.c).
const (
	asciiLatin1  = "  cL Y  \"Ca  -R     'u .,      ?AAAAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii nooooo/ouuuuyty"
	asciiLatin2  = " A L LS \"SSTZ-ZZ a,l'ls ,sstz\"zzRAAAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnnoooo/ruuuuyt."
	asciiLatin9  = "  cL YS sCa  -R     Zu .z   EeY?AAAAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii nooooo/ouuuuyty"
	asciiWin1250 = "  ' \"    %S<STZZ `'\"\".--  s>stzz   L A  \"CS  -RZ  ,l'u .,as L\"lzRAAAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnnoooo/ruuuuyt "
)

// toASCII replaces the text's bytes as if they were characters of an encoding of one byte each.
func toASCII(s, encoding string) (sqltype.Value, error) {
	table, first := "", byte(160)
	switch encoding {
	case "LATIN1":
		table = asciiLatin1
	case "LATIN2":
		table = asciiLatin2
	case "LATIN9":
		table = asciiLatin9
	case "WIN1250":
		table, first = asciiWin1250, 128
	default:
		return sqltype.Value{}, pgerr.Newf(pgerr.FeatureNotSupported, "encoding conversion from %s to ASCII not supported", encoding)
	}
	out := []byte(s)
	for i, b := range out {
		switch {
		case b < 128:
		case b < first:
			out[i] = ' '
		default:
			out[i] = table[b-first]
		}
	}
	return sqltype.Text(string(out)), nil
}

func encodingKernels() []Kernel {
	return []Kernel{
		scalar("pg_convert", convertEncoding),
		scalar("to_ascii_default", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) { return toASCII(a[0].S, "UTF8") }),
		scalar("to_ascii_enc", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			names := encodingNames()
			if a[1].I < 0 || a[1].I >= int64(len(names)) {
				return sqltype.Value{}, pgerr.Newf(pgerr.UndefinedObject, "%d is not a valid encoding code", a[1].I)
			}
			return toASCII(a[0].S, names[a[1].I])
		}),
		scalar("to_ascii_encname", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n := encodingNumber(a[1].S)
			if n < 0 {
				return sqltype.Value{}, pgerr.Newf(pgerr.UndefinedObject, "%s is not a valid encoding name", strings.Clone(a[1].S))
			}
			return toASCII(a[0].S, encodingNames()[n])
		}),
		scalar("pg_encoding_max_length_sql", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			names := encodingNames()
			if a[0].I < 0 || a[0].I >= int64(len(names)) {
				return sqltype.NullValue(), nil
			}
			switch names[a[0].I] {
			case "EUC_TW", "UTF8", "MULE_INTERNAL", "GB18030":
				return sqltype.Int(4), nil
			case "EUC_JP", "EUC_KR", "EUC_JIS_2004", "JOHAB":
				return sqltype.Int(3), nil
			case "EUC_CN", "SJIS", "BIG5", "GBK", "UHC", "SHIFT_JIS_2004":
				return sqltype.Int(2), nil
			}
			return sqltype.Int(1), nil
		}),
	}
}
