"""Fit how sure a suggestion is; prints the constants of linemap.geocoding.match.

    python benchmarks/geocoding/calibrate.py

The mixture that it is fitted on, the prior: of ten names that no listed place
bears, six are real places that the gazetteer lacks, three are slips of the hand
in a listed name, and one is a listed name with another error or with two. Real
tables hold more unlisted places than typing errors; where yours do not, the
scores are too low. Only names that are not held out are used.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from noise import SLIPS
from rapidfuzz.distance import OSA
from sets import absent, is_held_out, typed

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.geocoding.match import features
from linemap.text import key

RIDGE = 0.01
PRIOR = {"absent": 0.6, "slip": 0.3, "one error": 0.05, "two errors": 0.05}


def mixture(gazetteer: Gazetteer, *, held_out: bool, rows: int, seed: int) -> pd.DataFrame:
    """Questions of the mixture: typed, place_id (null for no listed place), part, weight."""

    def drawn(edits: int, step: int, **options: tuple[str, ...]) -> pd.DataFrame:
        return typed(
            gazetteer, edits=edits, rows=rows, seed=seed + step, held_out=held_out, **options
        )

    none = absent(gazetteer).drop_duplicates("name")
    none = none[[is_held_out(name) == held_out for name in none["name"]]]
    parts = {
        "absent": pd.DataFrame({"typed": none["name"], "place_id": None}),
        "slip": drawn(1, 0, kinds=SLIPS),
        "one error": drawn(1, 1),
        "two errors": drawn(2, 2),
    }
    return pd.concat(
        [
            part.assign(part=name, weight=PRIOR[name] * 1000 / len(part))
            for name, part in parts.items()
        ],
        ignore_index=True,
    )


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Logistic regression with a small ridge, by Newton's method."""
    beta = np.zeros(x.shape[1])
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weight * (y - p)) - penalty @ beta
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    return beta


def main() -> None:
    """Fit and print."""
    gazetteer = Gazetteer.load()
    asked = mixture(gazetteer, held_out=False, rows=20_000, seed=2018)
    answers = geocode(asked["typed"])
    suggested = (answers["status"] == "suggested").to_numpy()
    asked, answers = asked[suggested], answers[suggested]
    questions = [key(name) for name in asked["typed"]]
    nearest = [key(name) for name in answers["suggestion"]]
    edits = [min(OSA.distance(q, n), 2) for q, n in zip(questions, nearest, strict=True)]
    x = np.column_stack(
        features(
            np.array([len(question) for question in questions]),
            np.array(edits),
            np.array([len(rivals) - 1 for rivals in answers["rivals"]]),
            np.array([q[0] == n[0] for q, n in zip(questions, nearest, strict=True)]),
            answers["via"].str.contains("slip").to_numpy(),
        )
    )
    right = (answers["suggestion_id"].to_numpy() == asked["place_id"].to_numpy()).astype(float)
    beta = fit(x, right, asked["weight"].to_numpy())
    print("WEIGHTS = (" + ", ".join(f"{value:.3f}" for value in beta) + ")")


if __name__ == "__main__":
    main()
