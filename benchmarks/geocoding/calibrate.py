"""Fit how sure a mistyped name's answer is; prints the constants of linemap.geocoding.scoring.

    python benchmarks/geocoding/calibrate.py

The mixture that it is fitted on: of ten questions that no name answers as it is
written, six are names with one typing error, three with two, and one is no
place of the kingdom at all. Only names that are not held out are used.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from sets import is_held_out, no_place, typed

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.geocoding.scoring import features
from linemap.text import key

RIDGE = 0.01


def mixture(gazetteer: Gazetteer, *, held_out: bool, rows: int, seed: int) -> pd.DataFrame:
    """Questions of the mixture: typed, place_id (null for no place), weight."""
    one = typed(gazetteer, edits=1, rows=rows, seed=seed, held_out=held_out).assign(weight=0.6)
    two = typed(gazetteer, edits=2, rows=rows, seed=seed + 1, held_out=held_out).assign(weight=0.3)
    none = no_place()
    none = none[[is_held_out(name) == held_out for name in none["name"]]]
    none = pd.DataFrame({"typed": none["name"], "place_id": None}).assign(weight=0.1)
    parts = [one, two, none]
    return pd.concat(
        [part.assign(weight=part["weight"] * 1000 / len(part)) for part in parts], ignore_index=True
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
    gazetteer = Gazetteer.load()
    asked = mixture(gazetteer, held_out=False, rows=20_000, seed=2018)
    answers = geocode(asked["typed"])
    fuzzy = (answers["status"] == "fuzzy").to_numpy()
    asked, answers = asked[fuzzy], answers[fuzzy]
    questions = [key(name) for name in asked["typed"]]
    names = [key(name) for name in answers["name"]]
    x = np.column_stack(
        features(
            np.array([len(question) for question in questions]),
            np.array([min(OSA.distance(q, n), 2) for q, n in zip(questions, names, strict=True)]),
            np.array([len(rivals) for rivals in answers["rivals"]]),
            np.array([q[0] == n[0] for q, n in zip(questions, names, strict=True)]),
        )
    )
    right = (answers["place_id"].to_numpy() == asked["place_id"].to_numpy()).astype(float)
    beta = fit(x, right, asked["weight"].to_numpy())
    print("WEIGHTS = (" + ", ".join(f"{value:.3f}" for value in beta) + ")")


if __name__ == "__main__":
    main()
