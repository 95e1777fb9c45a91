"""Read polluted CSV files: each is read right, or refused with a reason, or it is silently wrong.

    python benchmarks/reading/pollution.py [FILES] [SEED]

A clean table of records is made and polluted in one to three of the ways in
which files are found in the wild: titles, notes and totals, repeated headings,
separators and quotation marks in the wrong place, other encodings, rows that
are cut or shifted, dates and numbers in other forms. What was read is compared
with the table before the pollution; what is wrong, and said to be doubtful, is
counted apart. pandas reads the same files as it does by default.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from linemap.errors import InputError
from linemap.records import read

HEADINGS: Final = ["Home borough", "Town", "Count", "Date"]
ORIGINS: Final = ["Camden", "Brent", "Hackney", "Barking and Dagenham"]
MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
TOWNS: Final = ["Bath", "King’s Lynn", "Bury St Edmunds", "Ynys Môn", "Stoke-on-Trent", ""]

Rows = list[list[str]]
Pollution = Callable[[list[str], random.Random], list[str]]


def clean(chance: random.Random) -> Rows:
    """Make the rows of a table; no two have the same ends, and no count is that of others."""
    rows = []
    for number in range(chance.randrange(4, 12)):
        day, month = chance.randrange(1, 29), chance.randrange(1, 13)
        town = chance.choice(TOWNS)
        rows.append(
            [chance.choice(ORIGINS), town, str(100 + 7 * number), f"{day:02}/{month:02}/2023"]
        )
    return rows


def _row(lines: list[str], chance: random.Random) -> int:
    return chance.randrange(1, max(len(lines), 2))


def title(lines: list[str], chance: random.Random) -> list[str]:
    return [
        chance.choice(["Referrals 2023", '"A title, quoted"', "Table 1,,,", "Report,Q1,,"]),
        *lines,
    ]


def blank_line(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [*lines[:at], chance.choice(["", ",,,", " "]), *lines[at:]]


def note(lines: list[str], chance: random.Random) -> list[str]:
    return [
        *lines,
        chance.choice(["Note: under 18 only", "Source: case system,,,", '"Notes, of all"']),
    ]


def total(lines: list[str], chance: random.Random) -> list[str]:
    summed = sum(
        int(cells[2])
        for line in lines[1:]
        if len(cells := line.split(",")) > 2 and cells[2].isdigit()
    )
    word = chance.choice(["Total,,{},", "Grand Total,Total,{},", ",,{},", "All,All,{},"])
    return [*lines, word.format(summed)]


def repeated_heading(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [*lines[:at], lines[0], *lines[at:]]


def second_table(lines: list[str], chance: random.Random) -> list[str]:
    return [*lines, "", "Place,Number", "Bath,5"]


def trailing_comma(lines: list[str], chance: random.Random) -> list[str]:
    return [lines[0], *(line + "," for line in lines[1:])]


def longer_row(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [*lines[:at], *(line + ",x" for line in lines[at : at + 1]), *lines[at + 1 :]]


def shorter_row(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [
        *lines[:at],
        *(line.rpartition(",")[0] or line for line in lines[at : at + 1]),
        *lines[at + 1 :],
    ]  # fmt: skip


def lost_separator(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [
        *lines[:at],
        *(line.replace(",", " ", 1) for line in lines[at : at + 1]),
        *lines[at + 1 :],
    ]


def other_separator_in_a_row(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [*lines[:at], *(line.replace(",", ";") for line in lines[at : at + 1]), *lines[at + 1 :]]


def semicolons(lines: list[str], chance: random.Random) -> list[str]:
    return [line.replace(",", ";") for line in lines]


def open_quote(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [*lines[:at], *('"' + line for line in lines[at : at + 1]), *lines[at + 1 :]]


def inner_quote(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    return [
        *lines[:at],
        *(line.replace(",", '",', 1) for line in lines[at : at + 1]),
        *lines[at + 1 :],
    ]


def single_quotes(lines: list[str], chance: random.Random) -> list[str]:
    at = _row(lines, chance)
    cell = "'Bury, St Edmunds'"
    return [*lines[:at], f"Camden,{cell},3,01/02/2023", *lines[at:]]


def no_heading(lines: list[str], chance: random.Random) -> list[str]:
    return lines[1:]


def doubled_heading(lines: list[str], chance: random.Random) -> list[str]:
    return [lines[0].replace("Town", "Count"), *lines[1:]]


def month_first(lines: list[str], chance: random.Random) -> list[str]:
    swapped = []
    for line in lines[1:]:
        head, comma, date = line.rpartition(",")
        parts = date.split("/")
        swapped.append(
            head + comma + "/".join([parts[1], parts[0], parts[2]]) if len(parts) == 3 else line
        )
    return [lines[0], *swapped]


def thousands(lines: list[str], chance: random.Random) -> list[str]:
    return [*lines, 'Camden,Bath,"1,250",01/02/2023']


def decimals(lines: list[str], chance: random.Random) -> list[str]:
    return [*lines, "Camden,Bath,12.5,01/02/2023"]


def hidden(lines: list[str], chance: random.Random) -> list[str]:
    return [*lines, f"Camden,Bath,{chance.choice(['<5', 'c', '*', '1-4'])},01/02/2023"]


def upper_heading(lines: list[str], chance: random.Random) -> list[str]:
    return [
        chance.choice(["Young person,,Found,", "Where,,What,", "Home,Found,,", ",,a,b"]),
        *lines,
    ]


def wide_title(lines: list[str], chance: random.Random) -> list[str]:
    return [chance.choice(["Referrals,2023,Islington", "Report,by town,,", "a,b,c,d"]), *lines]


def day_without_year(lines: list[str], chance: random.Random) -> list[str]:
    told = []
    for line in lines[1:]:
        head, comma, date = line.rpartition(",")
        parts = date.split("/")
        if len(parts) == 3 and parts[1].isdigit() and 1 <= int(parts[1]) <= 12:
            date = f"{MONTHS[int(parts[1]) - 1]} {parts[0]}"
        told.append(head + comma + date)
    return [lines[0], *told]


def total_of_each(lines: list[str], chance: random.Random) -> list[str]:
    sums: Counter[str] = Counter()
    for line in lines[1:]:
        cells = line.split(",")
        if len(cells) > 2 and cells[2].isdigit():
            sums[cells[0]] += int(cells[2])
    word = chance.choice(["{} Total,,{},", "Total {},,{},", "{},Total,{},", "{},All,{},"])
    return [*lines, *(word.format(origin, number) for origin, number in sums.items())]


def extra_column(lines: list[str], chance: random.Random) -> list[str]:
    return [lines[0] + ",", *(line + "," for line in lines[1:])]


POLLUTIONS: Final[tuple[Pollution, ...]] = (
    title, blank_line, note, total, repeated_heading, second_table, trailing_comma, longer_row,
    shorter_row, lost_separator, other_separator_in_a_row, semicolons, open_quote, inner_quote,
    single_quotes, no_heading, doubled_heading, month_first, thousands, decimals, hidden,
    extra_column, upper_heading, wide_title, day_without_year, total_of_each,
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "mac-roman", "utf-16-le")
ENDS: Final = ("\n", "\n", "\r\n", "\r")


def polluted(chance: random.Random) -> tuple[Rows, bytes, tuple[Pollution, ...]]:
    """Make a table, pollute it, and return it, the file's bytes and what was done."""
    rows = clean(chance)
    lines = [",".join(row) for row in [HEADINGS, *rows]]
    done = tuple(chance.sample(POLLUTIONS, chance.randrange(1, 4)))
    for pollute in done:
        lines = pollute(lines, chance)
    text = chance.choice(ENDS).join(lines)
    encoding = chance.choice(ENCODINGS)
    return rows, text.encode(encoding, "replace"), done


def same(rows: Rows, frame: pd.DataFrame) -> bool:
    """Tell if what was read is the table before the pollution."""
    expected = sorted(
        (origin, town, int(number), "-".join(reversed(date.split("/"))))
        for origin, town, number, date in rows
    )
    return expected == sorted(
        zip(
            frame["origin"].fillna(""), frame["destination"].fillna(""), frame["count"].astype(int),
            frame["date"].dt.strftime("%Y-%m-%d").fillna(""), strict=True,
        )
    )  # fmt: skip


def outcome_of_pandas(rows: Rows, data: bytes) -> str:
    """Say what pandas makes of the file: read right, refused, or silently wrong."""
    try:
        frame = pd.read_csv(io.BytesIO(data))
        got = sorted(
            zip(
                frame["Home borough"].astype(str), frame["Town"].astype("str").fillna(""),
                frame["Count"].astype(int), strict=True,
            )
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):  # what pandas raises, and what its user then would
        return "refused"
    right = got == sorted((origin, town, int(number)) for origin, town, number, _ in rows)
    return "right" if right else "silently wrong"


def main(files: int = 2_290, seed: int = 20_261_126) -> int:
    """Read that many polluted files; return how many were silently wrong."""
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    wrong: list[tuple[int, str, bytes]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for number in range(files):
            chance = random.Random(f"{seed}-{number}")  # noqa: S311 - not a secret
            rows, data, done = polluted(chance)
            path.write_bytes(data)
            try:
                reading = read(path)
                told = any("may be a total" in notice.problem for notice in reading.notices)
                wrong_so = "wrong and told" if told else "silently wrong"
                outcome = "right" if same(rows, reading.frame) else wrong_so
            except InputError:
                outcome = "refused"
            ours[outcome] += 1
            theirs[outcome_of_pandas(rows, data)] += 1
            if outcome == "silently wrong":
                wrong.append((number, " ".join(one.__name__ for one in done), data))
    for name, counted in (("linemap", ours), ("pandas", theirs)):
        print(f"{name:8}", ", ".join(f"{word} {counted[word]:,}" for word in sorted(counted)))
    for number, done_names, data in wrong[:20]:
        print(f"\nfile {number}: {done_names}\n{data[:400]!r}")
    return len(wrong)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    sys.exit(min(main(*given), 1))
