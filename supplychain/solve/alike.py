"""When two networks have one compiled programme: they differ in numbers of windows alone.

Matrix, costs and targets come from the network, dated limits and what is there at the start from a
case. A number that only cases read may differ; every other one, those to come included, may not.
"""

from __future__ import annotations

from dataclasses import replace

from supplychain.network.kinds import Cover, Line, Network, Recipe


def same_programme(one: Network, other: Network) -> bool:
    """Whether what is compiled for one network is what would be compiled for the other."""
    return _compiled_part(one) == _compiled_part(other)


def _compiled_part(network: Network) -> Network:
    """A network without the numbers that only cases read."""
    return replace(
        network,
        lines=tuple(map(_line, network.lines)),
        recipes=tuple(map(_recipe, network.recipes)),
        covers=tuple(map(_cover, network.covers)),
        opening_stock=(),
        data_hash="",
    )


def _line(line: Line) -> Line:
    return replace(line, capacity_t_per_week=0.0, ramp_weeks=0.0, start_share=0.0)


def _recipe(recipe: Recipe) -> Recipe:
    return replace(recipe, max_share=0.0, ramp_weeks=0.0)


def _cover(cover: Cover) -> Cover:
    return replace(cover, opening_weeks=0.0)
