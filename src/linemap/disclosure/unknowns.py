"""The hidden counts of a block, as few as will do for asking what could be computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from linemap.disclosure.blocks import Block
from linemap.disclosure.tree import ANYWHERE, UNPLACED


@dataclass(frozen=True, slots=True)
class Unknown:
    """The count from an origin to a place in `area`, or the sum of several that are alike.

    Places that nothing shown tells apart are alike: the first of them, and the
    sum of the others, stand for all; so are origins of which nothing is shown.
    `origins` and `places` say how many it stands for, `alike` how many places
    of `area` nothing tells apart.
    """

    origin: str
    area: str
    origins: int
    places: int
    alike: int
    first: bool
    truth: int
    holder: tuple[str, str] | None

    @property
    def single(self) -> bool:
        """Whether it is the count of one origin and one place."""
        return self.origins == 1 and self.first


def fine(block: Block, told: set[str]) -> tuple[Unknown, ...]:
    """List the unknowns for a reader who knows which places and origins occur at all.

    Of the origins in `told` something is shown.
    """
    named = _named(block)
    pools: dict[str, list[str]] = {}
    for place in sorted({destination for _, destination in block.counts}):
        area = next(over for over in block.destinations.upwards(place) if over in named)
        pools.setdefault(area, []).append(place)
    result = []
    for group in _groups(block, told):
        for origins in filter(None, (group[:1], group[1:])):
            for area, pool in pools.items():
                holder = block.holder(origins[0], area)
                for places in filter(None, (pool[:1], pool[1:])):
                    truth = sum(block.counts.get((o, d), 0) for o in origins for d in places)
                    result.append(
                        Unknown(
                            origins[0], area, len(origins), len(places), len(pool),
                            places == pool[:1], truth, holder,
                        )
                    )  # fmt: skip
    return tuple(result)


def coarse(block: Block, told: set[str]) -> tuple[Unknown, ...]:
    """List the unknowns for a reader who knows only what is shown.

    To that reader every area that is shown, at either end, may hold more than
    what is shown inside it, whether or not anything of the kind occurs.
    """
    named, origins = _named(block), told | {ANYWHERE}
    truth: dict[tuple[str, str], int] = {}
    for (origin, destination), count in block.counts.items():
        place = (
            next(over for over in block.origins.upwards(origin) if over in origins),
            next(over for over in block.destinations.upwards(destination) if over in named),
        )
        truth[place] = truth.get(place, 0) + count
    return tuple(
        Unknown(origin, area, 1, 1, 1, True, truth.get((origin, area), 0),
                block.holder(origin, area))
        for origin in sorted(origins)
        for area in sorted(named)
    )  # fmt: skip


def _named(block: Block) -> set[str]:
    return {cell.destination for cell in block.cells} | {ANYWHERE, UNPLACED}


def _groups(block: Block, told: set[str]) -> Iterator[list[str]]:
    """Yield each origin that something tells apart on its own, the others by their parent."""
    own = sorted({origin for origin, _ in block.counts})
    around = {area for origin in own for area in block.origins.upwards(origin) if area != origin}
    quiet: dict[str, list[str]] = {}
    for origin in own:
        if origin in told or origin in around or origin == ANYWHERE:
            yield [origin]
        else:
            quiet.setdefault(block.origins.parents[origin], []).append(origin)
    yield from quiet.values()
