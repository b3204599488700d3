"""The world of one member: its scenario and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from supplychain.dataset import Tables
from supplychain.regime.kinds import Scenario
from supplychain.study.ensemble.definition import Definition
from supplychain.study.ensemble.sample import Member


def base_scenario(definition: Definition, tables: Tables, folders: Sequence[Path] = ()) -> Scenario:
    """Load the base scenario on the ensemble's own horizon."""
    raise NotImplementedError


def scenario_of(
    member: Member, definition: Definition, base: Scenario, tables: Tables, *, held: bool = False
) -> Scenario:
    """The base scenario with the member's path as its timeline and the member's changes.

    `held`: the starting state is held to the end (the second arm of a pair).
    """
    raise NotImplementedError


def tables_of(member: Member, definition: Definition, tables: Tables) -> Tables:
    """The data with the member's rows; the same object when no row moves."""
    raise NotImplementedError
