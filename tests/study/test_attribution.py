"""Parting a difference by cause: sums in closed form, and a small world solved all ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.case.mixed_case import CAUSES
from supplychain.errors import InvalidInput
from supplychain.study.attribution import (
    MOST_CAUSES,
    ORDER,
    SHAPLEY,
    Coalition,
    attribute,
    between,
    causes_table,
    coalitions,
    contributions,
    mixed_case_loss,
    pair_of,
    run_loss,
)
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import World, open_world, run_scenario
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


def linear(weights: Mapping[str, float], base: float = 3.0) -> dict[Coalition, float]:
    return {c: base + sum(weights[cause] for cause in c) for c in coalitions(tuple(weights))}


def test_causes_that_add_up_get_what_they_add() -> None:
    weights = {"review": 5.0, "approval": -2.0, "general": 0.5, "stocks": 11.0}
    assert contributions(tuple(weights), linear(weights)) == pytest.approx(weights)


def test_causes_that_need_each_other_share_evenly() -> None:
    """A loss of 12 that only all three together bring, and 6 from the first alone."""
    causes = ("a", "b", "c")
    loss = {c: 12.0 * (len(c) == 3) + 6.0 * ("a" in c) for c in coalitions(causes)}
    assert contributions(causes, loss) == pytest.approx({"a": 10.0, "b": 4.0, "c": 4.0})


def test_a_cause_that_changes_nothing_gets_nothing() -> None:
    causes = ("a", "b", "idle")
    loss = {c: 7.0 * ("a" in c) + 3.0 * ({"a", "b"} <= c) for c in coalitions(causes)}
    assert contributions(causes, loss)["idle"] == 0.0


@given(st.data(), st.integers(min_value=0, max_value=MOST_CAUSES + 2))
def test_the_parts_sum_to_the_difference(data: st.DataObject, count: int) -> None:
    causes = tuple("abcdefgh"[:count])
    wanted = coalitions(causes)
    values = st.floats(min_value=0.0, max_value=1e11)
    loss = dict(zip(wanted, data.draw(st.tuples(*[values] * len(wanted))), strict=True))
    parts = contributions(causes, loss)
    gap = loss[frozenset(causes)] - loss[frozenset()]
    assert fsum(parts.values()) == pytest.approx(gap, rel=1e-12, abs=1e-3)
    assert list(parts) == list(causes)


def test_the_number_of_solves() -> None:
    assert [len(coalitions("abcdef"[:n])) for n in range(7)] == [1, 2, 4, 8, 16, 32, 64]
    assert len(coalitions("abcdefg")) == 8
    assert len(between("ab")) == 2
    assert between("") == ()


def test_many_causes_are_switched_in_order() -> None:
    causes = tuple("abcdefg")
    loss = {c: float(len(c) ** 2) for c in coalitions(causes)}
    assert contributions(causes, loss) == dict(zip(causes, (1, 3, 5, 7, 9, 11, 13), strict=True))


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(TINY)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("project")) / "scenarios"


Requests = tuple[RunRequest, RunRequest]


def requests(project: Path, more: Sequence[str] = (), name: str = "storm") -> Requests:
    """`calm`, and a scenario that extends storm by some lines."""
    if more:
        text = "\n".join((f"name: {name}", "title: Made up", "extends: storm", *more))
        (project / f"{name}.yaml").write_text(text + "\n")
    base, other = (
        RunRequest(scenario=word, data=TINY, folders=(project,)) for word in ("calm", name)
    )
    return base, other


MILDER = (
    "timeline:",
    "  - announced: 2026-09-28",
    "    effective: 2026-11-02",
    "    set: {regime: slow, exporter: CHN}",
    "    why: earlier known",
    "    source: assumption",
    "changes:",
    "  - {what: licence, where: {parameter: throughput}, value: 0.1, unit: ratio, why: w,"
    " source: assumption}",
    "  - {what: opening_cover, where: {sector: auto}, value: 0.2, unit: ratio, why: w,"
    " source: assumption}",
)


def test_the_ends_are_the_two_scenarios(world: World, project: Path) -> None:
    asked = requests(project, MILDER, "ends")
    pair = pair_of(world, *asked)
    solver = world.solver_of(pair.one.start)
    causes = pair.causes()
    assert {"controls", "military", "throughput", "stocks"} <= set(causes)
    for switched, request in zip((frozenset[str](), frozenset(causes)), asked, strict=True):
        run = run_scenario(request, world=world)
        assert mixed_case_loss(solver, pair, switched, request.allocation) == pytest.approx(
            run_loss(run)
        )
        assert run_loss(run) > 0 or not switched


def test_a_small_world_by_cause(world: World, project: Path) -> None:
    """Of two storms that differ by throughput and stocks, these two are the causes."""
    changed = list(MILDER[6:])
    base, other = requests(project, changed, "lean")
    base = RunRequest(scenario="storm", data=TINY, folders=(project,))
    pair = pair_of(world, base, other)
    causes = pair.causes()
    assert causes == ("throughput", "military", "stocks")
    solver = world.solver_of(pair.one.start)
    found = {c: mixed_case_loss(solver, pair, c, "value") for c in between(causes)}
    runs = [run_scenario(request, world=world) for request in (base, other)]
    whole = attribute(*runs, causes, found)
    assert whole.method == SHAPLEY
    assert whole.solves == 8
    assert sum(whole.contributions.values()) == pytest.approx(whole.scenario_usd - whole.base_usd)
    assert whole.contributions["throughput"] > 0
    assert whole.contributions["stocks"] > 0
    table = causes_table([whole])
    assert list(table["place"]) == [1, 2, 3]
    assert list(table["cause"]) == list(causes)
    assert table["contribution_usd"].sum() == pytest.approx(whole.scenario_usd - whole.base_usd)


def test_when_something_is_announced_belongs_to_its_rules(world: World, project: Path) -> None:
    """The same regime from the same day, announced later: planners' beliefs alone differ."""
    later = [line.replace("2026-09-28", "2026-11-02") for line in MILDER[:6]]
    base = requests(project, MILDER[:6], "told")[1]
    other = requests(project, later, "untold")[1]
    pair = pair_of(world, base, other)
    assert "controls" in pair.causes()
    assert "stocks" not in pair.causes()


def test_one_scenario_beside_itself_has_no_causes(world: World, project: Path) -> None:
    _, storm = requests(project)
    assert pair_of(world, storm, storm).causes() == ()


def test_other_horizons_are_refused(world: World, project: Path) -> None:
    base, other = requests(project, ("horizon: {weeks: 12}",), "short")
    with pytest.raises(InvalidInput, match="cannot be attributed") as caught:
        pair_of(world, base, other)
    assert caught.value.problems[0].code == "SCEN-801"


def test_each_cause_has_a_title() -> None:
    assert len({cause.title for cause in CAUSES.values()}) == len(CAUSES)
    assert ORDER != SHAPLEY
