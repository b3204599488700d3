"""Firms differ: how stocks are spread among the firms of a customer, and what a squeeze takes.

The stocks of a segment's firms, by output and in weeks of need, are lognormal around their mean.
Supply falls behind by the same `D` weeks of need for all of them; who held less stands still. With
x a firm's stock and F the distribution (all in units of the mean stock, so that the mean is 1):

    c(D) = E[max(x - D, 0)]    mean stock left
    L(D) = E[max(D - x, 0)]    output lost so far;  c - L = 1 - D
    dL/dc = -F(D) / (1 - F(D))

L is convex and falling in c: the loss frontier. The programme holds it as tangents with fixed
slopes, so that a wider spread or another mean changes numbers and no coefficient.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]


def share_out(behind: Array, spread: Array) -> Array:
    """Share of output whose firms have used up their stock: F(D).

    Args:
        behind: D, in units of the mean stock.
        spread: sigma of the lognormal distribution; 0 where all firms are alike.
    """
    return np.asarray(ndtr(_score(behind, spread)))


def mean_left(behind: Array, spread: Array) -> Array:
    """Mean stock left, c(D), in units of the mean stock.

    >>> round(float(mean_left(np.array(0.0), np.array(0.45))), 6)
    1.0
    """
    score = _score(behind, spread)
    return np.asarray(ndtr(spread - score) - behind * ndtr(-score))


def stock_of_thinnest(share: float, spread: Array) -> Array:
    """Stock, in units of the mean, below which the thinnest share of output lies.

    >>> round(float(stock_of_thinnest(0.05, np.array(0.45))), 3)
    0.431
    """
    return np.asarray(np.exp(spread * ndtri(share) - spread**2 / 2.0))


def behind_of(left: Array, spread: Array) -> Array:
    """D from the mean stock left, the inverse of `mean_left`; 0 where the mean is left.

    >>> half = np.array(0.5)
    >>> bool(np.isclose(mean_left(behind_of(half, np.array(0.45)), np.array(0.45)), 0.5))
    True
    """
    left = np.maximum(np.asarray(left, dtype=np.float64), 1e-6)
    low, high = np.zeros_like(left + spread), np.full_like(left + spread, 50.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        over = mean_left(middle, spread) > left
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.where(left >= 1.0, 0.0, 0.5 * (low + high))


def slopes(shares: Sequence[float]) -> Array:
    """Output lost per unit of stock where a share of output stands still: F / (1 - F).

    >>> slopes([0.2, 0.5]).tolist()
    [0.25, 1.0]
    """
    out = np.array(shares, dtype=np.float64)
    return out / (1.0 - out)


def layers(spread: Array, shares: Sequence[float]) -> Array:
    """[customer, layer + 1] bounds of the layers of stock, in units of the mean, highest first.

    Between bounds k and k + 1 a unit of stock that is used up costs `slopes(shares)[k]` of output;
    above the first bound it costs none. The bounds are where the tangents at the shares meet, so
    that the frontier is never overstated, and exact where a share of firms in `shares` is out.

    Args:
        spread: [customer] sigma.
        shares: the shares of output that stand still at the tangent points, rising.
    """
    rate = np.concatenate([[0.0], slopes(shares)])
    points = np.array([stock_of_thinnest(share, spread) for share in shares])
    left = np.vstack([np.ones_like(spread), mean_left(points, spread)])
    lost = np.vstack([np.zeros_like(spread), left[1:] - 1.0 + points])
    height = lost + rate[:, None] * left
    bounds = (height[1:] - height[:-1]) / (rate[1:] - rate[:-1])[:, None]
    return np.vstack([np.minimum(bounds, 1.0), np.zeros_like(spread)[None]]).T


def _score(behind: Array, spread: Array) -> Array:
    """Standard score of a stock: minus infinity at none; a step at the mean without a spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (np.log(behind) + spread**2 / 2.0) / spread
    flat = np.where(behind < 1.0, -np.inf, np.inf)
    return np.where(spread > 0.0, score, flat)
