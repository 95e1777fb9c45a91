r"""Numbers as packed bytes, texts as escaped JSON: how data travel inside a page.

Integers are written in base-128 (seven bits a byte, least first, as in
Protocol Buffers), signed ones zigzagged and usually as differences, and the
bytes as base64. Texts keep only plain letters, digits and a few marks; every
other character is written as ``\uXXXX``, so that no text can end a script
block, open a tag or be read as a template, whatever encloses the page.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Integers = npt.NDArray[np.int64]

_SPECIAL = re.compile(r"[^A-Za-z0-9 _.,:;+/=()-]")


def varints(values: npt.ArrayLike) -> bytes:
    """Write unsigned integers in base-128, seven bits a byte, least significant first.

    >>> varints([1, 300]).hex()
    '01ac02'
    """
    rest = np.asarray(values, dtype=np.uint64).ravel()
    if rest.size == 0:
        return b""
    size = np.ones(rest.size, dtype=np.int64)
    for bits in range(7, 64, 7):
        size += rest >= (np.uint64(1) << np.uint64(bits))
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    out = np.zeros(int(size.sum()), dtype=np.uint8)
    for step in range(int(size.max())):
        here = size > step
        more = (size > step + 1)[here]
        out[first[here] + step] = (rest[here] & np.uint64(127)).astype(np.uint8) | (more * 128)
        rest = rest >> np.uint64(7)
    return out.tobytes()


def zigzag(values: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Fold signed integers into unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3."""
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint64)


def base64_text(data: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(data).decode("ascii")


def packed(values: npt.ArrayLike) -> str:
    """Pack unsigned integers."""
    return base64_text(varints(values))


def packed_differences(values: npt.ArrayLike) -> str:
    """Pack signed integers, each as its difference from the one before it (the first from 0)."""
    whole = np.asarray(values, dtype=np.int64).ravel()
    return base64_text(varints(zigzag(np.diff(whole, prepend=0))))


def packed_nullable(values: npt.NDArray[np.float64]) -> str:
    """Pack whole numbers of 0 or more: 0 stands for null, else the number + 1."""
    return packed(np.where(np.isnan(values), 0, np.nan_to_num(values) + 1).astype(np.int64))


def text_column(values: pd.Series) -> dict[str, Any]:
    """Pack a column of texts: its distinct texts in order of appearance, and an index to them.

    In the index 0 stands for null and k for the k-th text; a column that says
    the same in every row has that number once, as ``same``.
    """
    codes, distinct = pd.factorize(values.astype("object"))
    texts = [str(text) for text in distinct]
    if len(codes) and (codes == codes[0]).all():
        return {"texts": texts, "same": int(codes[0]) + 1}
    return {"texts": texts, "index": packed(codes + 1)}


def id_column(values: pd.Series) -> dict[str, Any]:
    """Pack a column of identifiers; those that are a prefix and a number travel as numbers."""
    texts = [str(value) for value in values]
    first = re.fullmatch(r"(\D*)(\d{1,15})", texts[0]) if texts else None
    if first is None:
        return text_column(values)
    prefix, digits, start = first[1], len(first[2]), int(first[2])
    packed_as = {"prefix": prefix, "digits": digits}
    if texts == [f"{prefix}{start + turn:0{digits}d}" for turn in range(len(texts))]:
        return {**packed_as, "from": start}
    shape = re.compile(rf"{re.escape(prefix)}(\d{{{digits}}})")
    parts = [shape.fullmatch(text) for text in texts]
    numbers = [int(part[1]) for part in parts if part]
    if len(numbers) < len(texts):
        return text_column(values)
    return {**packed_as, "numbers": packed_differences(numbers)}


def json_text(value: object) -> str:
    r"""Write plain data as JSON whose strings hold no special character.

    >>> print(json_text({"name": "King’s </script> {{ x }}"}))
    {"name":"King\u2019s \u003c/script\u003e \u007b\u007b x \u007d\u007d"}
    """
    if value is None:
        return "null"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return repr(number) if np.isfinite(number) else "null"
    if isinstance(value, str):
        return '"' + _SPECIAL.sub(_escape, value) + '"'
    if isinstance(value, Mapping):
        inside = (f"{json_text(str(key))}:{json_text(part)}" for key, part in value.items())
        return "{" + ",".join(inside) + "}"
    if isinstance(value, Iterable):
        return "[" + ",".join(json_text(part) for part in value) + "]"
    raise TypeError(f"A {type(value).__name__} does not travel in a page.")


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
