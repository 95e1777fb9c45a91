"""Releases that count the same records, and the ledger that keeps them from telling more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linemap.disclosure import Ledger, Release
from linemap.errors import DisclosureError
from linemap.release import Place, locked, prepare_private, safe_file_name

LEDGERS: Final = "linemap-private"


@dataclass(frozen=True, slots=True)
class Series:
    """The ledger of a series of releases, in a private folder beside them."""

    path: Path
    ledger: Ledger
    told: bool  # the caller named the series

    @classmethod
    @contextmanager
    def held(cls, out: Path, name: str, *, told: bool) -> Iterator[Series]:
        """Open the series `name` of the releases that lie beside `out`, for one build at a time.

        Raises
        ------
        OutputError
            If another build of the series is at work, or the private folder cannot be made.
        """
        path = Place.of(out).path.parent / LEDGERS / safe_file_name(name, ".json")
        prepare_private(path.parent)
        with locked(path.with_name(f".{path.stem}.linemap-lock")):
            yield cls(path, Ledger.read(path), told)

    def require_told(self, release: Release) -> None:
        """Refuse a release that may count the records of another series, unless it was named."""
        if self.told:
            return
        for other in sorted(self.path.parent.glob("*.json")):
            if other != self.path and Ledger.read(other).overlaps(release.covered):
                raise DisclosureError(
                    f"A release called {other.stem!r} beside this one counts the same measure "
                    "over the same time. If both count the same records they must agree: build "
                    f"with --series {other.stem}. If they count others, say so with a name of "
                    f"their own: --series {self.path.stem}."
                )

    def enter(self, release: Release) -> None:
        """Write the ledger with the release in it."""
        self.ledger.with_release(release).write(self.path)
