"""Typing errors with a fixed seed: what people's fingers do to a name."""

from __future__ import annotations

import random
from typing import Final

# Neighbours on a British keyboard, for the letter that was meant.
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS: Final = {
    letter: "".join(row[place + step] for step in (-1, 1) if 0 <= place + step < len(row))
    + "".join(
        other[near]
        for other in (_KEYS[number - 1] if number else "", _KEYS[number + 1] if number < 2 else "")
        for near in (place - 1, place, place + 1)
        if 0 <= near < len(other) and abs(near - place) <= 1
    )
    for number, row in enumerate(_KEYS)
    for place, letter in enumerate(row)
}
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
KINDS: Final = (
    "transposed",
    "doubled",
    "missing",
    "neighbouring key",
    "random letter",
    "extra letter",
)


SLIPS: Final = KINDS[:4]  # those that hands make


def one_edit(name: str, rng: random.Random, kinds: tuple[str, ...] = KINDS) -> str:
    """Make one typing error, of a kind drawn evenly, at an even place among the letters."""
    while True:
        kind = rng.choice(kinds)
        places = [place for place, letter in enumerate(name) if letter.isalpha()]
        place = rng.choice(places)
        letter = name[place]
        if kind == "transposed":
            if place + 1 >= len(name) or not name[place + 1].isalpha():
                continue
            if name[place + 1].lower() == letter.lower():
                continue
            swapped = name[place + 1] + letter
            return name[:place] + swapped + name[place + 2 :]
        if kind == "doubled":
            return name[:place] + letter + letter.lower() + name[place + 1 :]
        if kind == "missing":
            if len(places) < 3:
                continue
            return name[:place] + name[place + 1 :]
        if kind == "extra letter":
            return name[:place] + rng.choice(ALPHABET) + name[place:]
        pool = NEIGHBOURS.get(letter.lower(), "") if kind == "neighbouring key" else ALPHABET
        pool = pool.replace(letter.lower(), "")
        if pool:
            return name[:place] + rng.choice(pool) + name[place + 1 :]


def mistyped(name: str, edits: int, rng: random.Random, kinds: tuple[str, ...] = KINDS) -> str:
    """Make so many typing errors, none of which undoes another: the result differs."""
    while True:
        typed = name
        for _ in range(edits):
            typed = one_edit(typed, rng, kinds)
        if typed.lower() != name.lower():
            return typed
