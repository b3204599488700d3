"""The world of one member: its scenario and its tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame, MultiIndex

from supplychain.dataset import TABLES, Tables
from supplychain.regime.kinds import Entry, Scenario
from supplychain.regime.meaning import Span
from supplychain.regime.path_entries import entries_of
from supplychain.regime.scenario import load_scenario
from supplychain.study.ensemble.definition import Definition, RowTarget, UncertainInput
from supplychain.study.ensemble.distributions import triangular_quantiles
from supplychain.study.ensemble.input_changes import change_of
from supplychain.study.ensemble.reading import horizon_settings
from supplychain.study.ensemble.rows import FITTED, PRIORS
from supplychain.study.ensemble.sample import Member
from supplychain.units import convert

Array = NDArray[np.float64]


def base_scenario(definition: Definition, tables: Tables, folders: Sequence[Path] = ()) -> Scenario:
    """Load the base scenario on the ensemble's own horizon.

    Raises:
        InvalidInput: it is not valid against these data.
    """
    span = Span(definition.start, definition.start + timedelta(weeks=definition.weeks))
    return load_scenario(definition.base, tables, folders, horizon_settings(span))


def scenario_of(
    member: Member, definition: Definition, base: Scenario, tables: Tables, *, held: bool = False
) -> Scenario:
    """The base scenario with the member's path as its timeline and the member's changes.

    Entries of the base that take effect after the horizon's start give way to the path. The first
    step adds nothing if the base has its regime in force already.

    Args:
        member: the drawn future.
        definition: what it was drawn from.
        base: as `base_scenario` returns it.
        tables: checked data.
        held: hold the starting state to the end (the second arm of a pair).
    """
    changes = [change_of(one, member.inputs[one.name]) for one in definition.inputs]
    timeline = base.timeline
    if member.path:
        before = tuple(e for e in base.timeline if e.effective <= base.start)
        path = member.path[:1] if held else member.path
        drawn = entries_of(path, base.start, tables)
        timeline = (*before, *_without_repeat(drawn, before))
    return replace(
        base,
        name=f"{definition.name}-{member.index}{'-held' if held else ''}",
        timeline=timeline,
        changes=(*base.changes, *(change for change in changes if change is not None)),
    )


def _without_repeat(drawn: Sequence[Entry], before: Sequence[Entry]) -> Sequence[Entry]:
    """The drawn entries without a first one that the last of those before has set already."""
    same = before and drawn and before[-1].setting == drawn[0].setting
    return drawn[1:] if same else drawn


def tables_of(member: Member, definition: Definition, tables: Tables) -> Tables:
    """The data with the member's rows moved; the same object when no input moves rows.

    Only the frames that change are new. A number stays within what its quantity allows.
    """
    moving = [one for one in definition.inputs if isinstance(one.target, RowTarget)]
    if not moving:
        return tables
    frames = dict(tables.frames)
    for name, values in _moved(member, moving, tables).items():
        frames[name] = tables[name].assign(value=values)
    return replace(tables, frames=frames, hash=_hash(member, moving, tables))


def _moved(member: Member, moving: Sequence[UncertainInput], tables: Tables) -> dict[str, Array]:
    """The column `value` of every table in which rows move."""
    found: dict[str, Array] = {}
    for one in moving:
        at = member.position[one.group] if one.sign > 0 else 1.0 - member.position[one.group]
        for name, places in _places(one, tables):
            if name not in found:
                found[name] = tables[name]["value"].to_numpy(dtype=np.float64, copy=True)
            rows = tables[name].iloc[places]
            found[name][places] = _within(name, rows, _values(one, rows, at, member))
    return found


def _places(one: UncertainInput, tables: Tables) -> list[tuple[str, NDArray[np.intp]]]:
    """Where the rows of an input stand: table, and positions in its frame."""
    target = one.target
    if not isinstance(target, RowTarget):
        return []
    wanted = MultiIndex.from_tuples(target.rows)
    if target.table != PRIORS:
        return [(target.table, _index(target.table, tables).get_indexer(wanted))]
    fitted = _index(FITTED, tables).get_indexer(wanted)
    prior = _index(PRIORS, tables).get_indexer(wanted[fitted < 0])
    return [(FITTED, fitted[fitted >= 0]), (PRIORS, prior)]


def _index(table: str, tables: Tables) -> MultiIndex:
    return MultiIndex.from_frame(tables[table][list(TABLES[table].key)])


def _values(one: UncertainInput, rows: DataFrame, at: float, member: Member) -> Array:
    """The new numbers of some rows, in their canonical unit."""
    target = one.target
    value = rows["value"].to_numpy(dtype=np.float64)
    drawn = member.inputs[one.name]
    if not isinstance(target, RowTarget) or target.mode == "value":
        return np.array([convert(drawn, one.unit, unit) for unit in rows["unit"]])
    if target.mode == "ratio":
        return value * drawn
    low, high = (rows[end].to_numpy(dtype=np.float64) for end in ("low", "high"))
    if target.spread is not None:
        blank = np.isnan(low) | np.isnan(high)
        low, high = (
            np.where(blank, value * ratio, end)
            for ratio, end in zip(target.spread, (low, high), strict=True)
        )
    if target.shape == "uniform":
        flat: Array = low + at * (high - low)
        return flat
    return triangular_quantiles(low, value, high, at)


def _within(table: str, rows: DataFrame, values: Array) -> Array:
    """The numbers, cut to the bounds of each row's quantity."""
    column = TABLES[table].quantity_column
    words = rows[column].tolist() if column else [""] * len(rows)
    quantities = [TABLES[table].quantity(word) for word in words]
    low = np.array([q.lower if q else -np.inf for q in quantities])
    high = np.array([q.upper if q else np.inf for q in quantities])
    cut: Array = np.clip(values, low, high)
    return cut


def _hash(member: Member, moving: Sequence[UncertainInput], tables: Tables) -> str:
    """The fingerprint of the moved data: that of the data, and every drawn number."""
    drawn = [tables.hash, *([one.name, member.inputs[one.name]] for one in moving)]
    return hashlib.sha256(json.dumps(drawn).encode()).hexdigest()
