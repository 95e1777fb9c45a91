"""How often the answers are right, how sure they say they are, and which are wrong."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from calibrate import mixture
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist
from sets import clean, lines, no_place, typed

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.geocoding.fuzzy_index import edits_allowed
from linemap.text import key

WITHIN_KM: Final = (5, 10, 20)
SEED: Final = 20_260_101
ROWS: Final = 4_000


def km_off(
    gazetteer: Gazetteer, answers: pd.DataFrame, lon: pd.Series, lat: pd.Series
) -> np.ndarray:
    """Measure how far each answer lies from the truth; nan where there is none."""
    found = gazetteer.places[["lon", "lat"]].reindex(answers["place_id"])
    east = (found["lon"].to_numpy() - lon.to_numpy()) * np.cos(np.radians(lat.to_numpy()))
    return 111.2 * np.hypot(east, found["lat"].to_numpy() - lat.to_numpy())


def row(label: str, answers: pd.DataFrame, off: np.ndarray) -> dict[str, object]:
    """Sum one set up: how many, how many answered, and the share right of those."""
    answered = answers["place_id"].notna().to_numpy()
    return {
        "set": label,
        "names": len(answers),
        "answered": int(answered.sum()),
        "answered %": round(100 * float(answered.mean()), 2),
        **{
            f"right within {km} km, % of answered": round(
                100 * float((off[answered] <= km).mean()), 2
            )
            for km in WITHIN_KM
        },
    }


def misses(label: str, asked: pd.Series, answers: pd.DataFrame, off: np.ndarray) -> list[str]:
    """List answers more than 5 km off, by name."""
    wrong = (answers["place_id"].notna() & (off > WITHIN_KM[0])).to_numpy()
    return [
        f"{label}: {question!r} was answered with {name} ({place}), {km:.0f} km off"
        for question, name, place, km in zip(
            asked[wrong],
            answers["name"][wrong],
            answers["place_id"][wrong],
            off[wrong],
            strict=True,
        )
    ]


def clean_names(gazetteer: Gazetteer) -> tuple[list[dict[str, object]], list[str], list[str]]:
    """Names from general knowledge, with and without a context."""
    table = clean()
    within = table["context"].replace("", None)
    commas = pd.Series(
        [f"{n}, {c}" if c else n for n, c in zip(table["name"], table["context"], strict=True)]
    )
    ways = [
        (
            "clean, level and `within` given",
            table["name"],
            {"levels": "settlement", "within": within},
        ),
        ("clean, county behind a comma", commas, {"levels": "settlement"}),
        ("clean, the name alone", table["name"], {}),
    ]
    rows, wrong, unanswered = [], [], []
    for label, names, options in ways:
        answers = geocode(names, **options)
        off = km_off(gazetteer, answers, table["lon"], table["lat"])
        rows.append(row(label, answers, off))
        wrong += misses(label, names, answers, off)
        none = answers["place_id"].isna()
        if none.any():
            unanswered.append(
                f"{label}: "
                + ", ".join(
                    f"{n} ({s})" for n, s in zip(names[none], answers["status"][none], strict=True)
                )
            )
    return rows, wrong, unanswered


def decidable(gazetteer: Gazetteer, asked: pd.DataFrame, edits: int) -> np.ndarray:
    """Say of which mistyped names the true one is the only one within the edits made."""
    spellings = sorted({key(name) for name in gazetteer.places["name"]})
    near = cdist(
        [key(name) for name in asked["typed"]], spellings, scorer=OSA.distance,
        score_cutoff=edits, dtype=np.uint8,
    ) <= edits  # fmt: skip
    position = {spelling: place for place, spelling in enumerate(spellings)}
    true = [position[key(name)] for name in asked["name"]]
    return (near.sum(axis=1) == 1) & near[np.arange(len(asked)), true]


def mistyped_names(gazetteer: Gazetteer) -> tuple[list[dict[str, object]], list[str]]:
    """Held-out names with one and two typing errors."""
    rows, wrong = [], []
    for edits in (1, 2):
        asked = typed(gazetteer, edits=edits, rows=ROWS, seed=SEED + edits, held_out=True)
        answers = geocode(asked["typed"])
        off = km_off(gazetteer, answers, asked["lon"], asked["lat"])
        label = "one typing error" if edits == 1 else "two typing errors"
        sure = decidable(gazetteer, asked, edits)
        answered = answers["place_id"].notna().to_numpy()
        rows.append(
            {
                **row(label, answers, off),
                "decidable %": round(100 * float(sure.mean()), 2),
                "answered, % of the decidable": round(100 * float(answered[sure].mean()), 2),
            }
        )
        true = asked["name"].to_numpy()
        wrong += [
            line.replace(" was answered", f" ({true[place]}) was answered")
            for place, line in zip(
                np.flatnonzero(answered & (off > WITHIN_KM[0])),
                misses(label, asked["typed"], answers, off), strict=True,
            )
        ]  # fmt: skip
    return rows, wrong


def nowhere(gazetteer: Gazetteer) -> tuple[list[dict[str, object]], list[str], list[str]]:
    """Names that are no place: those within the accepted edits of one stand apart."""
    names = no_place()["name"]
    spellings = sorted({key(name) for name in gazetteer.places["name"]}
                       | {key(alias) for alias in gazetteer.aliases["alias"]})  # fmt: skip
    distance = cdist([key(name) for name in names], spellings, scorer=OSA.distance, dtype=np.uint8)
    allowed = np.array([edits_allowed(len(spelling)) for spelling in spellings])
    close = (distance <= allowed).any(axis=1)
    rows, wrong, near = [], [], []
    for label, part in (
        ("far from every UK name", names[~close]),
        ("a UK name, or nearly", names[close]),
    ):
        answers = geocode(part)
        placed = answers["place_id"].notna().to_numpy()
        rows.append(
            {"set": f"no place, {label}", "names": len(part), "answered": int(placed.sum())}
        )
        (wrong if label.startswith("far") else near).extend(
            f"{q!r} was answered with {n} (score {s:.2f})"
            for q, n, s in zip(
                part[placed], answers["name"][placed], answers["score"][placed], strict=True
            )
        )
    return rows, wrong, near


def ambiguous() -> tuple[dict[str, object], list[str]]:
    """Names that are genuinely ambiguous without a level or context."""
    names = pd.Series(lines("ambiguous"))
    answers = geocode(names)
    flagged = (answers["status"] == "ambiguous").to_numpy()
    unflagged = answers[~flagged]
    wrong = [
        f"{n!r}: {s}, {p}"
        for n, s, p in zip(names[~flagged], unflagged["status"], unflagged["name"], strict=True)
    ]
    return {"set": "genuinely ambiguous", "names": len(names), "flagged": int(flagged.sum())}, wrong


def homonyms() -> tuple[dict[str, object], list[str]]:
    """Foreign towns that are, or nearly are, UK names: what is answered for them."""
    names = pd.Series(lines("homonyms"))
    answers = geocode(names)
    said = answers["status"].value_counts().to_dict()
    fuzzy = (answers["status"] == "fuzzy").to_numpy()
    return {"set": "foreign towns with UK names", "names": len(names), **said}, [
        f"{n!r} was answered with {a}"
        for n, a in zip(names[fuzzy], answers["name"][fuzzy], strict=True)
    ]


def reliability(gazetteer: Gazetteer) -> pd.DataFrame:
    """Of the answers of each score, how many were right: held-out names and noise."""
    asked = mixture(gazetteer, held_out=True, rows=10_000, seed=SEED + 10)
    answers = geocode(asked["typed"])
    answered = (answers["status"] == "fuzzy").to_numpy()
    score, weight = answers["score"].to_numpy()[answered], asked["weight"].to_numpy()[answered]
    right = (answers["place_id"].to_numpy() == asked["place_id"].to_numpy())[answered]
    bins = pd.cut(score, [0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 1.0])
    table = pd.DataFrame(
        {"score": bins, "weight": weight, "said": score * weight, "right": right * weight}
    )
    grouped = table.groupby("score", observed=True)
    total = grouped["weight"].sum()
    return pd.DataFrame(
        {
            "answers": grouped.size(),
            "share of all answers %": (100 * total / total.sum()).round(2),
            "mean score": (grouped["said"].sum() / total).round(3),
            "share right": (grouped["right"].sum() / total).round(3),
        }
    ).reset_index()
