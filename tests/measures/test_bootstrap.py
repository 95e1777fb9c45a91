from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from linemap.errors import InputError
from linemap.measures import _statistics as bootstrap
from linemap.measures._statistics import distance_replicates, percentile_interval, resample

COUNTS = st.lists(st.integers(1, 60), min_size=1, max_size=20)


@given(COUNTS, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_each_replicate_has_as_many_records(counts: list[int], replicates: int, seed: int) -> None:
    values = np.array(counts, dtype=np.int64)
    blocks = np.vstack(list(resample(values, replicates, np.random.default_rng(seed))))
    again = np.vstack(list(resample(values, replicates, np.random.default_rng(seed))))
    assert blocks.shape == (replicates, len(counts))
    assert (blocks.sum(axis=1) == sum(counts)).all()
    assert (blocks == again).all()


@pytest.mark.parametrize("counts", [[500, 300, 200], [3, 2, 1, 1, 1, 1, 1]])
def test_both_ways_of_drawing_have_the_multinomials_mean_and_spread(counts: list[int]) -> None:
    values = np.array(counts, dtype=np.int64)
    n, p = values.sum(), values / values.sum()
    drawn = np.vstack(list(resample(values, 20_000, np.random.default_rng(4))))
    error = np.sqrt(n * p * (1 - p) / 20_000)
    assert (np.abs(drawn.mean(axis=0) - values) < 5 * error).all()
    assert drawn.var(axis=0) == pytest.approx(n * p * (1 - p), rel=0.06)


def test_the_work_is_cut_without_changing_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_AT_ONCE", 10)
    blocks = list(resample(np.array([5, 5, 5]), 10, np.random.default_rng(0)))
    assert [len(block) for block in blocks] == [3, 3, 3, 1]


def test_the_bootstrap_of_a_mean_has_the_textbooks_standard_error() -> None:
    rng = np.random.default_rng(6)
    km, counts = rng.uniform(10, 400, 50), rng.integers(1, 20, 50)
    means, quantiles, beyond = distance_replicates(
        km, counts, shares=[0.5], limits_km=[100], replicates=4_000, rng=rng
    )
    written_out = np.repeat(km, counts)
    n = len(written_out)
    assert means.std() == pytest.approx(written_out.std() / np.sqrt(n), rel=0.05)
    share = (written_out > 100).mean()
    assert beyond.mean() == pytest.approx(share, abs=0.01)
    assert beyond.std() == pytest.approx(np.sqrt(share * (1 - share) / n), rel=0.05)
    # Bootstrap medians, drawn plainly, have the same spread.
    plain = np.median(rng.choice(written_out, size=(4_000, n)), axis=1)
    assert quantiles.std() == pytest.approx(plain.std(), rel=0.1)


def test_many_distances_are_drawn_by_tenths_of_a_kilometre_with_the_same_law() -> None:
    rng = np.random.default_rng(12)
    km = np.sort(rng.gamma(2, 40, 6_000))
    limit = float(km[4_000])  # those exactly as far are not beyond it
    counts = rng.integers(1, 6, len(km))
    shares, limits = [0.25, 0.5, 0.9], [limit, 20.0]
    few = distance_replicates(
        km, counts, shares=shares, limits_km=limits, replicates=400, rng=np.random.default_rng(1)
    )
    written_out = np.repeat(km, counts)
    plain = rng.choice(written_out, size=(400, len(written_out)))
    expected = (
        plain.mean(axis=1)[:, None],
        np.quantile(plain, shares, axis=1, method="averaged_inverted_cdf").T,
        np.column_stack([(plain > one).mean(axis=1) for one in limits]),
    )
    for drawn, alike in zip(few[::2], expected[::2], strict=True):
        for column in range(drawn.shape[1]):
            assert ks_2samp(drawn[:, column], alike[:, column]).pvalue > 0.001
    drawn, alike = (np.quantile(one[1], [0.025, 0.5, 0.975], axis=0) for one in (few, expected))
    assert drawn == pytest.approx(alike, abs=0.1 + 0.4)  # a step, and what chance leaves
    assert few[0].mean() == pytest.approx(written_out.mean(), abs=0.1)
    assert few[2].mean(axis=0) == pytest.approx(
        [(written_out > one).mean() for one in limits], abs=0.002
    )


def test_steps_join_distances_and_keep_their_total_and_every_share() -> None:
    km = np.sort(np.random.default_rng(3).uniform(0, 30, 4_000))
    counts = np.arange(1, 4_001)
    limits = [float(km[1_000]), 12.0]
    joined, totals = bootstrap._in_steps(km, counts, limits)
    assert len(joined) <= 302
    assert (np.diff(joined) > 0).all()
    assert joined @ totals == pytest.approx(km @ counts)
    for limit in limits:
        assert totals[joined > limit].sum() == counts[km > limit].sum()


@given(COUNTS)
def test_replicates_lie_among_the_distances(counts: list[int]) -> None:
    km = np.arange(len(counts), dtype=float) * 10
    means, quantiles, beyond = distance_replicates(
        km, np.array(counts), shares=[0, 0.25, 0.5, 0.9, 1], limits_km=[0, 50], replicates=20,
        rng=np.random.default_rng(1),
    )  # fmt: skip
    for values in (means, quantiles):
        assert (values >= 0).all()
        assert (values <= km.max()).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert ((beyond >= 0) & (beyond <= 1)).all()


def test_refusals() -> None:
    with pytest.raises(InputError, match="1 replicate or more"):
        list(resample(np.array([1]), 0, np.random.default_rng(0)))
    with pytest.raises(InputError, match="between 0 and 1"):
        percentile_interval(np.zeros((2, 1)), 95)
