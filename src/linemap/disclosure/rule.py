"""The publication rule: whose it is, what is hidden, and how the rest is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linemap.errors import InputError

_OWN: Final = "the data owner's rule"
_TEN_FIVE: Final = "10-5 rule"
_NHS: Final = "NHS England, sub-national counts"
_DFE: Final = "DfE, counts of children"
_OPENSAFELY: Final = "OpenSAFELY, 7 or fewer redacted, rounded to 5"
_SOURCES: Final = {
    _TEN_FIVE: "Office for National Statistics, the 10-5 rule for outputs from linked data",
    _NHS: "NHS England, disclosure control for sub-national statistics: 1 to 7 are not shown, "
    "the rest are rounded to 5, means for 8 or more",
    _DFE: "Department for Education, statistics of children: 1 to 5 are not shown, with "
    "secondary suppression, national totals are rounded to 10",
    _OPENSAFELY: "OpenSAFELY, statistical disclosure control of outputs: counts of 7 or fewer are "
    "redacted, the rest are rounded to the nearest 5",
}
# Threshold, base, base of national totals and interval of each rule in use.
_TERMS: Final[dict[str, tuple[int | None, ...]]] = {
    name.casefold(): terms
    for name, terms in (
        (_TEN_FIVE, (10, 5, None, None)),
        (_NHS, (8, 5, None, None)),
        (_DFE, (6, 1, 10, 5)),
        (_OPENSAFELY, (8, 5, None, None)),
    )
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Say what may be shown of counts of people; the data's owner decides it.

    Counts under `threshold` are not shown, and look the same as zero. The
    others are rounded to the nearest multiple of `base`; totals over everything
    to `total_base`, or to `base` where that is None. No count that is not shown
    may be computable to within less than `interval` (None: `base`).
    Statistics of distance are given for at least `threshold` people, to the
    nearest `km_base` kilometres. Periods are of at least `months` months.

    `name` and `source` default to those of the 10-5 rule for its numbers, and to the
    data owner's for any others. A rule in use (:data:`PRESETS`) whose numbers are changed
    loses its name.

    >>> Rule().name, Rule(threshold=4, base=3).name
    ('10-5 rule', "the data owner's rule, 4-3")
    """

    threshold: int = 10
    base: int = 5
    name: str = ""
    source: str = ""
    total_base: int | None = None
    interval: int | None = None
    km_base: int = 5
    months: int = 3

    def __post_init__(self) -> None:
        faults = [
            f"{field} is {value}; it must be a whole number of at least {least}"
            for field, value, least in (
                ("threshold", self.threshold, 3),
                ("base", self.base, 1),
                ("total_base", self.base if self.total_base is None else self.total_base, 1),
                ("interval", self.width, 3),
                ("km_base", self.km_base, 5),
                ("months", self.months, 3),
            )
            if isinstance(value, bool) or not isinstance(value, int) or value < least
        ]
        words = (("name", self.name), ("source", self.source))
        faults += [
            f"{name} is {text!r}, not text" for name, text in words if not isinstance(text, str)
        ]
        if not faults and self.width >= self.threshold:
            faults = [f"interval is {self.width}; it must be under the threshold, {self.threshold}"]
        if faults:
            raise InputError(f"This rule cannot protect: {'; '.join(faults)}.")
        name = self.name or ("" if self._terms != _TERMS[_TEN_FIVE] else _TEN_FIVE)
        if _TERMS.get(name.casefold().strip(), self._terms) != self._terms:
            name = ""
        standard = _SOURCES.get(name, self.source)
        object.__setattr__(self, "name", name or f"{_OWN}, {self.threshold}-{self.base}")
        object.__setattr__(self, "source", standard if name else "the data's owner")

    @property
    def _terms(self) -> tuple[int | None, ...]:
        """The numbers that make a rule in use what it is."""
        return self.threshold, self.base, self.total_base, self.interval

    @property
    def width(self) -> int:
        """The least width of what can be computed about a count that is not shown."""
        return self.base if self.interval is None else self.interval

    def rounded(self, count: int, *, total: bool = False) -> int:
        """Round a count that may be shown to the nearest multiple of the base, halves upwards.

        What would round to less than the threshold is rounded up: a number
        that is shown never looks smaller than one that may be.

        >>> Rule().rounded(12), Rule().rounded(13), Rule(threshold=8).rounded(8)
        (10, 15, 10)
        """
        base = self.total_base if total and self.total_base is not None else self.base
        return max((2 * count + base) // (2 * base), -(-self.threshold // base)) * base

    def meaning(self, shown: int, *, total: bool = False) -> tuple[int, int]:
        """Say which counts are shown as `shown`: the least and the most.

        >>> Rule().meaning(10), Rule().meaning(15), Rule(threshold=8).meaning(10)
        ((10, 12), (13, 17), (8, 12))
        """
        base = self.total_base if total and self.total_base is not None else self.base
        least = self.threshold if shown - base < self.threshold else shown - base // 2
        return least, shown + (base - 1) // 2

    def shown(self, count: int, *, total: bool = False) -> int | None:
        """Return what may be shown of a count on its own, or None.

        >>> Rule().shown(9), Rule().shown(12)
        (None, 10)
        """
        return self.rounded(count, total=total) if count >= self.threshold else None

    @property
    def sentence(self) -> str:
        """The rule in words, for every output."""
        rounding = "" if self.base == 1 else f", the others are rounded to the nearest {self.base}"
        return (
            f"Counts under {self.threshold} are not shown and look the same as zero{rounding} "
            f"({self.name}). Totals are rounded on their own and need not equal the sum of "
            "what is shown."
        )


TEN_FIVE: Final = Rule(name=_TEN_FIVE)
NHS: Final = Rule(threshold=8, base=5, name=_NHS)
DFE: Final = Rule(threshold=6, base=1, total_base=10, interval=5, name=_DFE)
OPENSAFELY: Final = Rule(threshold=8, base=5, name=_OPENSAFELY)
PRESETS: Final[dict[str, Rule]] = {
    "ons": TEN_FIVE, "nhs": NHS, "dfe": DFE, "opensafely": OPENSAFELY,
}  # fmt: skip
