"""Quantile functions against scipy's own laws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from supplychain.ensemble.distributions import (
    extremes,
    law_problems,
    make_law,
    quantile,
    triangular_quantiles,
)
from supplychain.ensemble.ensemble_definition import Distribution

GRID = (0.001, 0.05, 0.3, 0.5, 0.8, 0.999)


def cut(law: Any, low: float, high: float, at: float) -> float:
    """The quantile of a law cut at both ends."""
    first, last = law.cdf(low), law.cdf(high)
    return float(law.ppf(first + at * (last - first)))


@pytest.mark.parametrize("at", GRID)
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "uniform", "low": 2, "high": 5}, lambda q: stats.uniform(2, 3).ppf(q)),
        (
            {"kind": "triangular", "low": 1, "mode": 2, "high": 5},
            lambda q: stats.triang(0.25, 1, 4).ppf(q),
        ),
        (
            {"kind": "triangular", "low": 1, "mode": 1, "high": 5},
            lambda q: stats.triang(0, 1, 4).ppf(q),
        ),
        (
            {"kind": "normal", "mean": 1, "sd": 2, "low": 0, "high": 4},
            lambda q: stats.truncnorm(-0.5, 1.5, 1, 2).ppf(q),
        ),
        (
            {"kind": "lognormal", "median": 3, "sigma": 0.5},
            lambda q: stats.lognorm(0.5, scale=3).ppf(q),
        ),
        (
            {"kind": "lognormal", "median": 3, "sigma": 0.5, "low": 2, "high": 4},
            lambda q: cut(stats.lognorm(0.5, scale=3), 2, 4, q),
        ),
        (
            {"kind": "lognormal", "median": 3, "sigma": 0.5, "low": -1},
            lambda q: stats.lognorm(0.5, scale=3).ppf(q),
        ),
        (
            {"kind": "beta", "a": 2, "b": 3, "low": 1, "high": 5},
            lambda q: stats.beta(2, 3, 1, 4).ppf(q),
        ),
    ],
)
def test_a_quantile_is_that_of_the_law(given: dict[str, Any], expected: Any, at: float) -> None:
    assert list(law_problems(given)) == []
    assert quantile(make_law(given), at) == pytest.approx(float(expected(at)), rel=1e-9)


def test_a_choice_is_made_in_proportion_to_its_weights() -> None:
    law = make_law({"kind": "choice", "values": [1, 5, 9], "weights": [1, 2, 1]})
    assert [quantile(law, at) for at in (0.01, 0.24, 0.26, 0.74, 0.76, 0.999999)] == [
        1, 1, 5, 5, 9, 9,
    ]  # fmt: skip
    even = make_law({"kind": "choice", "values": [1, 5]})
    assert even.weights == (1.0, 1.0)
    assert extremes(law) == (1.0, 9.0)


def test_rows_of_any_range_have_their_own_quantiles() -> None:
    low, mode, high = (np.array(x, float) for x in ([0, 1, 4], [1, 1, 4], [2, 3, 4]))
    assert triangular_quantiles(low, mode, high, 0.5).tolist() == pytest.approx(
        [1.0, 3 - math.sqrt(2), 4.0]
    )


def test_the_ends_of_laws() -> None:
    assert extremes(make_law({"kind": "uniform", "low": 2, "high": 5})) == (2.0, 5.0)
    assert extremes(Distribution("lognormal", {"median": 3, "sigma": 1})) == (0.0, math.inf)


@pytest.mark.parametrize(
    ("given", "key", "message"),
    [
        ({"kind": "beta", "a": 0, "b": 1, "low": 0, "high": 1}, "a", "0 is not above 0"),
        ({"kind": "normal", "mean": 0, "sd": -1, "low": 0, "high": 1}, "sd", "-1 is not above"),
        ({"kind": "lognormal", "median": 1, "sigma": 1, "high": 0}, "high", "0 is not above 0"),
        ({"kind": "triangular", "low": 0, "mode": 4, "high": 1}, "mode", "4 lies outside 0 to 1"),
        ({"kind": "choice", "values": []}, "values", "nothing to choose"),
        ({"kind": "choice", "values": [1], "weights": [1, 2]}, "weights", "2 weights for 1"),
        ({"kind": "choice", "values": [1, 2], "weights": [0, 0]}, "weights", "above 0"),
        ({"kind": "choice"}, "", "choice lacks values"),
    ],
)
def test_a_faulty_law_says_what_is_wrong(given: dict[str, Any], key: str, message: str) -> None:
    ((_, where, told, _),) = law_problems(given)
    assert where == key
    assert message in told
