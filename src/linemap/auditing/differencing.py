"""Earlier releases: what two of them tell together, by the ledger in the private folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from linemap import schema
from linemap.auditing.limits import FACT, AttackTarget, Constraint, Limits
from linemap.auditing.linear_attack import (
    OF_ALL,
    AttackProblem,
    Claims,
    Solver,
    attack,
    attack_problem,
    is_value,
    most_belief,
    share_cuts,
)
from linemap.auditing.published import Finding, Key, Published, Terms
from linemap.auditing.release_files import read_json
from linemap.disclosure import same_measure, veiled

FORMAT: Final = "linemap ledger 2"
WHERE: Final = "earlier releases"
_NEAR: Final = 1e-6
_UNDATED: Final = "undated"  # of a block: its release has dated ones too
_REPEAT: Final = "Repeat what was released before, or use the same windows and tags."


def read_ledger(path: str | Path) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Read the blocks of a ledger, the last release first; a damaged ledger is a finding.

    Those of releases that were withdrawn are passed over.
    """
    try:
        content = read_json(Path(path).read_bytes())
        if content["format"] != FORMAT:
            raise ValueError(FORMAT)
        releases = [release for release in content["releases"] if not release["withdrawn"]]
        blocks: list[dict[str, Any]] = []
        for release in releases:
            keys = [block["key"] for block in release["blocks"]]
            dated = {same_measure(key[0]) for key in keys if key[1] is not None}
            marked = (
                block | {_UNDATED: key[1] is None and same_measure(key[0]) in dated}
                for key, block in zip(keys, release["blocks"], strict=True)
            )
            blocks += [block for block in marked if block not in blocks]
        return blocks, []
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return [], [Finding("unknown", WHERE, "a ledger that cannot be read")]


def check_earlier(
    published: Published, claims: Mapping[Key, Claims], terms: Terms, ledger: list[dict[str, Any]]
) -> Iterator[Finding]:
    """Yield what the release and each earlier one tell together and should not."""
    columns = [schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END, *published.tags]
    dated = {same_measure(key[0]) for key in claims if key[1] is not None}
    shown = [_claims(tuple(block["key"]), block) for block in ledger]
    share_cuts(shown)
    for key, now in claims.items():
        undated = key[1] is None and same_measure(key[0]) in dated
        meeting = [
            (block, before)
            for block, before in zip(ledger, shown, strict=True)
            if _meet(tuple(block["key"]), key)
            # records without a date are others than the dated ones beside them
            and not (undated and block["key"][1] is not None)
            and not (block[_UNDATED] and key[1] is not None)
        ]
        known = [one for one in meeting if _is_of(one[0], columns, key)]
        tags = {tag for tag, _ in now.by_tag}
        if not all(tags <= set(block.get("by", [])) for block, _ in known):
            yield Finding(
                "earlier",
                WHERE,
                "the same records, divided by another tag",
                len(now.by_tag),
                _REPEAT,
            )
        for block, before in known:
            if not _same_terms(block["rule"], terms):
                yield Finding("earlier", WHERE, "the same records under another rule",
                              len(now.cells), _REPEAT)  # fmt: skip
            else:
                yield from _together(now, replace(before, key=key), published, terms)
        window = [
            b for b, _ in meeting if (b["columns"], tuple(b["key"][:3])) == (columns, key[:3])
        ]
        if len(window) < len(meeting) or (window and not known):  # by other windows or tags
            yield Finding("earlier", WHERE, "the same records, divided otherwise",
                          len(now.cells), _REPEAT)  # fmt: skip


def _is_of(block: Mapping[str, Any], columns: list[str], key: Key) -> bool:
    """Say whether a block of the ledger counts the same: the tags of one not shown are veiled."""
    return block["columns"] == columns and tuple(block["key"]) in (key, veiled(key))


def _same_terms(rule: Mapping[str, Any], terms: Terms) -> bool:
    total = rule["total_base"] if rule["total_base"] is not None else rule["base"]
    return (rule["threshold"], rule["base"], total) == (
        terms.threshold, terms.base, terms.total_base,
    )  # fmt: skip


def _meet(before: Key, key: Key) -> bool:
    """Say whether a block of the ledger may count the same records."""
    one, other = before[1:3], key[1:3]
    apart = None not in (*one, *other) and (one[1] < other[0] or other[1] < one[0])
    return same_measure(before[0]) == same_measure(key[0]) and not apart


def _claims(key: Key, block: Mapping[str, Any]) -> Claims:
    claims = Claims(key, {(o, d): int(n) for o, d, n in block["cells"]})
    for kind, name, n in block["totals"]:
        if kind == "origin":
            claims.origins[name] = int(n)
        elif kind == "destination":
            claims.destinations[name] = int(n)
        elif kind == schema.WHERE_TO:
            claims.where[name] = int(n)
        elif kind == "all":
            claims.whole = int(n)
        elif kind.startswith("tag "):
            claims.by_tag[kind.removeprefix("tag "), name] = int(n)
        else:
            claims.unplaced = int(n)
    return claims


def _together(now: Claims, before: Claims, published: Published, terms: Terms) -> Iterator[Finding]:
    """Ask what follows if nothing has changed, or only names were put right, or the least did."""
    if _numbers(now) == _numbers(before):
        return
    one = attack_problem(before, published, terms, beside=now)
    other = attack_problem(now, published, terms, beside=before)
    # what was pooled is not shown again, so that it is missing says nothing
    other.constraints = [c for c in other.constraints if c.belief < OF_ALL]
    belief = min(most_belief(problem.limits) or FACT for problem in (one, other))
    same = attack(_same(one, other), belief=belief)
    moved = _put_right(before, now)
    attacked = same
    if same.contradictory and moved:
        attacked = attack(_moved(one, other, moved), belief=belief)
    if not attacked.contradictory and len(attacked.narrow):
        what = "hidden counts that two releases together tell too closely"
        yield Finding("earlier", WHERE, what, len(attacked.narrow), _REPEAT)
        return
    if not same.contradictory:
        return
    origins = sorted({place[0] for place in other.places if not is_value(place)})
    for some in (None, *origins):
        least = _least_change(one, other, some, belief)
        if least is None:
            yield Finding("contradiction", WHERE, "numbers that no counts can have led to")
            return
        if _NEAR < least < terms.threshold - _NEAR:
            what = "changes of fewer people than the threshold"
            yield Finding("earlier", WHERE, what, 1, _REPEAT)
            return


def _same(one: AttackProblem, other: AttackProblem) -> AttackProblem:
    """Put two releases of the same counts together."""
    constraints = [*one.constraints, *other.constraints]
    targets = [*_hidden(one, other), *_hidden(other, one)]
    return replace(other, constraints=constraints, targets=targets)


def _put_right(before: Claims, now: Claims) -> set[str]:
    """Name the origins of which one number fell or went and another rose or came.

    That is how it looks when a name was put right and nobody was added.
    """
    fell = {place[0] for place, number in before.cells.items() if now.cells.get(place, 0) < number}
    rose = {place[0] for place, number in now.cells.items() if before.cells.get(place, 0) < number}
    return fell & rose


def _moved(one: AttackProblem, other: AttackProblem, origins: set[str]) -> AttackProblem:
    """Put two releases side by side, where each of the origins has as many people in both."""
    size = len(one.places)
    rows: dict[str, list[int]] = {}
    for position, (origin, _) in enumerate(one.places):
        if origin in origins:
            rows.setdefault(origin, []).append(position)
    constraints = [*one.constraints]
    constraints += [replace(c, members=c.members + size) for c in other.constraints]
    constraints += [
        Constraint(
            np.array([*row, *(position + size for position in row)]),
            0, 0, np.repeat([1.0, -1.0], len(row)),
        )
        for row in rows.values()
    ]  # fmt: skip
    later = [replace(target, members=target.members + size) for target in _hidden(other, one)]
    return AttackProblem(
        other.claims, [*one.places, *other.places], constraints, [*_hidden(one, other), *later]
    )


def _hidden(*problems: AttackProblem) -> list[AttackTarget]:
    """Take what the first of the problems hides, and none of them states."""
    stated = {
        tuple(constraint.members)
        for problem in problems
        for constraint in problem.constraints
        if constraint.belief == FACT and constraint.weights is None
    }
    return [t for t in problems[0].targets if t.kind != "shown" and tuple(t.members) not in stated]


def _numbers(claims: Claims) -> tuple[Any, ...]:
    totals = (claims.where, claims.origins, claims.destinations, claims.whole, claims.unplaced)
    return (claims.cells, *totals, claims.by_tag)


def _least_change(
    before: AttackProblem, now: AttackProblem, origin: str | None, belief: int
) -> float | None:
    """Find the fewest people by which the counts (of one origin) can have changed."""
    size = len(now.places)
    weight = np.zeros(3 * size)
    of_origin = [
        not is_value(place) and (origin is None or place[0] == origin) for place in now.places
    ]
    weight[size:] = np.concatenate([of_origin, of_origin])
    constraints = list(before.constraints)
    for constraint in now.constraints:
        members, weights = constraint.members, constraint.weights
        plain = np.ones(len(members)) if weights is None else weights
        constraints.append(
            Constraint(
                np.concatenate([members, members + size, members + 2 * size]),
                constraint.low,
                constraint.high,
                np.concatenate([plain, plain, -plain]),
                constraint.belief,
            )
        )
    constraints += [
        Constraint(np.array([k, k + size, k + 2 * size]), 0, np.inf, np.array([1.0, 1.0, -1.0]))
        for k in range(size)
    ]
    solver = Solver(Limits.of(constraints, (), 3 * size), belief=belief, own=None)
    table = solver.table(weight, exact=False)
    table = solver.table(weight) if table is None else table
    return None if table is None else float(weight @ table)
