"""Members of an ensemble drawn from its definition: the scenario and the tables of each.

One point of a Sobol sequence or Latin hypercube belongs to each member. Its coordinates are, in
this order: the groups of inputs, the hazard of leaving each state, the regime of the starting
state, the expiries, and the first spells of the path. What later spells take, and how a hazard is
split over the next states, comes from a Philox stream whose key is the seed and the
member's number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame, MultiIndex

from supplychain.dataset import TABLES, Tables
from supplychain.dataset.schema_policy import STATES
from supplychain.ensemble.distributions import quantile, triangular_quantiles
from supplychain.ensemble.ensemble_definition import Definition, RowTarget, UncertainInput
from supplychain.ensemble.load_ensemble import horizon_settings
from supplychain.ensemble.regime_paths import (
    PER_SPELL,
    Step,
    Switching,
    Uniforms,
    draw_hazards,
    draw_path,
    entries_of,
    make_switching,
)
from supplychain.ensemble.uncertain_inputs import change_of
from supplychain.ensemble.uncertain_rows import FITTED, PRIORS
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import Entry, Scenario
from supplychain.scenario.scenario_checks import Span
from supplychain.units import convert

Array = NDArray[np.float64]

EARLY_SPELLS = 3
"""Spells of a path that have coordinates of the sample; later ones take the member's stream."""

EDGE = 2.0**-40
"""Least distance of a uniform number from 0 and 1."""


@dataclass(frozen=True)
class Member:
    """One drawn future; small, and ready to be sent to another process."""

    index: int
    inputs: Mapping[str, float]
    """Value drawn for each uncertain input, in its unit."""
    position: Mapping[str, float]
    """Quantile in (0, 1) by group (an input in no group is its own), and, if paths are drawn with
    sampled hazards, by `hazard_position(state)`: what the drivers use."""
    path: tuple[Step, ...]
    """Empty if the ensemble draws no paths; else its first step is week 0."""
    hazards: Mapping[str, float]
    """Weekly hazard by "from>to", as drawn; empty if the ensemble draws no paths."""


def hazard_position(state: str) -> str:
    """The key under which `Member.position` holds the quantile of the hazard of leaving a state."""
    return f"leaving {state}"


def draw(definition: Definition, tables: Tables) -> tuple[Member, ...]:
    """Draw every member, in order; a shard draws all of them and takes its part.

    With the sampler sobol the first members of a longer sample are those of a shorter one; with lhs
    each member depends on N.
    """
    plan = definition.paths
    switching = make_switching(plan, tables, definition.start, definition.weeks) if plan else None
    points = _points(definition, _dimensions(definition, switching))
    return tuple(_member(index, point, definition, switching) for index, point in enumerate(points))


def _dimensions(definition: Definition, switching: Switching | None) -> int:
    paths = 0
    if switching:
        paths = len(STATES) + 1 + len(switching.expiries) + EARLY_SPELLS * PER_SPELL
    return len(definition.groups) + paths


def _points(definition: Definition, dimensions: int) -> Array:
    """[member, dimension] numbers in (0, 1)."""
    from scipy.stats import qmc

    stream = np.random.default_rng(definition.seed)
    n = definition.members
    if definition.sampler == "sobol":
        sobol = qmc.Sobol(dimensions, scramble=True, rng=stream)
        points = sobol.random_base2((n - 1).bit_length())[:n]
    else:
        points = qmc.LatinHypercube(dimensions, rng=stream).random(n)
    clipped: Array = np.clip(points, EDGE, 1.0 - EDGE)
    return clipped


def _member(
    index: int, point: Array, definition: Definition, switching: Switching | None
) -> Member:
    groups = definition.groups
    position = dict(zip(groups, point[: len(groups)].tolist(), strict=True))
    inputs = inputs_at(definition, position)
    if switching is None:
        return Member(index, inputs, position, (), {})
    rest = point[len(groups) :]
    stream = np.random.Generator(np.random.Philox(key=[definition.seed, index + 1]))
    quantiles = dict(zip(STATES, rest[: len(STATES)].tolist(), strict=True))
    hazards = draw_hazards(switching, quantiles, stream)
    uniforms = _uniforms(rest[len(STATES) :], switching, stream)
    if switching.plan.hazards == "sampled":
        position |= {hazard_position(state): at for state, at in quantiles.items()}
    return Member(index, inputs, position, draw_path(switching, hazards, uniforms), hazards)


def inputs_at(definition: Definition, position: Mapping[str, float]) -> dict[str, float]:
    """The value of every uncertain input where each group stands at a quantile."""
    found: dict[str, float] = {}
    for one in definition.inputs:
        at = position[one.group] if one.sign > 0 else 1.0 - position[one.group]
        found[one.name] = at if one.distribution is None else quantile(one.distribution, at)
    return found


def _uniforms(point: Array, switching: Switching, stream: np.random.Generator) -> Uniforms:
    """The uniform numbers of a path: the first from the sample, the others from the stream."""
    expiries = len(switching.expiries)
    spells = np.clip(stream.random((switching.weeks, PER_SPELL)), EDGE, 1.0 - EDGE)
    early = point[1 + expiries :].reshape(EARLY_SPELLS, PER_SPELL)[: switching.weeks]
    spells[: len(early)] = early
    return Uniforms(float(point[0]), spells, point[1 : 1 + expiries])


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
