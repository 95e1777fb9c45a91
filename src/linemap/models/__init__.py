"""Models of counts between places: distance decay, gravity, radiation, and their fit.

- `decay`: how quickly counts fall with distance.
- `gravity`: gravity models.
- `counts`: what may be fitted, the empty pairs, the fit.
- `_regression`: Poisson and negative-binomial regression.
"""

from __future__ import annotations

from linemap.models.counts import (
    Dispersion,
    common_part_of_commuters,
    compare_counts,
    deviance_explained,
    dispersion_test,
    mean_cell_sorensen,
    months,
    poisson_deviance,
    srmse,
    with_zero_pairs,
)
from linemap.models.decay import FAMILIES, DecayFit, compare_decay, fit_decay
from linemap.models.gravity import GravityFit, fit_gravity, radiation

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
