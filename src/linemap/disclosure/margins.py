"""Which totals may stand beside the cells of a block.

Totals are of the true counts, each rounded on its own. A total is shown only if
no hidden count can then be computed to within less than the rule allows, for a
reader who knows the rule, the tree of places, and which places occur at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import numpy as np

from linemap.disclosure.blocks import Block
from linemap.disclosure.bounds import Hidden, Shown, System, give_up
from linemap.disclosure.rule import Rule
from linemap.disclosure.tree import ANYWHERE, UNPLACED
from linemap.disclosure.unknowns import Unknown, coarse, fine

Kind = Literal["origin", "destination", "all", "unplaced"]
Margin = tuple[Kind, str]
ORIGIN: Final = "origin"
DESTINATION: Final = "destination"
ALL: Final = "all"
NOWHERE: Final = "unplaced"

# Beyond this many unknowns, which take about a minute of proof, no total is tried:
# what is hidden then ranges from 0 to what its own cell says.
MOST_UNKNOWNS: Final = 5_000


def safe_margins(block: Block, rule: Rule) -> tuple[dict[Margin, int], bool]:
    """Choose the totals that may be shown, with their true values.

    Returns them, and whether the cells alone are safe; where they are not,
    the block must be cut without pooling origins.
    """
    totals = _totals(block, rule)
    told = {cell.origin for cell in block.cells} | {name for kind, name in totals if kind == ORIGIN}
    for known in (fine, coarse):
        columns = known(block, told)
        if len(columns) > MOST_UNKNOWNS:
            own = {origin for origin, _ in block.counts}
            return {}, all(cell.origin in own for cell in block.cells)
        dropped, stuck = give_up(_system(block, columns, totals, rule))
        if stuck:
            return {}, False
        totals = {name: total for name, total in totals.items() if name not in dropped}
    return totals, True


def _system(
    block: Block, columns: tuple[Unknown, ...], totals: Mapping[Margin, int], rule: Rule
) -> System:
    system = System(len(columns), np.array([column.truth for column in columns], dtype=float))
    _show_cells(system, block, columns, rule)
    _show_threshold(system, block, columns, rule)
    _show_totals(system, block, columns, totals, rule)
    _hide_counts(system, columns, rule)
    _hide_sums(system, block, columns, rule)
    return system


def _totals(block: Block, rule: Rule) -> dict[Margin, int]:
    """Sum up what has a place at both ends, by origin, by destination that a cell names, in all.

    What lacks a place is one more total. Totals under the threshold are left out.
    """
    totals: dict[Margin, int] = {}
    named = {cell.destination for cell in block.cells} - {ANYWHERE, UNPLACED}
    own = {origin for origin, _ in block.counts}
    around = {area for origin in own for area in block.origins.upwards(origin) if area != origin}
    for (origin, destination), count in block.counts.items():
        names: list[Margin] = [(NOWHERE, "")]
        if UNPLACED not in (origin, destination):
            areas = named & set(block.destinations.upwards(destination))
            names = [(ALL, ""), *((DESTINATION, area) for area in areas)]
            if origin not in around:  # an area around others has no total of its own
                names.append((ORIGIN, origin))
        for name in names:
            totals[name] = totals.get(name, 0) + count
    return {name: total for name, total in sorted(totals.items()) if total >= rule.threshold}


def _counts_in(column: Unknown, margin: Margin, block: Block) -> bool:
    kind, name = margin
    placed = UNPLACED not in (column.origin, column.area)
    if kind == NOWHERE or not placed:
        return kind == NOWHERE and not placed
    if kind == ORIGIN:
        return column.origin == name
    return kind == ALL or block.destinations.inside(column.area, name)


def _show_cells(system: System, block: Block, columns: tuple[Unknown, ...], rule: Rule) -> None:
    """Add the cells; a cell's own count should not be told apart more finely than by rounding."""
    for cell in block.cells:
        place = (cell.origin, cell.destination)
        members = _where(column.holder == place for column in columns)
        low, high = rule.meaning(rule.rounded(cell.count))
        system.shown.append(Shown(members, low, high))
        system.hidden.append(Hidden(members, min(high - low, rule.base // 2), place))


def _show_threshold(system: System, block: Block, columns: tuple[Unknown, ...], rule: Rule) -> None:
    """Add what the rule itself tells: what goes up from an origin is less than could be shown."""
    alike = {column.origin: column.origins for column in columns if column.origins > 1}
    for origin in block.cuts:
        beyond = set(block.origins.upwards(origin)) - {origin}
        members = _where(
            block.origins.inside(column.origin, origin)
            and (column.holder is None or column.holder[0] in beyond)
            for column in columns
        )
        most = alike.get(origin, 1) * (rule.threshold - 1)
        if system.truth[members].sum() <= most:
            system.shown.append(Shown(members, 0, most))


def _show_totals(
    system: System,
    block: Block,
    columns: tuple[Unknown, ...],
    totals: Mapping[Margin, int],
    rule: Rule,
) -> None:
    for margin, total in totals.items():
        is_all = margin[0] == ALL
        low, high = rule.meaning(rule.rounded(total, total=is_all), total=is_all)
        members = _where(_counts_in(column, margin, block) for column in columns)
        system.shown.append(Shown(members, low, high, margin))


def _hide_counts(system: System, columns: tuple[Unknown, ...], rule: Rule) -> None:
    """Hide each single count that no cell shows, and each small total of one place."""
    held: dict[tuple[str, str] | None, int] = {None: 2}
    columns_of: dict[str, list[int]] = {}
    for column in columns:
        held[column.holder] = held.get(column.holder, 0) + 1
    for position, column in enumerate(columns):
        if column.single and held[column.holder] > 1:
            apart = (("from", column.origin), ("to", column.area))
            system.hidden.append(Hidden(np.array([position]), rule.width, apart))
            # the second unknown of a pool follows the first; a cell may hold just the two
            if column.alike > 1 and held[column.holder] > 2:
                system.hidden.append(Hidden(np.array([position, position + 1]), rule.width, apart))
        if column.first:
            columns_of.setdefault(column.area, []).append(position)
    for area, members in columns_of.items():
        small = system.truth[members].sum() < rule.threshold
        if len(members) > 1 and (small or columns[members[0]].alike > 1):
            system.hidden.append(Hidden(np.array(members), rule.width, (("to", area),)))


def _hide_sums(system: System, block: Block, columns: tuple[Unknown, ...], rule: Rule) -> None:
    """Hide what each origin sends to each area beyond what is shown inside it."""
    rising: dict[tuple[str, str], list[int]] = {}
    for position, column in enumerate(columns):
        for origin in block.origins.upwards(column.origin):
            if origin in block.cuts and (column.origins == 1 or origin != column.origin):
                for area in block.destinations.upwards(column.area):
                    if column.holder == (origin, area):
                        break
                    rising.setdefault((origin, area), []).append(position)
            if column.holder is not None and column.holder[0] == origin:
                break
    seen = set()
    for (origin, area), members in rising.items():
        if len(members) > 1 and tuple(members) not in seen:
            seen.add(tuple(members))
            apart = (("from", origin), ("to", area))
            system.hidden.append(Hidden(np.array(members), rule.width, apart))


def _where(flags: Iterable[bool]) -> np.ndarray:
    return np.flatnonzero(np.fromiter(flags, dtype=bool))
