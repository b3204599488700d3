"""Windows to history: who knows what, the same twice, and in words when there is no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from cases import blocked, make_case, per_user, usual_numbers
from histories import unlike
from random_worlds import random_network, weighted_loss

from supplychain.case.opening_inventory import opening_pipeline
from supplychain.errors import NotSolved
from supplychain.network.entities import LicenceCategory, Network
from supplychain.solve import warm_start
from supplychain.solve.rolling_horizon import Solver, depart, state_at

WEEKLY = {"weekly_periods": 99.0, "perfect_weekly_periods": 99.0}
"""All periods one week long: the same grid for every kind of foresight."""
FARTHER_LONGER = {"two_week_periods": 2.0, "four_week_periods": 1.0, "far_period_weeks": 8.0}
"""After the eight weekly periods two of two weeks, one of four, and then of eight."""
SEEDS = range(4)


def loss(
    network: Network, case: Any, foresight: str = "perfect", allocation: str = "value"
) -> float:
    solution = Solver(network).solve(case, foresight, allocation)
    return weighted_loss(network, solution.history)


def blocked_case(network: Network, until: int = 22, **options: Any) -> Any:
    usual = usual_numbers(network, 60, recipes=0.5)
    known = blocked(usual, (6, until))
    return make_case(network, known, surprise=usual, from_week=6, step=2, **options)


@pytest.mark.parametrize("seed", SEEDS)
def test_open_world_loses_nothing(seed: int) -> None:
    network = random_network(seed)
    case = make_case(network, usual_numbers(network, 60))
    for allocation in ("contracts", "value"):
        assert loss(network, case, "rolling", allocation) == pytest.approx(0.0, abs=1e-9)
        assert loss(network, case, "perfect", allocation) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_stocks_stay_as_usual_in_calm_times_because_being_below_costs(seed: int) -> None:
    """Without the cost every window means to refill at its end, and the next puts it off again.

    Either cost will do: of being below the usual stock, or of buying and making less than usual.
    """
    free = {"stock_shortfall_weekly_cost": 0.0, "usual_purchase_shortfall": 0.0}
    for name in free:
        careful = oxide_held_in_a_calm_year(random_network(seed, **{name: 0.0}))
        assert careful.min() > 0.9
    careless = oxide_held_in_a_calm_year(random_network(seed, **free))
    assert careless[12:].max() < 0.6


def oxide_held_in_a_calm_year(network: Network) -> Any:
    """[week] what both regions that make magnets hold of oxide, as a share of what is usual."""
    case = make_case(network, usual_numbers(network, 80), weeks=52)
    history = Solver(network).solve(case, "rolling", "value").history
    oxide = [material == "oxide" for _, material in network.places]
    return history.stock[oxide].sum(axis=0) / np.array(network.usual_stock)[oxide].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_way_of_solving_hardly_matters(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the last window or always afresh: another of several equal optima changes little."""
    network = random_network(seed, **WEEKLY)
    case = blocked_case(network)
    warm = loss(network, case, "rolling")
    monkeypatch.setattr(warm_start, "JUMP", -1.0)
    assert loss(network, case, "rolling") == pytest.approx(warm, rel=0.02)


def test_a_rolling_window_has_longer_periods_the_farther() -> None:
    network = random_network(0, **FARTHER_LONGER)
    numbers = usual_numbers(network, 80)
    solver = Solver(network)
    often = solver.grid(make_case(network, numbers, window=40), "rolling")
    assert often.lengths == (1,) * 8 + (2, 2, 4, 8, 8, 8)
    rarely = solver.grid(make_case(network, numbers, window=40, step=13), "rolling")
    assert rarely.lengths == (1,) * 13 + (2, 2, 4, 8, 8, 3)
    known = solver.grid(make_case(network, numbers, window=40), "perfect")
    assert known.lengths == (2,) * 13


@pytest.mark.parametrize("seed", SEEDS)
def test_who_knows_more_loses_less_of_what_names_its_user(seed: int) -> None:
    """The same bound where licences name their user and firms differ, if some is granted."""
    network = random_network(seed, **WEEKLY)
    usual = usual_numbers(network, 60, recipes=0.5)
    known = blocked(usual, (6, 22))
    some = np.array([[0.3 * k.usual_t_per_week] for k in network.categories])
    known.granted[:, 6:22] = per_user(network, some, 0.1)
    known.valid[:, 6:22] = per_user(network, 3.0 * some, 0.1)
    case = make_case(network, known, surprise=usual, from_week=6, step=2, transferable=0.1)
    perfect = loss(network, case, "perfect", "contracts")
    assert 0.0 < perfect < loss(network, case, "rolling", "contracts")


@pytest.mark.parametrize("seed", SEEDS)
def test_who_knows_more_loses_less(seed: int) -> None:
    """Perfect foresight is the lower bound of the loss, whatever the foresight or the sharing."""
    network = random_network(seed, **WEEKLY)
    case = blocked_case(network)
    perfect = loss(network, case, "perfect")
    rolling = loss(network, case, "rolling")
    assert 0.0 < perfect < rolling
    assert perfect <= loss(network, case, "rolling", "proportional")
    assert perfect <= loss(network, case, "perfect", "proportional") * (1.0 + 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_planners_are_surprised_once(seed: int) -> None:
    """Before they learn of the block, planners do what they do in an open world."""
    network = random_network(seed)
    usual = make_case(network, usual_numbers(network, 60, recipes=0.5), step=2)
    quiet = Solver(network).solve(usual, "rolling", "value").history
    shock = Solver(network).solve(blocked_case(network), "rolling", "value").history
    for name in ("run", "flow", "delivery", "stock", "cover", "output"):
        assert np.array_equal(getattr(quiet, name)[:, :6], getattr(shock, name)[:, :6])
    assert not np.allclose(quiet.delivery[:, 6:], shock.delivery[:, 6:])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("foresight", "periods", "error"),
    [("perfect", {}, 0.2), ("rolling", {}, 0.2), ("rolling", FARTHER_LONGER, 0.15)],
)
def test_coarser_far_periods_stay_within_the_stated_error(
    seed: int, foresight: str, periods: dict[str, float], error: float
) -> None:
    """The errors that docs/model.md states for a grid with longer far periods."""
    fine, coarse = random_network(seed, **WEEKLY), random_network(seed, **periods)
    a = loss(fine, blocked_case(fine), foresight)
    b = loss(coarse, blocked_case(coarse), foresight)
    assert b == pytest.approx(a, rel=error)


def test_same_case_twice_has_the_same_history() -> None:
    network = random_network(1)
    case = blocked_case(network)
    first = Solver(network).solve(case, "rolling", "value").history
    again = Solver(network).solve(case, "rolling", "value").history
    assert unlike(first, again) == []
    assert first.costs == again.costs


def test_history_does_not_depend_on_what_was_solved_before() -> None:
    """One solver for several scenarios, as `compare` has, in any order."""
    network = random_network(1)
    case = blocked_case(network)
    alone = Solver(network).solve(case, "rolling", "value").history
    shared = Solver(network)
    shared.solve(blocked_case(network, until=12), "rolling", "value")
    shared.solve(make_case(network, usual_numbers(network, 60)), "rolling", "value")
    assert unlike(alone, shared.solve(case, "rolling", "value").history) == []


def test_licences_that_seemed_useless_are_kept() -> None:
    """100 t are granted while nobody believes in a stop; then nothing is granted any more.

    Planners use the usual 10 t a week; the 90 t that are left of week 0 are still valid later.
    """
    network = drawn.licensed(loss_step_2_weight=1.0)
    usual = usual_numbers(network, 40)
    generous = replace(usual, granted=np.full((1, 40), 100.0), valid=np.full((1, 40), 1000.0))
    known = replace(generous, granted=generous.granted.copy())
    known.granted[:, 1:] = 0.0
    case = make_case(network, known, weeks=12, window=12, step=1, surprise=generous, from_week=1)
    case.opening_stock = [500.0]
    solution = Solver(network).solve(case, "rolling", "value")
    assert solution.history.licence_left[0, 0] >= 87.0
    shipped = float(solution.history.delivery.sum())
    assert shipped == pytest.approx(100.0)


def test_unused_licences_lapse() -> None:
    """50 t are granted in week 0; 20 of them are valid in week 1, 5 in week 2, none later."""
    network = drawn.licensed()
    usual = usual_numbers(network, 40)
    known = replace(usual, granted=np.zeros((1, 40)), valid=np.zeros((1, 40)))
    known.granted[:, 0] = 50.0
    known.valid[:, :4] = [50.0, 20.0, 5.0, 0.0]
    case = make_case(network, known, weeks=8, window=8)
    left = Solver(network).solve(case, "rolling", "value").history.licence_left[0]
    assert left[:4] == pytest.approx([20.0, 5.0, 0.0, 0.0])


def test_proportional_gives_a_new_buyer_none_of_a_free_class() -> None:
    """A delivery that has no usual trade, in a class where no licence is needed in the week."""
    network = drawn.two_origins()
    licence = LicenceCategory("rule", "A", "B", "civil", (), (0,), 6.0)
    nothing = {"usual_t_per_week": 0.0, "trade_t_per_week": 0.0}
    usual = tuple(replace(d, **nothing) for d in network.deliveries)
    network = replace(network, deliveries=usual, categories=(licence,))
    numbers = usual_numbers(network, 30)
    solution = Solver(network).solve(make_case(network, numbers, 8, 8), "rolling", "proportional")
    assert float(solution.history.delivery.sum()) == 0.0


def test_no_answer_is_explained_in_words() -> None:
    """A plan that can neither be made nor be lost in full: half of each week has no way out."""
    network = drawn.shelf(loss_step_2_share=0.0)
    case = make_case(network, usual_numbers(network, 30), 8, 8, opening=0.0)
    with pytest.raises(NotSolved) as caught:
        Solver(network).solve(case, "rolling", "value")
    assert "week 0" in caught.value.message
    assert "no plan satisfies all limits" in caught.value.message
    assert caught.value.problems[0].code == "SOLVE-101"
    assert caught.value.problems[0].message == (
        "customer_plan of car-a in week 0 cannot hold (What is planned is made or lost; "
        "what is made up comes on top): 0.5 weeks of plan too little. At their limits: "
        "lost of car-a in week 0 at most 0.5, lost of car-a in week 0 at most 0, "
        "made_up of car-a in week 0 at most 0."
    )


def test_limit_below_zero_is_named() -> None:
    network = drawn.chain()
    numbers = usual_numbers(network, 30)
    numbers.line_capacity[0] = -1.0
    with pytest.raises(NotSolved) as caught:
        Solver(network).solve(make_case(network, numbers, 8, 8), "rolling", "value")
    message = caught.value.problems[0].message
    assert message == "The limit on run of mine in week 0 is -1: below zero."


def test_progress_is_told_in_weeks() -> None:
    network = drawn.shelf()
    told: list[tuple[int, int]] = []
    case = make_case(network, usual_numbers(network, 30), 10, 8)
    Solver(network).solve(case, "rolling", "value", lambda done, of: told.append((done, of)))
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_what_the_solver_leaves_below_zero_is_not_handed_on() -> None:
    """A gap of a hundredth of a gram, where nothing can arrive in time, would leave no plan."""
    network = random_network(0)
    case = make_case(network, usual_numbers(network, 60))
    solution = Solver(network).solve(case, "rolling", "value")
    history = solution.history
    for name in ("stock", "cover", "licence_left", "run", "flow", "delivery"):
        getattr(history, name)[:, 3] = -1e-8
    pipeline = opening_pipeline(
        network, case.weeks, case.past_arcs, case.past_deliveries, case.past_runs
    )
    depart(network, history, pipeline, 3, 4)
    state = state_at(solution, pipeline, 4)
    for name in ("stock", "cover", "licence_left", "place_arrivals", "cover_arrivals"):
        assert getattr(state, name).min(initial=0.0) == 0.0
    assert history.stock[:, 3].max() == -1e-8
