"""What drives the losses: PAWN and first-order indices of the drawn inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from pandas import DataFrame

from supplychain.ensemble.member_losses import Floats, Losses
from supplychain.optional_dependencies import SENSITIVITY, need

PAWN, FIRST_ORDER = "pawn", "rbd_fast"
LOSS, FIRST_STOP = "loss", "first_stop"
NOISE = "noise"
"""Stands for an input without any influence: what the made-up inputs reach."""

SLICES, HARMONICS = (10, 8, 5, 4, 2), 10
"""Numbers of slices, the most first: those whose edges SALib adds up without passing 1."""

IN_A_SLICE = 20
FEWEST = 2 * IN_A_SLICE
"""With fewer futures than this nothing can be said of drivers."""

SPREADS = 3.0
"""A driver is told from chance from so many standard deviations above the made-up inputs on: of
thirty inputs without influence, one is taken for a driver in one ensemble of twenty-five."""

FEWEST_DIFFERING = 20
RESOLUTION = 0.05
"""Results that differ by less than this part of their standard deviation count as equal: PAWN goes
by order alone, and the order of futures that lose next to nothing tells nothing."""

TIMES = 50
"""Resamples behind an interval."""

COLUMNS = ("output", "input", "method", "index", "low", "high", "rank", "above_noise")

FIRST_BREAK = "path: week of the first break"
WEEKS_IN = "path: weeks in {state}"
MADE_UP = "made-up input {place}"
MADE_UPS = 20
"""So many inputs of pure chance tell what an input of no influence looks like."""


@dataclass(frozen=True)
class Output:
    """A result whose drivers are looked for: a name and one number per member."""

    name: str
    values: Floats


def need_sensitivity() -> None:
    """Make sure that SALib is there before anything is solved.

    Raises:
        InvalidInput: it is not installed.
    """
    need(SENSITIVITY, "finding what drives the losses")


def outputs(losses: Losses) -> list[Output]:
    """Loss over all weeks, in all and by sector, and the week in which a first line stops.

    A result that is the same in all futures but a few has no drivers to be found: it is left out.
    """
    total = losses.total[:, :, -1]
    made = [Output(f"{LOSS}/{sector}", total[:, s]) for s, sector in enumerate(losses.sectors)]
    first = losses.first_stop[:, -1, -1].astype(float)
    made.append(Output(f"{FIRST_STOP}/{losses.sectors[-1]}", first))
    coarse = [Output(output.name, coarsened(output.values)) for output in made]
    return [output for output in coarse if differing(output.values) >= FEWEST_DIFFERING]


def coarsened(values: Floats) -> Floats:
    """Round to what is worth telling apart.

    >>> np.unique(coarsened(np.array([0.0, 0.001, 1.0, 2.0]))).round(1).tolist()
    [0.0, 1.0, 2.0]
    """
    step = RESOLUTION * float(values.std())
    return np.round(values / step) * step if step > 0 else values


def differing(values: Floats) -> int:
    """How many futures differ from the most frequent value.

    >>> differing(np.array([0.0, 0.0, 3.0, 0.0, 5.0]))
    2
    """
    return len(values) - int(np.unique(values, return_counts=True)[1].max())


def drivers(losses: Losses, known: Known, seed: int) -> DataFrame:
    """Two indices for every result and possible driver, with 95 % intervals and ranks.

    `pawn` is the mean Kolmogorov-Smirnov distance between the result over all futures and over
    those with the input in one of ten slices (Pianosi and Wagener 2018,
    doi:10.1016/j.envsoft.2018.07.019); it sees any kind of influence and orders the ranks.
    `rbd_fast` is the share of the variance that the input explains alone, without interactions
    (Tarantola, Gatelli and Mara 2006, doi:10.1016/j.ress.2005.06.003, bias corrected). Intervals
    are 1.96 standard errors of resamples. The input "noise" has the mean of twenty made-up inputs
    and, as `high`, three of their standard deviations more: a driver is told from chance above it
    (`above_noise`).
    """
    count = len(losses.members)
    if count < FEWEST or not known.real:
        return DataFrame(columns=COLUMNS)
    rows = [
        row
        for output in outputs(losses)
        for row in [*_pawn_rows(output, known, seed), *_variance_rows(output, known, seed)]
    ]
    return DataFrame(rows, columns=COLUMNS)


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """What SALib calls a problem: inputs between 0 and 1."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def pawn(ranks: Floats, values: Floats) -> Floats:
    """PAWN index of each column by SALib: mean distance over the slices."""
    from SALib.analyze import pawn as method

    names = [str(i) for i in range(ranks.shape[1])]
    found = method.analyze(problem_of(names), ranks, values, S=slices(len(values)))
    return np.asarray(found["mean"], float)


def slices(count: int) -> int:
    """How many slices so many futures allow.

    >>> slices(1000), slices(126), slices(80)
    (10, 5, 4)
    """
    return next((n for n in SLICES if n * IN_A_SLICE <= count), SLICES[-1])


def weighted_pawn(column: Floats, values: Floats, weights: Floats) -> Floats:
    """PAWN index of one column in each of many weighted samples.

    The same number as SALib's on the members repeated, many samples at a time.

    Args:
        column: ranks by member.
        values: result by member.
        weights: how often each member is in each sample; index sample, member.
    """
    count = len(values)
    parts = slices(count)
    by_rank = np.argsort(column, kind="stable")
    order = np.argsort(values, kind="stable")
    last = np.append(np.diff(values[order]) > 0, True)  # the last of equal values
    seen = np.cumsum(weights[:, by_rank], axis=1)
    place = np.empty(weights.shape, np.int64)  # slice of each member in each sample
    place[:, by_rank] = np.minimum(
        (seen - 0.5 * weights[:, by_rank]) * parts / count, parts - 1
    ).astype(np.int64)
    every = np.cumsum(weights[:, order], axis=1)[:, last] / count
    distances = []
    for part in range(parts):
        inside = np.where(place[:, order] == part, weights[:, order], 0.0)
        reached = np.cumsum(inside, axis=1)
        size = np.maximum(reached[:, -1:], 1.0)
        distances.append(np.abs(reached[:, last] / size - every).max(axis=1))
    found: Floats = np.mean(distances, axis=0)
    return found


def _pawn_rows(output: Output, known: Known, seed: int) -> list[dict[str, Any]]:
    index = pawn(known.ranks, output.values)
    count = len(output.values)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=TIMES).astype(float)
    error = [
        weighted_pawn(known.ranks[:, i], output.values, weights).std(ddof=1)
        for i in range(known.real)
    ]
    return _rows(output, known, PAWN, index, 1.96 * np.array(error))


def _variance_rows(output: Output, known: Known, seed: int) -> list[dict[str, Any]]:
    index = np.array([first_order(column, output.values) for column in known.ranks.T])
    rng = np.random.default_rng(seed)
    count = len(output.values)
    drawn = [rng.integers(count, size=count) for _ in range(TIMES)]
    error = [
        np.std([first_order(column[d], output.values[d]) for d in drawn], ddof=1)
        for column in known.ranks.T[: known.real]
    ]
    return _rows(output, known, FIRST_ORDER, index, 1.96 * np.array(error))


def first_order(column: Floats, values: Floats) -> float:
    """Share of the variance that one input explains alone, by SALib's RBD-FAST; may be below 0."""
    from SALib.analyze import rbd_fast

    if np.ptp(values) == 0:
        return 0.0
    harmonics = min(HARMONICS, slices(len(values)))
    share = rbd_fast.compute_first_order(rbd_fast.permute_outputs(column, values), harmonics)
    return float(rbd_fast.unskew_S1(share, harmonics, len(values)))


def _rows(
    output: Output, known: Known, method: str, index: Floats, reach: Floats
) -> list[dict[str, Any]]:
    """One row per real input by rank, and one for noise; below zero is zero."""
    index = np.clip(index, 0.0, 1.0)
    real, chance = index[: known.real], index[known.real :]
    floor = float(min(1.0, chance.mean() + SPREADS * chance.std(ddof=1)))
    rows = []
    for rank, i in enumerate(np.argsort(-real, kind="stable"), start=1):
        low, high = np.clip([real[i] - reach[i], real[i] + reach[i]], 0.0, 1.0)
        rows.append(
            (output.name, known.names[i], method, real[i], low, high, rank, bool(real[i] > floor))
        )
    noise = (output.name, NOISE, method, chance.mean(), chance.min(), floor, 0, False)
    return [dict(zip(COLUMNS, row, strict=True)) for row in [*rows, noise]]


@dataclass(frozen=True)
class Known:
    """Ranks in (0, 1) of what was drawn: index member, column. `real` columns come first."""

    names: tuple[str, ...]
    ranks: Floats
    real: int


def read_known(connection: duckdb.DuckDBPyConnection, losses: Losses, seed: int) -> Known:
    """Read inputs and paths of the members that were solved; the others are left out with theirs.

    Inputs of a group that moved together are one column under the group's name. A path is seen by
    the week of its first break and by its weeks in each state.
    """
    inputs = connection.execute("SELECT * FROM inputs").df()
    paths = connection.execute("SELECT * FROM paths").df()
    breaks = connection.execute("SELECT member, first_break_week FROM members").df()
    columns = {**_inputs(inputs, losses), **_paths(paths, breaks, losses)}
    varied = {name: values for name, values in columns.items() if np.ptp(values) > 0}
    rng = np.random.default_rng(seed)
    count = len(losses.members)
    made_up = {MADE_UP.format(place=i + 1): rng.random(count) for i in range(MADE_UPS)}
    every = {**varied, **made_up}
    ranks = np.column_stack([ranked(values, rng) for values in every.values()])
    return Known(tuple(every), ranks, len(varied))


def ranked(values: Floats, rng: np.random.Generator) -> Floats:
    """Ranks in (0, 1); equal values are put in an order by lot, so that slices have equal size.

    >>> ranked(np.array([3.0, 1.0, 2.0, 9.0]), np.random.default_rng(1)).tolist()
    [0.625, 0.125, 0.375, 0.875]
    """
    order = np.lexsort((rng.random(len(values)), values))
    ranks = np.empty(len(values))
    ranks[order] = (np.arange(len(values)) + 0.5) / len(values)
    return ranks


def _inputs(inputs: DataFrame, losses: Losses) -> dict[str, Floats]:
    """One column per input, or per group whose inputs share their positions."""
    if inputs.empty:
        return {}
    wide = inputs.pivot(index="member", columns="input", values="position")
    wide = wide.reindex(losses.members)
    group_of = inputs.drop_duplicates("input").set_index("input")["group"].fillna("").astype(str)
    found: dict[str, Floats] = {}
    for name in wide.columns:
        group = group_of[name] or str(name)
        column = wide[name].to_numpy(dtype=float)
        if group in found and not np.array_equal(found[group], column):
            found[str(name)] = column
        else:
            found[group] = column
    return found


def _paths(paths: DataFrame, breaks: DataFrame, losses: Losses) -> dict[str, Floats]:
    if paths.empty:
        return {}
    horizon = len(losses.weeks)
    first = breaks.set_index("member")["first_break_week"].reindex(losses.members)
    broken = first.fillna(horizon).clip(upper=horizon).to_numpy(dtype=float)
    found = {FIRST_BREAK: broken}
    spent = weeks_in_states(paths, horizon).reindex(losses.members).fillna(0.0)
    for state in spent.columns:
        here = spent[state].to_numpy(dtype=float)
        if not np.array_equal(here, broken):  # the start, never come back to: the same once more
            found[WEEKS_IN.format(state=state)] = here
    return found


def weeks_in_states(paths: DataFrame, horizon: int) -> DataFrame:
    """Weeks of the horizon that each member spends in each state; index member, columns states."""
    ordered = paths.sort_values(["member", "week"])
    until = ordered.groupby("member")["week"].shift(-1).fillna(horizon).clip(upper=horizon)
    spent = (until - ordered["week"].clip(upper=horizon)).astype(float)
    table = spent.groupby([ordered["member"], ordered["state"]]).sum().unstack()
    return pd.DataFrame(table).fillna(0.0).sort_index(axis=1)
