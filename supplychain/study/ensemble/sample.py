"""Draw the members of an ensemble: a pure function of definition, data and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.dataset import Tables
from supplychain.regime.path import Step
from supplychain.study.ensemble.definition import Definition

__all__ = ["Member", "Step", "draw"]


@dataclass(frozen=True)
class Member:
    """One drawn future; small, and ready to be sent to another process."""

    index: int
    inputs: Mapping[str, float]
    """Value drawn for each uncertain input, in its unit."""
    position: Mapping[str, float]
    """Quantile in (0, 1) by group (an input in no group is its own): what the drivers use."""
    path: tuple[Step, ...]
    """Empty if the ensemble draws no paths; else its first step is week 0."""
    hazards: Mapping[str, float]
    """Weekly hazard by "from>to", as drawn; empty if the ensemble draws no paths."""


def draw(definition: Definition, tables: Tables) -> tuple[Member, ...]:
    """Draw every member, in order; a shard draws all of them and takes its part."""
    raise NotImplementedError
