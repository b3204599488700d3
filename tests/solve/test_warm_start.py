"""Where a window far from its predecessor starts: at the end of the most alike reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from random_worlds import GRIDS, random_network, random_window

from supplychain.model.window import Grid, Window
from supplychain.solve.compile_structure import compile_standard_form
from supplychain.solve.highs import Programme
from supplychain.solve.standard_form import same_structure
from supplychain.solve.warm_start import Start, WarmStarts, pack, shelf_of, unpack

GRID = Grid((1, 1, 2, 4))
NETWORK = random_network(2)


def window(granted: float, shelf: float = 5.0) -> Window:
    """A window of one class; what lies on shelves is set by hand."""
    made = drawn.window(drawn.licensed(), GRID, granted=[[granted] * 4])
    return replace(made, cover_supply=np.full((2, 4), shelf / 4))


def end(granted: float, shelf: float = 5.0) -> Start:
    return Start(None, np.full((1, 4), granted), np.full(2, shelf))


def test_while_licences_are_much_the_same_a_window_goes_on() -> None:
    before = end(10.0, shelf=50.0)
    assert WarmStarts([end(10.0)]).choose(window(11.0), before) is before


def test_after_a_jump_the_most_alike_is_chosen() -> None:
    references = [end(0.0), end(9.0, shelf=50.0), end(9.0), end(9.0)]
    assert WarmStarts(references).choose(window(10.0), end(100.0)) is references[2]


def test_at_the_beginning_too() -> None:
    references = [end(0.0), end(9.0)]
    assert WarmStarts(references).choose(window(10.0), None) is references[1]
    assert WarmStarts([]).choose(window(10.0), None) is None


def test_the_window_before_stays_when_no_reference_is_more_alike() -> None:
    before = end(100.0)
    assert WarmStarts([end(np.inf)]).choose(window(10.0), before) is before


@pytest.mark.parametrize(("held", "far"), [(5.0, 0.0), (6.0, 0.0), (20.0, 0.5)])
def test_stocks_count_half_beside_licences(held: float, far: float) -> None:
    assert end(10.0, held).distance(window(10.0)) == far


def solved(programme: Programme, made: Window, start: Start | None) -> Any:
    programme.start = start
    return programme.solve(made)


def test_a_packed_start_takes_the_solver_to_the_same_answer() -> None:
    first, second = (random_window(NETWORK, GRIDS[1], seed) for seed in (1, 2))
    programme = Programme(compile_standard_form(NETWORK, GRIDS[1], first))
    solved(programme, first, None)
    kept = programme.start
    assert kept is not None
    assert kept.shelf.tolist() == shelf_of(first).tolist()
    plain = solved(programme, second, kept)
    again = solved(programme, second, unpack(pack(kept)))
    assert again.iterations == plain.iterations
    for name in plain.values:
        assert again.values[name].tobytes() == plain.values[name].tobytes()
    cold = solved(programme, second, None)
    assert again.objective == pytest.approx(cold.objective, rel=1e-9)


def test_a_basis_of_another_size_is_no_start() -> None:
    other = random_network(4)
    made = random_window(other, GRIDS[1], 1)
    programme = Programme(compile_standard_form(other, GRIDS[1], made))
    solved(programme, made, None)
    foreign = programme.start
    first = random_window(NETWORK, GRIDS[1], 1)
    programme = Programme(compile_standard_form(NETWORK, GRIDS[1], first))
    assert foreign is not None
    start = replace(foreign, granted=first.granted)
    cold = solved(programme, first, None)
    assert solved(programme, first, start).objective == cold.objective


def compiled(network: Any) -> Any:
    made = random_window(NETWORK, GRIDS[1], 1)
    return compile_standard_form(network, GRIDS[1], made)


def same_arrays(one: Any, other: Any) -> bool:
    pairs = [(getattr(one, n), getattr(other, n)) for n in ("cost", "row_lower", "row_upper")]
    pairs += [(getattr(one.matrix, n), getattr(other.matrix, n)) for n in ("data", "indices")]
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


def with_one(name: str, **numbers: Any) -> Any:
    """The network with other numbers in the first object of a kind."""
    first, *rest = getattr(NETWORK, name)
    return replace(NETWORK, **{name: (replace(first, **numbers), *rest)})


@pytest.mark.parametrize(
    "network",
    [
        with_one("lines", capacity_t_per_week=99.0, ramp_weeks=7.0, start_share=0.5),
        with_one("covers", opening_weeks=9.0, target_weeks=99.0),
        with_one("customers", cover_spread=0.9, make_up_weeks=3.0, late_cost_per_week=0.2),
        with_one("recipes", max_share=0.3, ramp_weeks=3.0),
        replace(NETWORK, opening_stock=tuple(2 * x + 1 for x in NETWORK.opening_stock)),
    ],
)
def test_what_only_cases_read_leaves_the_programme_as_it_is(network: Any) -> None:
    assert network != NETWORK
    assert same_structure(NETWORK, network)
    assert same_arrays(compiled(NETWORK), compiled(network))


@pytest.mark.parametrize(
    "network",
    [
        with_one("lines", cost_usd_per_kg=99.0),
        with_one("recipes", extra_cost_usd_per_unit=1e6),
        with_one("deliveries", freight_usd_per_t=1e6),
        with_one("customers", plan_per_week=7.5),
        replace(NETWORK, usual_stock=tuple(2 * x + 1 for x in NETWORK.usual_stock)),
    ],
)
def test_another_matrix_or_cost_is_another_programme(network: Any) -> None:
    assert not same_structure(NETWORK, network)
    assert not same_arrays(compiled(NETWORK), compiled(network))
