"""Check of a manifest what no other number makes; the rest is compared with what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from linemap import schema
from linemap.auditing.findings import Finding
from linemap.auditing.published import Published
from linemap.auditing.words import Told

MANIFEST: Final = "manifest.json"
_KEYS: Final = frozenset((
    "format", "title", "basis", "stamp", "rule", "caveats", "attributions", "versions",
    "settings", "inputs", "sources", "series", "outputs", "seal",
))  # fmt: skip
_PERIODS: Final = (
    None, "month", "quarter", "year", "financial-quarter", "financial-year", "stated",
)  # fmt: skip
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SERIES: Final = re.compile(r"[0-9a-f]{16}")
_VERSION: Final = re.compile(r"\d+(\.\d+)*([.+]?[a-z]+\d*)*")
_VERSIONS: Final = frozenset((
    "linemap", "python", "folium", "geopandas", "matplotlib", "numpy", "pandas", "pyarrow",
    "pyogrio", "pyproj", "scipy", "shapely", "statsmodels", "XlsxWriter", "XStatic-Leaflet",
))  # fmt: skip
_PLATFORMS: Final = ("linux", "darwin", "win32", "cygwin")


def sentences(manifest: Mapping[str, Any]) -> list[str]:
    """Take the sentences of a manifest; whether they follow is compared."""
    rule = manifest["rule"] or {}
    words = [manifest["stamp"], *manifest["caveats"], *manifest["attributions"]]
    words += [str(rule.get("name", "")), str(rule.get("source", ""))]
    return [" ".join(str(text).split()) for text in words if text]


def check_manifest(
    manifest: Mapping[str, Any], published: Published, told_here: Told
) -> Iterator[Finding]:
    """Check what in a manifest no other number makes: settings, versions, hashes and the title."""
    settings, versions = manifest["settings"], manifest["versions"]
    strange = len(manifest.keys() - _KEYS)
    strange += sum(
        not _is_setting(key, value, manifest, published) for key, value in settings.items()
    )
    strange += sum(not _is_version(name, version) for name, version in versions.items())
    if strange:
        yield Finding("unknown", MANIFEST, "parts of the manifest that are not known", strange)
    series = manifest["series"]
    if series is not None and (published.terms is None or not _SERIES.fullmatch(str(series))):
        yield Finding("unknown", MANIFEST, "a name of a series that is no identifier")
    keys = {"hmac_sha256"} if published.terms is not None else {"name", "sha256"}
    hashes = sum(
        set(entry) != keys or not all(_HASH.fullmatch(entry[k]) for k in keys - {"name"})
        for entry in manifest["inputs"]
    )
    if hashes:
        yield Finding("content", MANIFEST, "plain hashes or names of the records' files", hashes)
    numbers = told_here.unknown(str(manifest["title"]))
    if numbers and published.terms is not None:
        yield Finding("unknown", MANIFEST, "numbers in the title that nothing else tells", numbers)


def _is_setting(key: str, value: Any, manifest: Mapping[str, Any], published: Published) -> bool:
    if key == "input":
        return value in (schema.RECORDS, schema.STATEMENTS)
    if key == "period":
        return value in _PERIODS
    if key == "rule":
        return value is None or bool(value == manifest["rule"])
    if key == "tags":
        return bool(value == list(published.tags))
    return key in ("allow_refused", "own_aliases") and isinstance(value, bool)


def _is_version(name: str, version: Any) -> bool:
    if name == "platform":
        return version in _PLATFORMS
    return name in _VERSIONS and _VERSION.fullmatch(str(version)) is not None
