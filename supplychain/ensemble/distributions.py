"""Laws of single numbers: what is wrong with one as written, and its quantile function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supplychain.ensemble.ensemble_definition import Distribution

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """The numbers that a kind of distribution needs and may have."""

    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "uniform": Kind(("low", "high")),
    "triangular": Kind(("low", "mode", "high")),
    "normal": Kind(("mean", "sd", "low", "high")),
    "lognormal": Kind(("median", "sigma"), ("low", "high")),
    "beta": Kind(("a", "b", "low", "high")),
    "choice": Kind(("values",), ("weights",)),
}

POSITIVE = ("sd", "median", "sigma", "a", "b")


def law_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with a distribution as written: code, key, message and hint.

    `given` holds the kind and every number that was written.
    """
    kind = KINDS[given["kind"]]
    known = (*kind.needs, *kind.may_have)
    listed = ", ".join(known)
    for key in given:
        if key not in ("kind", *known):
            yield "ENS-201", key, f"{given['kind']} has no {key}.", f"It knows {listed}."
    missing = [key for key in kind.needs if key not in given]
    if missing:
        message = f"{given['kind']} lacks {', '.join(missing)}."
        yield "ENS-201", "", message, f"It needs {', '.join(kind.needs)}."
        return
    for key in POSITIVE:
        if key in known and given[key] <= 0.0:
            yield "ENS-202", key, f"{given[key]:g} is not above 0.", ""
    yield from _order_problems(given)
    if given["kind"] == "choice":
        yield from _choice_problems(given)


def _order_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    low, high, mode = given.get("low"), given.get("high"), given.get("mode")
    if low is not None and high is not None and low >= high:
        message = f"low {low:g} is not below high {high:g}."
        yield "ENS-202", "low", message, "low < high must hold."
    elif mode is not None and low is not None and high is not None and not low <= mode <= high:
        message = f"mode {mode:g} lies outside {low:g} to {high:g}."
        yield "ENS-202", "mode", message, "low <= mode <= high must hold."
    if given["kind"] == "lognormal" and high is not None and high <= 0.0:
        yield "ENS-202", "high", f"{high:g} is not above 0.", "A lognormal number is above 0."


def _choice_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    values, weights = given["values"], given.get("weights")
    if not values:
        yield "ENS-202", "values", "there is nothing to choose from.", ""
    if weights is None:
        return
    if len(weights) != len(values):
        message = f"{len(weights)} weights for {len(values)} values."
        yield "ENS-202", "weights", message, "Give as many weights as values."
    elif min(weights, default=0.0) < 0.0 or sum(weights) <= 0.0:
        yield "ENS-202", "weights", "weights must not be negative, and one must be above 0.", ""


def make_law(given: Mapping[str, Any]) -> Distribution:
    """Turn a distribution as written, in which nothing is wrong, into the frozen one."""
    numbers = {k: float(v) for k, v in given.items() if k not in ("kind", "values", "weights")}
    values = tuple(float(v) for v in given.get("values", ()))
    weights = given.get("weights") or [1.0] * len(values)
    return Distribution(given["kind"], numbers, values, tuple(float(w) for w in weights))


def quantile(law: Distribution, at: float) -> float:
    """The number below which the law has the probability `at`, in (0, 1).

    >>> quantile(Distribution("uniform", {"low": 2.0, "high": 4.0}), 0.25)
    2.5
    """
    n = law.numbers
    if law.kind == "uniform":
        return n["low"] + at * (n["high"] - n["low"])
    if law.kind == "triangular":
        low, mode, high = (np.array([n[key]]) for key in ("low", "mode", "high"))
        return float(triangular_quantiles(low, mode, high, at)[0])
    if law.kind == "choice":
        shares = np.cumsum(law.weights) / sum(law.weights)
        place = int(np.searchsorted(shares, at, side="right"))
        return law.values[min(place, len(law.values) - 1)]
    return _smooth_quantile(law, at)


def extremes(law: Distribution) -> tuple[float, float]:
    """The lowest and the highest number of a law; infinite for a lognormal without a cut."""
    if law.kind == "choice":
        return min(law.values), max(law.values)
    if law.kind == "lognormal":
        return max(law.numbers.get("low", 0.0), 0.0), law.numbers.get("high", np.inf)
    return law.numbers["low"], law.numbers["high"]


def triangular_quantiles(low: Array, mode: Array, high: Array, at: float) -> Array:
    """Quantiles of triangular laws; where low equals high, that number.

    Inverse of F(x) = (x - low)^2 / ((high - low)(mode - low)) below the mode, and its mirror above.
    """
    width = high - low
    share = np.divide(mode - low, width, out=np.zeros_like(width), where=width > 0.0)
    below = low + np.sqrt(at * width * (mode - low))
    above = high - np.sqrt((1.0 - at) * width * (high - mode))
    return np.where(at < share, below, above)


def _smooth_quantile(law: Distribution, at: float) -> float:
    """Normal, lognormal and beta; a cut takes the quantiles between those of its ends."""
    from scipy.special import betaincinv, ndtr, ndtri

    n = law.numbers
    if law.kind == "beta":
        return float(n["low"] + betaincinv(n["a"], n["b"], at) * (n["high"] - n["low"]))
    centre, width = (
        (n["mean"], n["sd"]) if law.kind == "normal" else (np.log(n["median"]), n["sigma"])
    )
    cuts = dict(n) if law.kind == "normal" else _logs_of_cuts(n)
    first = ndtr((cuts["low"] - centre) / width) if "low" in cuts else 0.0
    last = ndtr((cuts["high"] - centre) / width) if "high" in cuts else 1.0
    found = float(centre + width * ndtri(first + at * (last - first)))
    if law.kind == "lognormal":
        found = float(np.exp(found))
    return float(np.clip(found, n.get("low", -np.inf), n.get("high", np.inf)))


def _logs_of_cuts(numbers: Mapping[str, float]) -> dict[str, float]:
    """The logarithms of where a lognormal law is cut; a cut at or below 0 cuts nothing."""
    cuts = {key: numbers[key] for key in ("low", "high") if key in numbers}
    return {key: float(np.log(value)) for key, value in cuts.items() if value > 0.0}
