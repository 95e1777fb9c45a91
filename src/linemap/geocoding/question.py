"""What is asked, and each way to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from linemap.geocoding.choose import Point
from linemap.geocoding.conditions import Within
from linemap.geocoding.wording import Reading


class Question(NamedTuple):
    """A name, the level asked (or None) and the area that it must lie in (or None)."""

    name: str
    level: str | None = None
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A reading of a question made ready: its areas, the points it is near, or what is unknown."""

    reading: Reading
    level: str | None
    areas: tuple[Within, ...] = ()
    near: tuple[tuple[tuple[Point, ...], float], ...] = ()  # points, and how far from them in km
    unknown: str | None = None
    several: bool = False
    level_is_wording: bool = False  # its kind words say the level, not the caller
    perhaps_several: bool = False  # an area behind the name is a town too: maybe the next of a list

    @property
    def has_context(self) -> bool:
        """Whether anything says where the place is."""
        return bool(self.areas or self.near)

    @property
    def spelling(self) -> str:
        """The base without spaces, as the index files it."""
        return self.reading.base.replace(" ", "")
