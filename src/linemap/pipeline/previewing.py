"""What each of several cuts of a table would leave, before anything is written or binds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import product
from pathlib import Path
from typing import Final, Unpack

import pandas as pd

from linemap import schema
from linemap.disclosure import (
    SHOWN_AS,
    Key,
    Proofs,
    Release,
    Rule,
    block_keys,
    periods_shown,
    protect,
    why_nothing,
)
from linemap.errors import DisclosureError
from linemap.flows import Period, build_flows
from linemap.pipeline.checking import SHARE as SHARE_AT
from linemap.pipeline.checking import in_percent, shares_of_records, to_twentieth
from linemap.pipeline.preparing import (
    PlaceOptions,
    Prepared,
    TableKeywords,
    file_of,
    in_part,
    measures_of,
    nothing_by_tag,
    options_given,
    periods_in_part,
    prepare,
    stem_of,
    window_of_rows,
    window_to_state,
)
from linemap.pipeline.series import Series
from linemap.records import ReadOptions, Tell, nobody
from linemap.windows import Span, Window

PERIOD: Final = "period"
TAGS: Final = "tags"
BY_TAG: Final = schema.BY_TAG
FLOWS: Final = "flows"
PAIRS: Final = "pairs"
SHARE: Final = "share_shown"
LOCAL: Final = "share_local"
REFUSED: Final = "refused"
NOTHING: Final = "nothing_because"
OTHER: Final = "elsewhere or not stated"
_NONE: Final[dict[str, object]] = {
    FLOWS: 0,
    PAIRS: 0,
    BY_TAG: 0,
    SHARE: 0.0,
    LOCAL: 0.0,
    NOTHING: None,
    REFUSED: None,
}
LOCAL_LEVELS: Final = (schema.SETTLEMENT, schema.BOROUGH, schema.DISTRICT, schema.COUNTY)
PERIODS: Final[tuple[Period | None, ...]] = (
    None,
    "year",
    "financial-year",
    "quarter",
    "financial-quarter",
)
# What a record tells a reader at each level, beside one that is shown at its town.
_DETAIL: Final = {
    schema.SETTLEMENT: 1.0, schema.BOROUGH: 0.9, schema.DISTRICT: 0.9, schema.COUNTY: 0.7,
    schema.FORCE: 0.6, schema.REGION: 0.3, schema.NATION: 0.1,
}  # fmt: skip
_KEPT: Final = 0.8  # of the detail of the best cut: a division that costs more is not advised


@dataclass(frozen=True, slots=True)
class PeriodAndTags:
    """One way to divide a table: by a period or none, and by tags."""

    period: Period | None
    tags: tuple[str, ...]
    cross_tags: bool = False

    @property
    def options(self) -> str:
        """The options of the command line that ask for it."""
        period = [f"--period {self.period}"] if self.period else []
        cross = ["--cross-tags"] if self.cross_tags and self.tags else []
        return " ".join([*period, *(f"--tag {_quoted(tag)}" for tag in self.tags), *cross])


@dataclass(frozen=True, slots=True)
class Preview:
    """What each cut would leave, one row a cut and measure of ``table``, and which is recommended.

    ``table`` has ``period`` and ``tags`` (null for none), ``measure``, ``flows`` and
    ``pairs`` of places and ``by_tag`` (numbers of all records together by the values of the
    tags) that would be shown, ``share_shown`` and ``share_local``
    (of all records of the measure, those without a place among them, by the numbers that
    would be shown, to a twentieth: at any level, and at a town, borough, district or
    county), the share at each level, ``nothing_because``, why a cut shows
    nothing, and ``refused``, why a cut cannot be made. It is for the analyst alone:
    no release says how many records there are. ``recommended`` is None where no cut
    shows anything.
    ``refusals`` are the errors of the cuts that cannot be made, each once, and
    ``bound_by`` names the earlier releases of the same records, whose numbers are repeated.
    ``window`` is what to state as the window where the rows say when and none is stated, and
    ``in_part`` says, by period, of which months the first or the last holds records.
    """

    table: pd.DataFrame
    recommended: PeriodAndTags | None
    reason: str
    refusals: tuple[DisclosureError, ...] = ()
    bound_by: tuple[str, ...] = ()
    window: Window | None = None
    in_part: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The table and what follows from it, apart from the refusals, for a terminal."""
        bound = (
            f"Earlier: {', '.join(self.bound_by)} counts the same records; its numbers are "
            "repeated unless they have changed by the threshold or more."
        )
        base = (
            "Shares are of the rounded numbers that would be shown in all records of the table, "
            "those without a place among them; each is rounded to 5%, so that the levels need not "
            "add up to what is shown."
        )
        nothing = _nothing_lines(self.table)
        return (
            *_lines(self.table),
            base,
            *nothing,
            *self.in_part,
            *_less_in_one_window(self.table),
            *((bound,) if self.bound_by else ()),
            "",
            self.reason,
        )

    def __str__(self) -> str:
        return "\n".join([*self.lines, *(f"Refused: {error}" for error in self.refusals)])

    def __repr__(self) -> str:
        chosen = (
            "nothing" if self.recommended is None else self.recommended.options or "no division"
        )
        return f"<Preview: {len(self.table)} cuts; recommended: {chosen}>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def preview(
    source: object,
    *,
    rule: Rule | None = None,
    periods: Sequence[Period | None] = PERIODS,
    window: Window | str | None = None,
    options: ReadOptions | None = None,
    places: PlaceOptions | None = None,
    out: str | Path | None = None,
    series: str | None = None,
    same_records: bool | None = None,
    ledgers: str | Path | None = None,
    cross_tags: bool = False,
    tell: Tell = nobody,
    **given: Unpack[TableKeywords],
) -> Preview:
    """Show what each of several cuts of a table of records would leave; write and bind nothing.

    The cuts are every period of `periods` (None is none) with no tag, with each
    of the tags of the options, and with all of them; a period into which all records fall
    is left out. Each is protected under `rule` as a build into `out` would: with the
    ledger of its `series`, and `same_records`, `ledgers` and `cross_tags` as there;
    without `out` earlier releases are not asked. Recommended is the cut with the most
    divisions whose records are shown nearly as finely as those of the best, a record counting
    by the level of place at which it is shown.

    Raises
    ------
    InputError
        If the table cannot be used.
    """
    options, places = options_given(options, places, given)
    prepared = prepare(
        source, statements=False, options=options, places=places,
        window=window, tell=tell,
    )  # fmt: skip
    earlier = (
        Series.seen(
            Path(out),
            series or stem_of(source),
            prepared.reading.frame,
            told=series is not None,
            matches=prepared.matches,
            ledgers=None if ledgers is None else Path(ledgers),
            table=file_of(source),
        )
        if out is not None
        else None
    )
    cuts, rows, refusals = (
        list[PeriodAndTags](),
        list[dict[str, object]](),
        dict[str, DisclosureError](),
    )
    bound: dict[str, None] = {}
    known: dict[tuple[Key, ...], list[dict[str, object]]] = {}
    part: dict[Period, list[Span]] = {}
    proofs = Proofs(divided=bool(options.tags) and not cross_tags)
    wanted = _cuts(prepared, tuple(options.tags), periods, cross_tags=cross_tags)
    for number, cut in enumerate(wanted):
        tell("Applying disclosure control to each cut", number, len(wanted))
        flows = build_flows(
            prepared.reading.frame,
            gazetteer=prepared.gazetteer,
            matches=prepared.matches,
            period=cut.period,
            tags=cut.tags,
            window=prepared.flow_window,
        )
        keys = block_keys(flows)
        again = earlier is not None and earlier.has_block_of(keys)
        if cut.period is not None and len({key[:3] for key in keys}) == 1 and not again:
            continue  # what no period shows
        if cut.period is not None:
            shown = periods_shown(flows)
            part[cut.period] = periods_in_part(prepared.reading.frame, shown, prepared.window)
        if keys not in known:  # quarters of both kinds of year are the same months
            try:
                if earlier is not None and out is not None:
                    earlier.require_ledgers(Path(out), keys, same_records=same_records)
                    earlier.require_same(keys, same_records=same_records)
                    bound |= dict.fromkeys(earlier.bound_by(keys))
                release = protect(
                    flows,
                    rule=rule,
                    gazetteer=prepared.gazetteer,
                    ledger=None if earlier is None else earlier.ledger,
                    cross_tags=cross_tags,
                    proofs=proofs,
                )
                known[keys] = list(_shown(prepared, release))
                if release.flows.empty:
                    why = why_nothing(
                        flows, rule=rule, gazetteer=prepared.gazetteer, cross_tags=cross_tags
                    )
                    known[keys] = [row | {NOTHING: why} for row in known[keys]]
            except DisclosureError as error:
                if earlier is not None and out is not None:
                    error = earlier.in_full(error, Path(out))
                refusals.setdefault(error.message, error)
                known[keys] = [
                    {schema.MEASURE: measure, REFUSED: error.message}
                    for measure in measures_of(prepared.reading.frame)
                ]
        named = {PERIOD: cut.period, TAGS: ", ".join(cut.tags) or None}
        for row in known[keys]:
            cuts.append(cut)
            rows.append(_NONE | named | row)
    table = pd.DataFrame(rows)
    levels = [level for level in (*schema.LEVELS, OTHER) if level in table.columns]
    fixed = [PERIOD, TAGS, schema.MEASURE, FLOWS, PAIRS, BY_TAG, SHARE, LOCAL]
    table[levels] = table[levels].fillna(0.0)
    recommended = _recommended(table, cuts, {period: len(some) for period, some in part.items()})
    covered = prepared.window or window_of_rows(prepared.reading.frame)
    return Preview(
        table[[*fixed, *levels, NOTHING, REFUSED]],
        recommended,
        " ".join(
            [
                _reason(
                    table, cuts, recommended, {period for period, some in part.items() if some}
                ),
                *nothing_by_tag(_without_numbers(table, cuts)),
            ]
        ),
        tuple(refusals.values()),
        tuple(bound),
        window_to_state(prepared.reading.frame, prepared.window),
        tuple(_in_part(part, covered)),
    )


def _cuts(
    prepared: Prepared,
    tags: tuple[str, ...],
    periods: Sequence[Period | None],
    *,
    cross_tags: bool,
) -> list[PeriodAndTags]:
    """List the cuts to try; a table in which no row states when cannot be split by period."""
    dated = prepared.reading.frame[[schema.DATE, schema.PERIOD_START]].notna().any(axis=None)
    wanted = [period for period in dict.fromkeys(periods) if period is None or dated]
    sets = dict.fromkeys([(), *((tag,) for tag in tags), tags])
    return [PeriodAndTags(period, chosen, cross_tags) for chosen, period in product(sets, wanted)]


def _shown(prepared: Prepared, release: Release) -> Iterator[dict[str, object]]:
    """Say what a protected cut shows of each measure, by the numbers that it would show."""
    shares = shares_of_records(prepared.reading.frame, release)
    by_tag = release.summaries.get(schema.BY_TAG, pd.DataFrame(columns=[schema.MEASURE]))
    for measure in measures_of(prepared.reading.frame):
        shown = release.flows[release.flows[schema.MEASURE] == measure]
        at = shares[shares[schema.MEASURE] == measure].set_index(SHOWN_AS)[SHARE_AT]
        level_of = [level if level in schema.LEVELS else OTHER for level in at.index]
        by_level = at.groupby(level_of, sort=False).sum()
        pairs = shown[[schema.ORIGIN_ID, schema.DESTINATION_ID]].dropna().drop_duplicates()
        local = by_level[by_level.index.isin(LOCAL_LEVELS)]
        yield {
            schema.MEASURE: measure,
            FLOWS: len(shown),
            PAIRS: len(pairs),
            BY_TAG: int((by_tag[schema.MEASURE] == measure).sum()),
            SHARE: to_twentieth(float(by_level.sum())),
            LOCAL: to_twentieth(float(local.sum())),
            **{str(level): to_twentieth(float(share)) for level, share in by_level.items()},
        }


def _recommended(
    table: pd.DataFrame, cuts: Sequence[PeriodAndTags], in_part: Mapping[Period, int]
) -> PeriodAndTags | None:
    """Choose the most divided cut that shows nearly as much as the one that shows most.

    Of a table with several measures each counts alike. Of the calendar's periods and those of
    the financial year, the kind goes first of which fewer are covered `in_part` only.
    """
    if not table[FLOWS].any():
        return None
    detail = sum(
        (table[level] * weight for level, weight in _DETAIL.items() if level in table),
        pd.Series(0.0, table.index),
    )
    if not detail.any():
        detail = table[SHARE]
    distinct = list(dict.fromkeys(cuts))
    number = [distinct.index(cut) for cut in cuts]
    told, flows = detail.groupby(number).mean(), table[FLOWS].groupby(number).sum()
    by_tag = table[BY_TAG].groupby(number).sum()
    enough = told[(flows > 0) & (told >= _KEPT * told[flows > 0].max())]
    finest = sorted(
        enough.index.tolist(),
        key=lambda at: (
            -len(distinct[at].tags) * bool(distinct[at].cross_tags or by_tag[at])
            - (distinct[at].period is not None),
            _is_rivalled(distinct[at], [distinct[other] for other in enough.index], in_part),
            -enough[at],
            -flows[at],
            at,
        ),
    )
    return distinct[int(finest[0])]


def _without_numbers(table: pd.DataFrame, cuts: Sequence[PeriodAndTags]) -> list[str]:
    """List the tags by whose values no cut shows a number, of cuts that show flows."""
    alone = {cut.tags[0] for cut in cuts if len(cut.tags) == 1 and not cut.cross_tags}
    some = table[FLOWS].gt(0).tolist()
    numbers = table[BY_TAG].gt(0).tolist()
    tried = {cut.tags for cut, shows in zip(cuts, some, strict=True) if shows}
    shown = {cut.tags for cut, told in zip(cuts, numbers, strict=True) if told}
    return sorted(tag for tag in alone if (tag,) in tried and (tag,) not in shown)


def _in_part(part: Mapping[Period, Sequence[Span]], covered: Window | None) -> Iterator[str]:
    """Say which periods hold only some of their months, those of one division in one line."""
    told: dict[str, list[str]] = {}
    for period, some in part.items():
        if some and covered is not None:
            told.setdefault(in_part(some, covered), []).append(period)
    for said, periods in told.items():
        yield f"By {' or '.join(periods)}, {said}."


_OF_BOTH_YEARS: Final[dict[Period, Period]] = {
    "year": "financial-year",
    "financial-year": "year",
    "quarter": "financial-quarter",
    "financial-quarter": "quarter",
}


def _is_rivalled(
    cut: PeriodAndTags, others: Sequence[PeriodAndTags], in_part: Mapping[Period, int]
) -> bool:
    """Tell if others hold the same cut by the other kind of year, with fewer periods in part."""
    if cut.period is None or cut.period not in _OF_BOTH_YEARS:
        return False
    rival = _OF_BOTH_YEARS[cut.period]
    return replace(cut, period=rival) in others and in_part[rival] < in_part[cut.period]


def _reason(
    table: pd.DataFrame,
    cuts: Sequence[PeriodAndTags],
    chosen: PeriodAndTags | None,
    in_part: Collection[Period],
) -> str:
    if chosen is None and table[REFUSED].notna().all():
        return "The table cannot be released as it stands, however it is divided."
    if chosen is None:
        return (
            "However it is divided, nothing is shown: even with no tag and no period the rule "
            "leaves no number that may be shown. Add records, or a longer time."
        )
    how = chosen.options or "no period and no tag"
    rows = table[[cut == chosen for cut in cuts]]
    told = [
        f"{in_percent(row[SHARE])} of the {row[schema.MEASURE]} are shown, "
        f"{in_percent(row[LOCAL])} at a town, borough, district or county"
        for _, row in rows.iterrows()
    ]
    return f"Recommended: {how}. About {'; '.join(told)}.{_change(table, cuts, chosen, in_part)}"


def _change(
    table: pd.DataFrame,
    cuts: Sequence[PeriodAndTags],
    chosen: PeriodAndTags,
    in_part: Collection[Period],
) -> str:
    """Name the period that would show change, where none is recommended and one shows something.

    The same records are not divided anew once they have been released. A period that is covered
    in part is no measure of change.
    """
    divided = [cut.period is not None and cut.period not in in_part for cut in cuts]
    shown = table[[chosen.period is None and whole for whole in divided]]
    if not shown[FLOWS].any():
        return ""
    best = cuts[shown.index[int(shown[SHARE].to_numpy().argmax())]]
    return (
        f" It shows no change over time: for that choose {best.options} "
        f"({in_percent(shown[SHARE].max())} shown) before the first release, since released "
        "records are not divided in another way later."
    )


def _lines(table: pd.DataFrame) -> list[str]:
    """Write the table for a terminal, one line a cut and, of several, measure."""
    levels = [level for level in (*schema.LEVELS, OTHER) if level in table.columns]
    levels = [level for level in levels if table[level].any()]
    several = table[schema.MEASURE].nunique() > 1
    texts = [PERIOD, TAGS, *([schema.MEASURE] if several else [])]
    by_tag = [BY_TAG] if table[BY_TAG].any() else []
    heads = [*texts, FLOWS, PAIRS, *("by tag" for _ in by_tag), "shown", *levels]
    rows = [heads]
    for _, row in table.iterrows():
        cells = [
            *(_or_none(row[column]) for column in texts), f"{row[FLOWS]:,}", f"{row[PAIRS]:,}",
            *(f"{row[column]:,}" for column in by_tag),
            *(in_percent(row[share]) for share in (SHARE, *levels)),
        ]  # fmt: skip
        for column, word in ((REFUSED, "refused"), (NOTHING, "nothing")):
            if isinstance(row[column], str):
                cells = [*cells[: len(texts)], word, *[""] * (len(heads) - len(texts) - 1)]
        rows.append(cells)
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if at < len(texts) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _nothing_lines(table: pd.DataFrame) -> Iterator[str]:
    """Say of the cuts that show nothing why, those of one reason together."""
    nothing = table[table[NOTHING].notna()].drop_duplicates([PERIOD, TAGS])
    for why, rows in nothing.groupby(NOTHING, sort=False):
        named = "; ".join(
            (period if isinstance(period, str) else "no period")
            + (f" by {tags}" if isinstance(tags, str) else "")
            for period, tags in rows[[PERIOD, TAGS]].itertuples(index=False)
        )
        yield f"Nothing of {named}: {why}."


def _less_in_one_window(table: pd.DataFrame) -> Iterator[str]:
    """Say why a table shows less as one window than by a period, where it does."""
    rows = table[table[REFUSED].isna()]
    for _, of in rows.groupby([schema.MEASURE, TAGS], dropna=False, sort=False):
        whole, best = of.loc[of[PERIOD].isna(), SHARE].max(), of[SHARE].max()
        if whole < best:
            yield (
                "Less is shown as one window than by a period: of one window a reader is taken to "
                "know which origins and places occur in it, of several only which occur in any."
            )
            return


def _or_none(value: object) -> str:
    return value if isinstance(value, str) else "none"


def _quoted(text: str) -> str:
    return text if text.replace("_", "").isalnum() else f'"{text}"'
