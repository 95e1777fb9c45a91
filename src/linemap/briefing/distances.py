"""The section that says how far, with what chance and areas leave open."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from linemap import measures, schema
from linemap.briefing.content import Number, Section, Sentence, Table
from linemap.briefing.subject import Subject
from linemap.briefing.wording import (
    FLOWS,
    KM,
    MOST_ROWS,
    THIN,
    capital,
    ids_of,
    km_range,
    rows_left,
    set_words,
    sum_of,
    whole_number,
)
from linemap.measures import columns as c
from linemap.measures.display import level_word

SEED: Final = 2019
_FURTHEST: Final = 6
NO_ONE_DISTANCE: Final = frozenset({schema.NATION, schema.REGION})
_SHARE_STEP: Final = 0.05


def how_far(subject: Subject) -> Section:
    """Say how far, in km, beside what chance and the size of areas leave open."""
    if subject.statements:
        return _furthest(subject)
    lines: list[tuple[str, ...]] = []
    sentences: list[Sentence] = []
    thin = False
    rule = subject.release.rule
    step = 1 if rule is None else rule.km_base
    wide: list[pd.DataFrame] = []
    for block in subject.blocks():
        is_wide = block[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)
        flows, words = block.loc[~is_wide], set_words(subject, block)
        if is_wide.any():
            wide.append(block.loc[is_wide])
        if int(flows[schema.COUNT].sum()) < THIN:
            thin = True
            continue
        rng = np.random.default_rng(SEED)
        table = measures.reach_estimates(
            flows, by=None, rng=rng, gazetteer=subject.gazetteer
        ).set_index(schema.TERM)
        if not lines:
            sentences.append(_half(flows, table, words, step))
        lines.append((
            capital(words), whole_number(float(table[c.N].iloc[0])),
            *_interval(table, c.MEDIAN_KM, step),
            *_interval(table, c.share_beyond(100), _SHARE_STEP, percent=True),
        ))  # fmt: skip
    apart = [
        Sentence(
            "{} are shown by region or nation only, which is at no one distance: they are in no "
            "number of this section.",
            (sum_of(rows),),
        )
        for rows in wide
    ]
    if not lines:
        told = Sentence(
            "Too few are shown with a place at both ends to say how far they reach."
            if not apart
            else "Too few of the others are shown to say how far they reach."
        )
        return Section("How far", (*apart, told))
    sentences += apart
    if thin:
        sentences.append(Sentence("Of further measures too few are counted to say."))
    sentences.append(
        Sentence(
            "A straight line is not a journey. By chance: what as many others might have given "
            "(bootstrap, {}). By area: had everybody been found in the nearest, or in the "
            "furthest, parts of the areas; no number of records narrows that.",
            ("95 %",),
        )
    )
    more = len(lines) - MOST_ROWS
    return Section("How far", tuple(sentences), (Table(
        "Distance between the origin and where people were found or linked to",
        ("What", "n", "Half within (km)", "by chance", "by area", "Beyond 100 km", "by chance",
         "by area"),
        tuple(lines[:MOST_ROWS]), frozenset(range(1, 8)),
        rows_left(max(more, 0), "measure"),
    ),))  # fmt: skip


def _furthest(subject: Subject) -> Section:
    """List the furthest places of published statements, which have no distance together."""
    flows = subject.placed.dropna(subset=[schema.DISTANCE_KM])
    flows = flows.loc[flows[schema.QUALIFIER] != schema.MENTIONED]
    once = flows.sort_values(
        [schema.DISTANCE_KM, schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.FLOW_ID],
        ascending=[False, True, True, True],
    ).drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID])
    if not len(once):
        return Section("How far", (Sentence("No statement has a place at both ends."),))
    counted = set(subject.counted[schema.DESTINATION_ID])
    printed = {
        (row[schema.ORIGIN_ID], row[schema.DESTINATION_ID]): kind
        for _, row in flows.iterrows()
        for kind in schema.PRINTED_FIGURES
        if str(row[schema.QUALIFIER]).startswith(kind)
    }
    lines = tuple(
        (
            str(row[schema.ORIGIN_NAME]), str(row[schema.DESTINATION_NAME]),
            level_word(row[schema.DESTINATION_LEVEL]),
            km_range(row, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
            "counted"
            if row[schema.DESTINATION_ID] in counted
            else printed.get((row[schema.ORIGIN_ID], row[schema.DESTINATION_ID]), "named only"),
        )
        for _, row in once.head(_FURTHEST).iterrows()
    )  # fmt: skip
    top = once.iloc[:1]
    numbers = [
        Number(whole_number(top.iloc[0][at]), FLOWS, ids_of(top), at, "cell")
        for at in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
    ]
    sentences = (
        Sentence(
            "The furthest place that is counted or named is {}, from {}: {} km, or {} to {} km by "
            "where in the two areas.",
            (
                str(top.iloc[0][schema.DESTINATION_NAME]), str(top.iloc[0][schema.ORIGIN_NAME]),
                *numbers,
            ),
        ),
        Sentence(
            "Each figure has its distance beside it. They are not put together to a mean, and "
            "have no interval of chance: the places that were printed are a choice, and one person "
            "may be linked to several."
        ),
    )  # fmt: skip
    heads = ("Origin", "Destination", "Level", KM, "Figure")
    return Section(
        "How far", sentences, (Table("The furthest places", heads, lines, frozenset({3})),)
    )


def rounded(value: float, step: float) -> float:
    """Round to a multiple of a step, away from false precision.

    >>> rounded(151.6, 5), rounded(0.637, 0.05)
    (150.0, 0.65)
    """
    return float(round(round(value / step) * step, 2))


def _spelt(value: float, step: float, *, percent: bool = False) -> str:
    exact = rounded(value, step)
    return f"{exact * 100:.0f} %" if percent else whole_number(exact)


def _interval(
    table: pd.DataFrame, term: str, step: float, *, percent: bool = False
) -> tuple[str, str, str]:
    row = table.loc[term].to_dict()
    spans = []
    for low, high in ((schema.LOW, schema.HIGH), (schema.AREA_LOW, schema.AREA_HIGH)):
        ends = [_spelt(row[at], step, percent=percent) for at in (low, high)]
        spans.append(" to ".join(ends))
    return _spelt(row[schema.ESTIMATE], step, percent=percent), spans[0], spans[1]


def _half(flows: pd.DataFrame, table: pd.DataFrame, words: str, step: float) -> Sentence:
    row = table.loc[c.MEDIAN_KM].to_dict()
    ids = ids_of(flows)
    numbers = [
        Number(_spelt(row[at], step), FLOWS, ids, f"{c.MEDIAN_KM} {at}", "statistic")
        for at in (schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH)
    ]
    return Sentence(
        "{} (n = {}): half are linked to places within {} km; by chance {} to {}, by area {} to "
        "{}.",
        (capital(words), sum_of(flows), *numbers),
    )
