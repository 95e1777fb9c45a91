"""Find the names within two typing errors of a question, many questions at once.

Two names within *d* edits (an edit inserts, deletes, replaces one letter, or
swaps two neighbours) share a string that is left of each after at most *d*
deletions. So each name files the hashes of what is left of it, a question
looks up the hashes of what is left of itself, and only those who meet are
measured. The cost of a question hardly depends on how many names there are.
(Deletion neighbourhoods: Mor and Fraenkel 1982, "A hash code method for
detecting and correcting spelling errors", CACM 25(12).)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

MOST_EDITS: Final = 2
# Of a longer name only so many letters are filed: what is left of two names
# after deletions agrees on its beginning too.
_PREFIX: Final = 11
_CHUNK: Final = 16_384
_LARGE_TABLE: Final = 2**22  # entries: more than the processor keeps at hand
_WEIGHTS: Final = tuple(
    (0x9E3779B97F4A7C15 ** (2 * place + 3) >> 16) % 2**32 | 1 for place in range(_PREFIX)
)


def edits_allowed(letters: int) -> int:
    """Say how many typing errors a name of so many letters may bear and still be known."""
    return 0 if letters < 4 else 1 if letters < 6 else MOST_EDITS


def _remainders(letters: NDArray[np.uint32], edits: int) -> NDArray[np.uint32]:
    """Hash what is left of each name (one a row, all of one length) after 0 to `edits` deletions.

    A hash is the sum of each letter times the weight of its place; running sums
    under the weights shifted by 0, 1 and 2 places give every deletion at once.
    """
    count, length = letters.shape
    weights = np.array(_WEIGHTS[:length], dtype=np.uint32)
    sums = np.zeros((MOST_EDITS + 1, count, length + 1), dtype=np.uint32)
    for shift in range(min(edits, length) + 1):
        np.cumsum(
            letters[:, shift:] * weights[: length - shift], axis=1, out=sums[shift, :, shift + 1 :]
        )
    kept = [sums[0, :, length:]]
    if edits >= 1 and length > 1:
        out = np.arange(length)
        kept.append(sums[0][:, out] + (sums[1][:, [length]] - sums[1][:, out + 1]))
    if edits >= 2 and length > 2:
        pairs = np.array(list(combinations(range(length), 2)))
        first, second = pairs[:, 0], pairs[:, 1]
        kept.append(
            sums[0][:, first]
            + (sums[1][:, second] - sums[1][:, first + 1])
            + (sums[2][:, [length]] - sums[2][:, second + 1])
        )
    return np.concatenate(kept, axis=1)


def _all_remainders(
    names: Sequence[str], edits: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Hash what is left of every name, and say of which name (by position) each hash is."""
    text = "".join([name[:_PREFIX].ljust(_PREFIX) for name in names])
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    letters = letters.reshape(len(names), _PREFIX)
    lengths = np.minimum(np.fromiter(map(len, names), np.int64, len(names)), _PREFIX)
    kinds = lengths * (MOST_EDITS + 1) + edits
    hashes, owners = [np.empty(0, np.uint32)], [np.empty(0, np.int32)]
    for kind in np.unique(kinds).tolist():
        length, most = divmod(kind, MOST_EDITS + 1)
        if length:
            of_kind = np.flatnonzero(kinds == kind).astype(np.int32)
            left = _remainders(letters[of_kind, :length], most)
            hashes.append(left.ravel())
            owners.append(np.repeat(of_kind, left.shape[1]))
    return np.concatenate(hashes), np.concatenate(owners)


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of a question and a name near it, by position, ordered by question and edits."""

    question: NDArray[np.int64]
    name: NDArray[np.int64]
    edits: NDArray[np.int64]


class Deletions:
    """Names, filed by what is left of them after deletions."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._allowed = np.array([edits_allowed(len(name)) for name in names], dtype=np.int64)
        filed = np.flatnonzero(self._allowed > 0)
        hashes, owners = _all_remainders([names[p] for p in filed.tolist()], self._allowed[filed])
        bits = min(26, max(8, len(hashes).bit_length() + 1))
        self._shift = np.uint32(32 - bits)
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._owners = filed[owners[order]].astype(np.int32) if len(filed) else owners
        buckets = (self._hashes >> self._shift).astype(np.int64)
        self._starts = np.concatenate(
            ([0], np.cumsum(np.bincount(buckets, minlength=2**bits)))
        ).astype(np.int32)
        self._is_large = len(self._starts) > _LARGE_TABLE

    def near(self, questions: Sequence[str]) -> Near:
        """Find every name within the edits that it allows of each question."""
        parts = [
            self._near(questions[start : start + _CHUNK], start)
            for start in range(0, len(questions), _CHUNK)
        ]
        empty = np.empty(0, dtype=np.int64)
        question, name, edits = (
            np.concatenate([empty, *(part[column] for part in parts)]) for column in range(3)
        )
        return Near(question, name, edits)

    def _near(self, questions: Sequence[str], offset: int) -> tuple[NDArray[np.int64], ...]:
        hashes, askers = _all_remainders(questions, np.full(len(questions), MOST_EDITS))
        if self._is_large:  # looked up in order, the table is read from end to end
            packed = (hashes.astype(np.uint64) << np.uint64(32)) | askers.astype(np.uint64)
            packed.sort()
            hashes = (packed >> np.uint64(32)).astype(np.uint32)
            askers = packed.astype(np.uint32).astype(np.int32)
        buckets = (hashes >> self._shift).astype(np.int64)
        starts = self._starts[buckets]
        counts = self._starts[buckets + 1] - starts
        held = np.flatnonzero(counts)
        counts = counts[held]
        ends = np.cumsum(counts)
        source = np.repeat(held, counts)
        found = np.arange(len(source)) + np.repeat(starts[held] - ends + counts, counts)
        meets = np.flatnonzero(self._hashes[found] == hashes[source])
        pairs = np.sort(
            askers[source[meets]].astype(np.int64) * len(self._names) + self._owners[found[meets]]
        )
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        asker, name = np.divmod(pairs, max(1, len(self._names)))
        edits = cpdist(
            list(map(questions.__getitem__, asker.tolist())),
            list(map(self._names.__getitem__, name.tolist())),
            scorer=OSA.distance,
            score_cutoff=MOST_EDITS,
            dtype=np.uint8,
        ).astype(np.int64)
        good = np.flatnonzero(edits <= self._allowed[name])
        asker, name, edits = asker[good], name[good], edits[good]
        order = np.argsort(asker * (MOST_EDITS + 1) + edits, kind="stable")
        return asker[order] + offset, name[order], edits[order]


# Neighbours on a British keyboard.
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _keyboard() -> NDArray[np.bool_]:
    """Say of each two letters of a to z whether their keys are beside or above each other."""
    touch = np.zeros((26, 26), dtype=np.bool_)
    spots = {ord(key) - 97: (x, y) for y, row in enumerate(_KEYS) for x, key in enumerate(row)}
    for one, (x, y) in spots.items():
        for other, (u, v) in spots.items():
            touch[one, other] = one != other and abs(y - v) <= 1 and abs(x - u) <= 1
    return touch


_TOUCH: Final = _keyboard()


def is_slip(typed: str, name: str) -> bool:
    """Say whether a spelling that is one edit from a name is a likely typing error."""
    longer = len(typed) - len(name)
    if longer < 0:
        return True
    at = next((at for at, (a, b) in enumerate(zip(typed, name, strict=False)) if a != b), len(name))
    if longer > 0:
        return at > 0 and typed[at] == typed[at - 1]
    if typed[at + 1 :] != name[at + 1 :]:
        return True  # two letters swapped
    struck, meant = ord(typed[at]) - 97, ord(name[at]) - 97
    return 0 <= struck < 26 and 0 <= meant < 26 and bool(_TOUCH[struck, meant])


def are_slips(typed: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Say which spellings, each one edit from the name beside it, are slips of the hand.

    A slip swaps two letters, doubles one, leaves one out, or strikes the key
    beside it. Spaces and apostrophes are in neither spelling.

    >>> are_slips(["swafham", "basilldon", "portchester", "gatwick"],
    ...           ["swaffham", "basildon", "porchester", "patwick"]).tolist()
    [True, True, False, False]
    """
    if not len(typed):
        return np.zeros(0, dtype=np.bool_)
    width = max(map(len, [*typed, *names])) + 1
    ours, theirs = (
        np.array(list(texts), dtype=f"U{width}").view(np.uint32).reshape(len(texts), width)
        for texts in (typed, names)
    )
    longer = (ours != 0).sum(axis=1) - (theirs != 0).sum(axis=1)
    differs = ours != theirs
    at = differs.argmax(axis=1)
    rows = np.arange(len(typed))
    struck, meant, before = ours[rows, at], theirs[rows, at], ours[rows, np.maximum(at - 1, 0)]
    letters = (struck >= 97) & (struck <= 122) & (meant >= 97) & (meant <= 122)
    beside = np.zeros(len(typed), dtype=np.bool_)
    beside[letters] = _TOUCH[struck[letters] - 97, meant[letters] - 97]
    swapped = differs.sum(axis=1) == 2
    doubled = (longer == 1) & (struck == before) & (at > 0)
    return np.asarray((longer == -1) | doubled | ((longer == 0) & (swapped | beside)))
