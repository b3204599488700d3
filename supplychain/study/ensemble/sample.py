"""Draw the members of an ensemble: a pure function of definition, data and seed.

One point of a Sobol sequence or Latin hypercube belongs to each member. Its coordinates are, in
this order: the groups of inputs, the hazard of leaving each state, the regime of the starting
state, the expiries, and the first spells of the path. What later spells take, and how a hazard is
split over the next states, comes from a Philox stream whose key is the seed and the
member's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.dataset import Tables
from supplychain.dataset.schema_paths import STATES
from supplychain.regime.path import Step
from supplychain.regime.switching import (
    PER_SPELL,
    Switching,
    Uniforms,
    draw_hazards,
    draw_path,
    make_switching,
)
from supplychain.study.ensemble.definition import Definition
from supplychain.study.ensemble.distributions import quantile

__all__ = ["Member", "Step", "draw", "hazard_position"]

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
