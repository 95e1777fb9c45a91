"""Models of counts between places: distance decay, gravity, radiation, and their fit."""

from __future__ import annotations

from linemap.models.decay import FAMILIES, DecayFit, compare_decay, fit_decay
from linemap.models.goodness import (
    Dispersion,
    common_part_of_commuters,
    compare_counts,
    deviance_explained,
    dispersion_test,
    mean_cell_sorensen,
    poisson_deviance,
    srmse,
)
from linemap.models.gravity import GravityFit, fit_gravity, radiation
from linemap.models.pairs import months, with_zero_pairs

__all__ = [
    "FAMILIES",
    "DecayFit",
    "Dispersion",
    "GravityFit",
    "common_part_of_commuters",
    "compare_counts",
    "compare_decay",
    "deviance_explained",
    "dispersion_test",
    "fit_decay",
    "fit_gravity",
    "mean_cell_sorensen",
    "months",
    "poisson_deviance",
    "radiation",
    "srmse",
    "with_zero_pairs",
]
