"""Stocks that differ among firms: closed forms, their inverse, and layers that bound a loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import lognorm

from supplychain.case.stock_distribution import (
    behind_of,
    layers,
    mean_left,
    share_out,
    slopes,
    stock_of_thinnest,
)

SIGMAS = (0.3, 0.45, 0.8)
BEHIND = (0.1, 0.4, 0.8, 1.0, 1.7, 3.0)
SHARES = [0.05, 0.2, 0.5, 0.85]
spreads = st.floats(0.1, 1.2)
amounts = st.floats(0.0, 4.0)


def law(sigma: float) -> lognorm:
    """Lognormal with mean 1."""
    return lognorm(s=sigma, scale=np.exp(-(sigma**2) / 2.0))


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("sigma", SIGMAS)
def test_closed_forms_are_the_integrals(sigma: float, behind: float) -> None:
    """F(D) and E[max(x - D, 0)], by quadrature over the density."""
    x = law(sigma)
    out, _ = quad(x.pdf, 0.0, behind)
    left, _ = quad(lambda s: (s - behind) * x.pdf(s), behind, np.inf, limit=200)
    d, spread = np.array(behind), np.array(sigma)
    assert float(share_out(d, spread)) == pytest.approx(out, abs=1e-7)
    assert float(mean_left(d, spread)) == pytest.approx(left, abs=1e-7)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_mean_is_one_and_the_thinnest_are_the_quantile(sigma: float) -> None:
    spread = np.array(sigma)
    assert float(mean_left(np.array(0.0), spread)) == pytest.approx(1.0, abs=1e-12)
    for share in SHARES:
        stock = stock_of_thinnest(share, spread)
        assert float(stock) == pytest.approx(law(sigma).ppf(share))
        assert float(share_out(stock, spread)) == pytest.approx(share)


def test_firms_alike_stop_all_at_once() -> None:
    alike = np.array(0.0)
    assert float(share_out(np.array(0.99), alike)) == 0.0
    assert float(share_out(np.array(1.01), alike)) == 1.0
    assert float(mean_left(np.array(0.25), alike)) == pytest.approx(0.75)
    assert float(mean_left(np.array(1.5), alike)) == pytest.approx(0.0)


@given(behind=amounts, sigma=spreads)
def test_weeks_behind_are_the_inverse_of_what_is_left(behind: float, sigma: float) -> None:
    """Where more than a thousandth is left; below it the inverse is cut off."""
    left = mean_left(np.array(behind), np.array(sigma))
    if float(left) > 1e-3:
        assert float(behind_of(left, np.array(sigma))) == pytest.approx(behind, abs=1e-4)


@given(left=st.floats(0.01, 0.999), sigma=spreads)
def test_what_is_left_is_the_inverse_of_weeks_behind(left: float, sigma: float) -> None:
    behind = behind_of(np.array(left), np.array(sigma))
    assert float(mean_left(behind, np.array(sigma))) == pytest.approx(left, abs=1e-9)


@given(more=st.floats(1.0, 5.0), sigma=spreads)
def test_nobody_is_behind_while_the_mean_is_there(more: float, sigma: float) -> None:
    assert float(behind_of(np.array(more), np.array(sigma))) == 0.0


@given(one=amounts, other=amounts, sigma=spreads)
def test_the_longer_behind_the_more_stand_still_and_the_less_is_left(
    one: float, other: float, sigma: float
) -> None:
    first, last = sorted((one, other))
    spread = np.array(sigma)
    assert share_out(np.array(first), spread) <= share_out(np.array(last), spread)
    assert mean_left(np.array(first), spread) >= mean_left(np.array(last), spread) - 1e-12


def lost(behind: float, sigma: float) -> float:
    """L(D) from c - L = 1 - D."""
    return float(mean_left(np.array(behind), np.array(sigma))) - 1.0 + behind


def by_layers(left: float, sigma: float, shares: list[float]) -> float:
    """What the layers say is lost when so much is left."""
    bounds = layers(np.array([sigma]), shares)[0]
    gone = np.clip(bounds[:-1] - left, 0.0, bounds[:-1] - bounds[1:])
    return float(gone @ slopes(shares))


@given(behind=amounts, sigma=spreads)
def test_layers_never_overstate_what_is_lost(behind: float, sigma: float) -> None:
    left = float(mean_left(np.array(behind), np.array(sigma)))
    assert by_layers(left, sigma, SHARES) <= lost(behind, sigma) + 1e-9


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("sigma", SIGMAS)
def test_layers_are_exact_where_a_tangent_touches(sigma: float, share: float) -> None:
    behind = float(stock_of_thinnest(share, np.array(sigma)))
    left = float(mean_left(np.array(behind), np.array(sigma)))
    assert by_layers(left, sigma, SHARES) == pytest.approx(lost(behind, sigma), abs=1e-9)


@given(sigma=spreads)
def test_layers_lie_in_order_between_the_mean_and_nothing(sigma: float) -> None:
    bounds = layers(np.array([sigma]), SHARES)[0]
    assert bounds[0] <= 1.0
    assert bounds[-1] == 0.0
    assert (np.diff(bounds) < 0.0).all()


@given(sigma=st.floats(0.2, 0.7))
def test_more_tangents_lose_no_less(sigma: float) -> None:
    for left in np.linspace(0.0, 1.0, 21):
        few = by_layers(float(left), sigma, [0.2, 0.5])
        assert by_layers(float(left), sigma, SHARES) >= few - 1e-12


@given(behind=st.floats(0.05, 0.95), narrow=spreads, wide=spreads)
def test_the_more_firms_differ_the_more_is_lost(behind: float, narrow: float, wide: float) -> None:
    """With the same stock in all and as far behind: the spread alone costs output."""
    less, more = sorted((narrow, wide))
    assert lost(behind, less) <= lost(behind, more) + 1e-12
