# ruff: noqa: E501 - tables are drawn as wide as they are
"""The expression language, in tables."""

from __future__ import annotations

from .cases import Chapter, Means

ARITHMETIC = Chapter(
    "Arithmetic",
    """Whole numbers (integers) are exact; numbers are what a computer calls doubles. What has no answer is null,
drawn here as an empty cell: nothing stops a run, and nothing becomes infinite.""",
    (
        Means(
            "Nothing plus something is nothing.",
            """
            a:integer | b:integer => a + b | a - b | a * b | a + 0.5
            1         | 2         => 3     | -1    | 2     | 1.5
                      | 2         =>       |       |       |
            1         |           =>       |       |       | 1.5
            """,
        ),
        Means(
            "`/` always gives a number. By 0 it gives nothing.",
            """
            a:integer | b:integer => a / b | b / a
            1         | 2         => 0.5   | 2.0
            6         | 3         => 2.0   | 0.5
            0         | 5         => 0.0   |
            0         | 0         =>       |
            """,
        ),
        Means(
            "`//` rounds down and `%` is what is left, with the sign of the divisor: `a = (a // b) * b + a % b`.",
            """
            a:integer | b:integer => a // b | a % b
            7         | 2         => 3      | 1
            -7        | 2         => -4     | 1
            7         | -2        => -4     | -1
            -7        | -2        => 3      | -1
            -3        | 2         => -2     | 1
            6         | 3         => 2      | 0
            1         | 0         =>        |
            """,
        ),
        Means(
            "An integer lies below 2**53 (9,007,199,254,740,992) either way; a result that does not is nothing, even"
            " where a later step would bring it back.",
            """
            a:integer         => a + 1            | a + 1 - 1        | a * 2 | -a                | abs(-a)
            9007199254740990  => 9007199254740991 | 9007199254740990 |       | -9007199254740990 | 9007199254740990
            9007199254740991  =>                  |                  |       | -9007199254740991 | 9007199254740991
            -9007199254740991 => -9007199254740990 | -9007199254740991 |     | 9007199254740991  | 9007199254740991
            """,
        ),
        Means(
            "A number too large to hold is nothing. Rounding is the usual binary one.",
            """
            x:number => x * 10.0 | x - x | x + 0.2
            1e308    =>          | 0.0   | 1e308
            0.1      => 1.0      | 0.0   | 0.30000000000000004
            """,
        ),
        Means(
            "`floor` gives an integer, where there is one; `number` an integer's number; `abs` the size.",
            """
            x:number | a:integer => floor(x) | number(a) | abs(x) | abs(a)
            2.5      | 3         => 2        | 3.0       | 2.5    | 3
            -2.5     | -3        => -3       | -3.0      | 2.5    | 3
            1e300    |           =>          |           | 1e300  |
            """,
        ),
    ),
)

COMPARISON = Chapter(
    "Comparison",
    """A comparison with nothing is nothing: neither yes nor no. `is null` is the question that always has an
answer.""",
    (
        Means(
            "Equal, different, less.",
            """
            a:integer | b:integer => a = b | a <> b | a < b | a <= b | a is null | a is not null
            1         | 1         => true  | false  | false | true   | false     | true
            1         | 2         => false | true   | true  | true   | false     | true
            1         |           =>       |        |       |        | false     | true
                      |           =>       |        |       |        | true      | false
            """,
        ),
        Means(
            "An integer beside a number is compared as one; there is no -0.0 beside 0.0.",
            """
            a:integer | x:number => a = x | a < x | a in (0.0, 2.5) | x * -1.0
            0         | 0.0      => true  | false | true            | 0.0
            2         | 2.5      => false | true  | false           | -2.5
            """,
        ),
        Means(
            "Text is compared letter by letter by its Unicode number: capitals first, accents last, no language's order."
            " Letters that look alike but are stored differently (é as one mark or two) differ.",
            """
            t:text => t < 'b' | t = 'Zoe' | t in ('a', 'b')
            Zoe    => true    | true      | false
            a      => true    | false     | true
            ab     => true    | false     | false
            é      => false   | false     | false
            ""     => true    | false     | false
                   =>         |           |
            """,
        ),
        Means(
            "`between` counts both ends; `in` takes constants.",
            """
            a:integer => a between 1 and 3 | a not in (1, 2)
            1         => true              | false
            3         => true              | true
            4         => false             | true
                      =>                   |
            """,
        ),
    ),
)

LOGIC = Chapter(
    "And, or, not",
    """Three values: true, false and nothing (not known). What is not known matters only where it could change the
answer.""",
    (
        Means(
            "All nine cases.",
            """
            p:boolean | q:boolean => p and q | p or q | not p
            true      | true      => true    | true   | false
            true      | false     => false   | true   | false
            true      |           =>         | true   | false
            false     | true      => false   | true   | true
            false     | false     => false   | false  | true
            false     |           => false   |        | true
                      | true      =>         | true   |
                      | false     => false   |        |
                      |           =>         |        |
            """,
        ),
    ),
)

CHOICE = Chapter(
    "Choosing a value",
    "",
    (
        Means(
            "`case` takes the first branch whose condition is true (nothing is not true), `else` otherwise, and without"
            " `else` nothing.",
            """
            a:integer => case when a < 10 then 'few' when a < 100 then 'some' else 'many' end | case when a < 10 then a end
            5         => few  | 5
            50        => some |
            500       => many |
                      => many |
            """,
        ),
        Means(
            "`coalesce` takes the first that there is.",
            """
            a:integer | b:integer => coalesce(a, b, 0) | coalesce(a, 0.5)
            1         | 2         => 1                 | 1.0
                      | 2         => 2                 | 0.5
                      |           => 0                 | 0.5
            """,
        ),
    ),
)

TEXT = Chapter(
    "Text",
    "Text is counted and cut by Unicode code points, and never changed beyond what is asked.",
    (
        Means(
            "`lower` and `upper` change only A to Z; `trim` takes off only spaces.",
            """
            t:text    => lower(t) | upper(t) | trim(t)
            O'Neill   => o'neill  | O'NEILL  | O'Neill
            "  CT1 "  => "  ct1 " | "  CT1 " | CT1
            Élan      => Élan     | ÉLAN     | Élan
                      =>          |          |
            """.replace("ÉLAN", "ÉLAN"),
        ),
        Means(
            "`length` and `left`: a letter with a combining accent (here e and U+0301) is two code points; a count of 0"
            " or less gives empty text.",
            """
            t:text   | n:integer => length(t) | left(t, n) | left(t, 3)
            Fenland  | 2         => 7         | Fe         | Fen
            e\u0301a | 1         => 3         | e          | e\u0301a
            ab       | -1        => 2         | ""         | ab
            ""       | 5         => 0         | ""         | ""
            ab       |           => 2         |            | ab
            """,
        ),
        Means(
            "`starts_with` and `contains`: every text starts with and contains the empty one. `||` joins.",
            """
            t:text => starts_with(t, 'CT') | contains(t, '1') | contains(t, '') | t || '!'
            CT1    => true                 | true             | true            | CT1!
            ct2    => false                | false            | true            | ct2!
                   =>                      |                  |                 |
            """,
        ),
    ),
)

DATES = Chapter(
    "Dates and moments",
    """Dates are of the Gregorian calendar, carried back before it was adopted, in the years 1 to 9999. A moment
is a local date and time without zone.""",
    (
        Means(
            "Parts. Monday is weekday 1 and Sunday 7.",
            """
            d:date     => year(d) | month(d) | day(d) | weekday(d)
            2024-02-29 => 2024    | 2        | 29     | 4
            2024-12-30 => 2024    | 12       | 30     | 1
            0001-01-01 => 1       | 1        | 1      | 1
            9999-12-31 => 9999    | 12       | 31     | 5
                       =>         |          |        |
            """,
        ),
        Means(
            "A moment's parts, and the date it falls on.",
            """
            m:moment                   => hour(m) | day_of(m)  | weekday(m) | m < timestamp '1970-01-01 00:00'
            2024-02-29 23:59:59.999999 => 23      | 2024-02-29 | 4          | false
            1969-12-31 00:00:00        => 0       | 1969-12-31 | 3          | true
                                       =>         |            |            |
            """,
        ),
        Means(
            "`days_between` is the second less the first; `years_between` counts completed years (age): someone born on"
            " 29 February turns a year older on 1 March in common years.",
            """
            born:date  | at:date    => days_between(born, "at") | years_between(born, "at")
            2000-02-29 | 2023-02-28 => 8400                     | 22
            2000-02-29 | 2023-03-01 => 8401                     | 23
            2000-02-29 | 2024-02-29 => 8766                     | 24
            1948-07-05 | 2024-07-04 => 27758                    | 75
            1948-07-05 | 2024-07-05 => 27759                    | 76
            2024-01-02 | 2024-01-01 => -1                       | -1
                       | 2024-01-01 =>                          |
            """,
        ),
    ),
)

CHAPTERS = (ARITHMETIC, COMPARISON, LOGIC, CHOICE, TEXT, DATES)
