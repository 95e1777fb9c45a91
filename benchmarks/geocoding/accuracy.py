"""How often the answers are right, how sure they say they are, and which are wrong."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from calibrate import mixture
from noise import SLIPS
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist
from sets import absent, clean, lines, no_place, typed

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.geocoding.index import edits_allowed
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


def counties(gazetteer: Gazetteer, place_ids: pd.Series) -> pd.Series:
    """Name the county or borough of each place."""
    places = gazetteer.places
    around = places["county_id"].fillna(places["borough_id"]).map(places["name"])
    return place_ids.map(around)


def beside(names: pd.Series, areas: pd.Series) -> pd.Series:
    """Write an area behind each name."""
    return names.where(areas.isna() | (areas == ""), names + ", " + areas)


def absent_names(gazetteer: Gazetteer) -> tuple[list[dict[str, object]], list[str]]:
    """Real places that are not listed: how many are answered, and how many wrongly.

    An answer is wrong that lies over 10 km off, or of whose truth only the name is known.
    """
    asked = absent(gazetteer)
    within = asked["county"].replace("", None).astype(object)
    within = within.where(within.notna(), None)
    ways = [
        ("the name alone", asked["name"], None),
        ("its county behind a comma", beside(asked["name"], asked["county"]), None),
        ("its county as `within`", asked["name"], within),
    ]
    rows, wrong = [], []
    for label, names, areas in ways:
        answers = geocode(names, within=areas)
        off = km_off(gazetteer, answers, asked["lon"], asked["lat"])
        answered = answers["place_id"].notna().to_numpy()
        bad = answered & ~(off <= WITHIN_KM[1])
        rows.append(
            {
                "asked with": label,
                "names": len(asked),
                "answered": int(answered.sum()),
                "answered wrongly": int(bad.sum()),
                "answered wrongly %": round(100 * float(bad.mean()), 2),
            }
        )
        wrong += [
            f"{label}: {question!r} was answered with {name} ({via})"
            for question, name, via in zip(
                names[bad], answers["name"][bad], answers["via"][bad], strict=True
            )
        ]
    return rows, wrong


def decidable_slips(gazetteer: Gazetteer) -> list[dict[str, object]]:
    """Held-out names with one slip of the hand, decidable, with and without evidence."""
    asked = typed(gazetteer, edits=1, rows=ROWS, seed=SEED + 1, held_out=True, kinds=SLIPS)
    asked = asked[decidable(gazetteer, asked, 1)].reset_index(drop=True)
    areas = counties(gazetteer, asked["place_id"])
    ways: list[tuple[str, pd.Series, pd.Series | None]] = [
        ("nothing", asked["typed"], None),
        ("its county behind a comma", beside(asked["typed"], areas), None),
        ("its county as `within`", asked["typed"], areas),
        ("another row that spells it right", pd.concat([asked["typed"], asked["name"]]), None),
    ]
    rows = []
    for label, names, within in ways:
        answers = geocode(names, within=within).iloc[: len(asked)]
        true = asked["place_id"].to_numpy()
        placed = answers["place_id"].notna().to_numpy()
        right = answers["place_id"].to_numpy() == true
        first = right | (answers["suggestion_id"].to_numpy() == true)
        rows.append(
            {
                "asked with": label,
                "names": len(asked),
                "placed %": round(100 * float(placed.mean()), 2),
                "placed wrongly %": round(100 * float((placed & ~right).mean()), 2),
                "placed or suggested first %": round(100 * float(first.mean()), 2),
            }
        )
    return rows


def trade_off(gazetteer: Gazetteer) -> list[dict[str, object]]:
    """Say what accepting suggestions finds, and what it gets wrong; of held-out names."""
    asked = mixture(gazetteer, held_out=True, rows=ROWS, seed=SEED + 20)
    answers = geocode(asked["typed"])
    right = answers["suggestion_id"].to_numpy() == asked["place_id"].to_numpy()
    part, score = asked["part"].to_numpy(), answers["score"].to_numpy()
    suggested = (answers["status"] == "suggested").to_numpy()
    rows = []
    for least in (None, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0.0):
        taken = suggested & (score >= (2.0 if least is None else least))
        shares = {
            f"{name} found %": 100 * (taken & right)[part == name].mean()
            for name in ("slip", "one error", "two errors")
        }
        errors = part != "absent"
        rows.append(
            {
                "accepted from": "none" if least is None else least,
                **{name: round(float(share), 2) for name, share in shares.items()},
                "errors wrongly placed %": round(100 * float((taken & ~right)[errors].mean()), 2),
                "absent names wrongly placed %": round(100 * float(taken[~errors].mean()), 2),
            }
        )
    return rows


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
    """Of the suggestions of each score, how many were right: held-out names and noise."""
    asked = mixture(gazetteer, held_out=True, rows=10_000, seed=SEED + 10)
    answers = geocode(asked["typed"])
    suggested = (answers["status"] == "suggested").to_numpy()
    score, weight = answers["score"].to_numpy()[suggested], asked["weight"].to_numpy()[suggested]
    right = (answers["suggestion_id"].to_numpy() == asked["place_id"].to_numpy())[suggested]
    bins = pd.cut(score, [0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0])
    table = pd.DataFrame(
        {"score": bins, "weight": weight, "said": score * weight, "right": right * weight}
    )
    grouped = table.groupby("score", observed=True)
    total = grouped["weight"].sum()
    return pd.DataFrame(
        {
            "suggestions": grouped.size(),
            "share of all suggestions %": (100 * total / total.sum()).round(2),
            "mean score": (grouped["said"].sum() / total).round(3),
            "share right": (grouped["right"].sum() / total).round(3),
        }
    ).reset_index()
