"""The table of components says what is in the built model: no more, no less."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import drawn
import pytest
from pyomo.environ import Constraint, Expression, Objective, Var, value

from supplychain.model import constraints, objective
from supplychain.model.build_model import RULES, build_model
from supplychain.model.components import CONSTRAINTS, COST_OF, COSTS, VARIABLES, Component
from supplychain.model.object_keys import names
from supplychain.model.window import Grid
from supplychain.network.entities import Network

GRID = Grid((1, 1, 2))


def with_other_uses() -> Network:
    return drawn.shelf(other_use={("A", "magnet"): 4.0})


WORLDS = [
    drawn.shelf,
    with_other_uses,
    drawn.chain,
    drawn.two_origins,
    drawn.licensed,
    drawn.feeding,
    drawn.shared_arc,
    drawn.two_users,
]


def built(network: Network) -> Any:
    finite = {"granted": [[3.0] * len(GRID.lengths)] * len(network.end_users)}
    return build_model(network, GRID, drawn.window(network, GRID, **finite))


FEEDING = {"flow", "surge", "short_trade", "usual_trade"}
LICENSED = {"depleted", "firm_stock", "loss_frontier"}


def indices(network: Network, component: Component) -> set[tuple[Any, ...]]:
    """Every index that the table says, but for what only some arcs, stocks and users have."""
    n = names(network)
    kinds: dict[str, list[tuple[Any, ...]]] = {
        **n,
        "period": [(p,) for p in GRID.periods],
        "step": [(0,), (1,)],
        "layer": [(0,), (1,)],
    }
    if component.name in FEEDING:
        kinds["arc"] = [n["arc"][i] for i, arc in enumerate(network.arcs) if arc.feeds]
    if component.name == "arc_limit":
        used = {d.arc for d in network.deliveries}
        kinds["arc"] = [n["arc"][i] for i, arc in enumerate(network.arcs) if arc.feeds or i in used]
    if component.name in LICENSED:
        kinds["cover"] = [n["cover"][i] for i in sorted(network.licensed_covers)]
    if component.name == "short_other":
        pairs = zip(n["place"], network.other_use, strict=True)
        kinds["place"] = [place for place, amount in pairs if amount > 0.0]
    if component.name == "transfer":
        kinds["user"] = [
            n["user"][i] for i, u in enumerate(network.end_users) if u.pool is not None
        ]
    parts = product(*(kinds[word] for word in component.over))
    return {tuple(word for key in chosen for word in key) for chosen in parts}


def keys(component: Any) -> set[tuple[Any, ...]]:
    return {k if isinstance(k, tuple) else (k,) for k in component}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", [Var, Constraint])
def test_model_has_what_the_table_says(world: Any, kind: Any) -> None:
    network = world()
    model = built(network)
    table = VARIABLES if kind is Var else CONSTRAINTS
    found = {c.local_name: keys(c) for c in model.component_objects(kind)}
    assert found == {c.name: indices(network, c) for c in table}


def test_objective_is_the_sum_of_the_costs_of_the_table() -> None:
    model = built(drawn.chain())
    assert {e.local_name for e in model.component_objects(Expression)} == {c.name for c in COSTS}
    for i, v in enumerate(model.component_data_objects(Var)):
        v.set_value(1.0 + i % 7, skip_validation=True)
    parts = [value(model.component(c.name)) for c in COSTS]
    assert value(model.total_cost) == pytest.approx(sum(parts), rel=1e-12)
    assert sum(1 for _ in model.component_objects(Objective)) == 1


def test_every_variable_is_in_one_cost_at_most() -> None:
    """`Answer.costs` sums what was spent on variables: a variable in two costs would hide one."""
    assert set(COST_OF) == {c.name for c in COSTS}
    parts = [part for variables in COST_OF.values() for part in variables]
    assert len(parts) == len(set(parts))
    assert set(parts) <= {v.name for v in VARIABLES}


@pytest.mark.parametrize("law", [x.name for x in CONSTRAINTS])
def test_law_states_its_unit_index_and_dual(law: str) -> None:
    rule = RULES[law]
    text = str(rule.__doc__)
    for word in ("Unit: ", "Index: ", "Dual: million USD per "):
        assert word in text
    says = next(c.says for c in CONSTRAINTS if c.name == law)
    assert text.splitlines()[0] == says


def test_rooms_hold_no_law_beside_the_table() -> None:
    stated = {
        name
        for module in (constraints,)
        for name, thing in vars(module).items()
        if callable(thing) and getattr(thing, "__module__", "") == module.__name__
    }
    assert stated == {law.name for law in CONSTRAINTS}


@pytest.mark.parametrize("cost", [c.name for c in COSTS])
def test_cost_states_what_the_table_says(cost: str) -> None:
    text = str(getattr(objective, cost).__doc__)
    assert text == next(c.says for c in COSTS if c.name == cost) + " Unit: M USD."


def test_symbols_and_names_are_used_once() -> None:
    for table in (VARIABLES, CONSTRAINTS, COSTS):
        assert len({c.name for c in table}) == len(table)
        assert len({c.symbol for c in table}) == len(table)


def test_law_of_a_licence_that_nobody_needs_is_left_out() -> None:
    network = drawn.licensed()
    model = build_model(network, GRID, drawn.window(network, GRID, granted=[[math.inf, 2.0, 3.0]]))
    assert [index[-1] for index in model.licence_balance] == [1, 2]
