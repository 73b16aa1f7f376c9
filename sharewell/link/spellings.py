"""How a value of each kind is spelt: SQL macros over one text `x`, run by `standardise` on distinct values.

What cannot be an identity (1900-01-01, UNKNOWN, BABY, an all-zero UPRN) becomes missing, so that two
records never agree because both know nothing. Names lose accents, titles, case, spaces and punctuation.
An address becomes its numbers (sorted, so that 'Flat 3, 12 High St' is '12 High Street, Flat 3') and its
words without the common ones.
"""

from __future__ import annotations

_TITLES = "MR|MRS|MS|MISS|MX|DR|PROF|PROFESSOR|REV|REVD|SIR|LADY|LORD|DAME|MASTER|MSTR"
_SUFFIXES = "JR|SR|JNR|SNR|ESQ|OBE|MBE|CBE"
_PLACEHOLDERS = (
    "UNKNOWN|UNK|NOT KNOWN|NK|NOT STATED|NOT GIVEN|NOT RECORDED|NONE|NULL|NAN|NIL|N A|ANON|ANONYMOUS|TEST|"
    "DUMMY|TBC|TBA|NO NAME|NO SURNAME|NO FORENAME|BOY|GIRL|MALE|FEMALE|BABY|INFANT|NEWBORN|X{2,}|Z{2,}"
)
_PLACEHOLDER_STARTS = "BABY|INFANT|NEWBORN|UNKNOWN|TWIN [0-9A-Z]+|TRIPLET"
_WORDS = (
    "FLAT|APARTMENT|APT|UNIT|THE|STREET|STR|ST|ROAD|RD|AVENUE|AVE|AV|LANE|LN|LA|CLOSE|CL|DRIVE|DR|COURT|CT|"
    "CRESCENT|CRES|CR|PLACE|PL|TERRACE|TER|TCE|GARDENS|GDNS|SQUARE|SQ|WAY|HOUSE|HSE|CIRCUIT"
)

_ALSO = r"(?i)\s+(also known as|a\.?k\.?a\.?|formerly|n[eé]e)\s+"

MACROS = (
    # \p{L} keeps every script; accents go first so that the two spellings of one letter agree.
    r"plain(x) AS trim(regexp_replace("
    r"regexp_replace(upper(strip_accents(trim(x))), '[''`\x{2019}]', '', 'g'),"
    r" '[^\p{L}\p{N}]+', ' ', 'g'))",
    rf"untitled(x) AS trim(regexp_replace(regexp_replace(x, '^(({_TITLES})\b ?)+', ''), '("
    rf" ({_SUFFIXES}))+$', ''))",
    rf"known_name(x) AS CASE WHEN x = '' OR regexp_full_match(x,"
    rf" '({_PLACEHOLDERS})|({_PLACEHOLDER_STARTS}).*')"
    r" OR NOT regexp_matches(x, '\p{L}') THEN NULL ELSE x END",
    # 'SMITH also known as JONES' is one record of two names.
    rf"main_name(x) AS regexp_replace(x, '{_ALSO}.*$', '')",
    rf"other_name(x) AS nullif(regexp_extract(x, '{_ALSO}(.+)$', 2), '')",
    # A nought or a one within a name is a letter misread.
    r"one_name(x) AS nullif(regexp_replace(translate(known_name(untitled(plain(x))), '01', 'OL'),"
    r" '[\p{N} ]', '', 'g'), '')",
    # 'SMITH, JOHN' puts the surname first.
    r"first_name(x) AS one_name(CASE WHEN contains(x, ',') THEN split_part(x, ',', 2)"
    r" WHEN contains(untitled(plain(x)), ' ') THEN split_part(untitled(plain(x)), ' ', 1) END)",
    r"last_name(x) AS one_name(CASE WHEN contains(x, ',') THEN split_part(x, ',', 1)"
    r" ELSE regexp_extract(untitled(plain(x)), '[^ ]+$') END)",
    r"tidy_date(x) AS CASE WHEN regexp_full_match(x, '\d{8}') THEN x"
    r" WHEN regexp_matches(x, '^\d{4}-\d\d-\d\d') THEN replace(left(x, 10), '-', '')"
    r" WHEN regexp_full_match(x, '\d{1,2}[/.-]\d{1,2}[/.-]\d{4}') THEN"
    r" strftime(try_strptime(regexp_replace(x, '[.-]', '/', 'g'), '%d/%m/%Y'), '%Y%m%d') END",
    "known_date(x) AS CASE WHEN try_strptime(x, '%Y%m%d') IS NULL OR x < '18900101' OR x > '21000101'"
    " OR x IN ('19000101', '19010101') THEN NULL ELSE x END",
    # Whole words only: a first letter would read a sex into a column that holds names.
    r"tidy_sex(x) AS CASE WHEN regexp_matches(upper(trim(x)), '^(M|MALE|MAN|BOY|1)\b') THEN 'M'"
    r" WHEN regexp_matches(upper(trim(x)), '^(F|FEMALE|WOMAN|GIRL|2)\b') THEN 'F' END",
    r"title_sex(x) AS CASE WHEN regexp_matches(x, '^(MR|MASTER|MSTR|SIR|LORD)\b') THEN 'M'"
    r" WHEN regexp_matches(x, '^(MRS|MS|MISS|LADY|DAME)\b') THEN 'F' END",
    # ZZ99 are the health service's pseudo postcodes: no fixed abode, overseas, unknown.
    r"tidy_postcode(x) AS CASE WHEN length(x) BETWEEN 3 AND 8 AND regexp_matches(x, '\d') AND NOT"
    r" starts_with(x, 'ZZ99')"
    r" AND NOT regexp_full_match(x, '0+|9+') THEN x END",
    r"no_postcode(x) AS regexp_replace(x, '\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b', ' ', 'g')",
    r"house_numbers(x) AS nullif(array_to_string(list_sort(regexp_extract_all(x, '\b\d+[A-Z]?\b')), '"
    r" '), '')",
    rf"street_words(x) AS nullif(regexp_replace(x, '\b(\d+[A-Z]?|{_WORDS})\b| ', '', 'g'), '')",
    # A number that passed through a spreadsheet may end in '.0'.
    r"digits(x) AS nullif(ltrim(regexp_replace(regexp_replace(x, '\.0*$', ''), '[^0-9]', '', 'g'),"
    r" '0'), '')",
    r"nhs_digits(x) AS nullif(regexp_replace(x, '[^0-9]', '', 'g'), '')",
)

_NAME = "one_name(main_name(x))"
READINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "nhs": (("nhs_number", "nhs_digits(x)"),),
    "forename": (("forename", _NAME), ("name", "first_name(main_name(x))")),
    "surname": (("surname", _NAME), ("name", "last_name(main_name(x))")),
    "born": (("born", "known_date(tidy_date(x))"),),
    "sex": (
        ("sex", "tidy_sex(x)"),
        ("title", "title_sex(plain(x))"),
        ("name", "title_sex(plain(x))"),
        ("forename", "title_sex(plain(x))"),
    ),
    "postcode": (("postcode", "tidy_postcode(replace(plain(x), ' ', ''))"),),
    "number": (("address", "house_numbers(no_postcode(plain(x)))"),),
    "street": (("address", "street_words(no_postcode(plain(x)))"),),
    "uprn": (("uprn", "digits(x)"),),
    "other_id": (("other_id", "nullif(replace(plain(x), ' ', ''), '')"),),
    "since": (("since", "tidy_date(x)"),),
    "until": (("until", "tidy_date(x)"),),
}
"""For each standard field the columns that may tell it, the surest first, and how each is read."""

ALIASES = (("alias", "nullif(x, '')"), ("surname", "other_name(x)"), ("name", "other_name(x)"))
"""The columns that may tell a further name."""

ALIAS = {"forename": "first_name(x)", "surname": "last_name(x)"}
"""How a further name is read; of one word it is a surname."""
