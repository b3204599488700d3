"""What is known of every member beside its losses: one column for each possible driver."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from pandas import DataFrame

from supplychain.study.ensemble.losses import Floats, Losses

FIRST_BREAK = "path: week of the first break"
WEEKS_IN = "path: weeks in {state}"
MADE_UP = "made-up input {place}"
MADE_UPS = 20
"""So many inputs of pure chance tell what an input of no influence looks like."""


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
