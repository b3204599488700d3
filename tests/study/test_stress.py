"""Nodes broken one at a time: closed forms, monotony, resuming, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import drawn
import numpy as np
import pytest
from cases import make_case, usual_numbers

from supplychain.errors import InvalidInput
from supplychain.network.entities import Network
from supplychain.report.save_results import save_stress_test
from supplychain.results.result_tables import build_tables
from supplychain.runs import kept_arrays
from supplychain.solve.rolling_horizon import Solver
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import open_world
from supplychain.study.stress.node_measures import measures_of
from supplychain.study.stress.nodes import KINDS, nodes_of
from supplychain.study.stress.solve_node import Setup, Stress
from supplychain.study.stress_tables import hit_of
from supplychain.study.stress_test import stress_test
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
WEEKS, BROKEN = 24, 12
SLACK = 1e-6


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("project"))


def setup_of(project: Path, scenario: str = "calm", share: float = 0.0, **more: Any) -> Setup:
    folders = (project / "scenarios",)
    request = RunRequest(scenario, data=TINY, folders=folders, weeks=WEEKS, **more)
    return Setup(request, share, BROKEN, 4)


def chain(held: float) -> Network:
    """Ten tonnes a week from A to the cars of B, with so many weeks on the shelf; flat weights."""
    arcs = [drawn.arc("magnet", "A", "B", 10.0)]
    lines = (drawn.line("magnets", "A", 0, {}, {"magnet": 1.0}),)
    lines = (replace(lines[0], usual_t_per_week=10.0),)
    return drawn.network(
        arcs, [drawn.car_maker("B")], lines, target_weeks=held, loss_step_2_weight=1.0
    )


def measured(network: Network, until: int) -> dict[str, Any]:
    """The chain with its one lane closed until a week."""
    numbers = usual_numbers(network, 60)
    numbers.arc_limit[:, :until] = 0.0
    case = make_case(network, numbers, weeks=WEEKS)
    solution = Solver(network).solve(case, "rolling", "contracts")
    return measures_of(solution, build_tables(solution))


def test_a_chain_survives_as_long_as_its_stock_lasts() -> None:
    """Stock over use, in whole weeks; more stock never less; the stock needed is the weeks gone."""
    survived = []
    for held in (0.0, 1.0, 2.5, 4.0, 7.0, 15.0):
        network = chain(held)
        base, broken = measured(network, 0), measured(network, BROKEN)
        hit = hit_of(broken, base, 0.02, np.array([True]))
        survived.append(int(hit.first[0]))
        assert survived[-1] == (min(int(held), WEEKS) if held < BROKEN else WEEKS), held
        assert broken["held"][0] == pytest.approx(held)
        gone = np.arange(1.0, BROKEN + 1.0)
        assert broken["needed"][0, :BROKEN] == pytest.approx(gone, abs=1e-4)
        assert hit.lost[0] == pytest.approx(max(BROKEN - held, 0.0) * 10e6, rel=1e-6)
        if held < BROKEN:
            assert hit.recovery(BROKEN)[0] == 0.0
    assert survived == sorted(survived)


@pytest.mark.parametrize("scenario", ["calm", "storm"])
def test_breaking_never_helps_and_more_left_never_hurts(project: Path, scenario: str) -> None:
    """Every kind of node, under perfect foresight; a licence keeps the regime that it has."""
    world = open_world(TINY)
    found: dict[str, list[float]] = {}
    for share in (0.0, 0.4, 0.8):
        stress = Stress(setup_of(project, scenario, share, foresight="perfect"), world)
        nodes = nodes_of(stress.network, world.tables)
        assert {node.kind for node in nodes} == set(KINDS)
        for node in nodes:
            solved = stress.solve(node)
            assert solved.arrays is not None, solved.reason
            found.setdefault(node.key, []).append(float(solved.arrays["value"].sum()))
    base = float(stress.base()["value"].sum())
    for key, losses in found.items():
        for harder, easier in pairwise([*losses, base]):
            assert harder >= easier - SLACK * max(1.0, abs(easier)), (key, losses, base)
    assert max(losses[0] for losses in found.values()) > base + 1e6


def test_resumed_it_is_the_same_to_the_last_byte(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = setup_of(project, "storm")

    def files(name: str) -> dict[str, bytes]:
        found = stress_test(setup, ["all"], quiet=True)
        written = save_stress_test(found, tmp_path / name)
        return {file.name: file.read_bytes() for file in written}

    monkeypatch.setenv(kept_arrays.PLACE, str(tmp_path / "one"))
    whole = files("whole")
    assert len(whole["nodes.csv"].splitlines()) > 5
    monkeypatch.setenv(kept_arrays.PLACE, str(tmp_path / "other"))
    solve = Stress.solve
    seen: list[Any] = []

    def ended(self: Stress, node: Any) -> Any:
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(node)
        return solve(self, node)

    with monkeypatch.context() as patch:
        patch.setattr(Stress, "solve", ended)
        with pytest.raises(KeyboardInterrupt):
            stress_test(setup, ["all"], quiet=True)
    again = Stress(setup)
    assert all(again.kept(node) is not None for node in seen)
    assert files("resumed") == whole


def test_a_node_does_not_hang_on_those_before_it(project: Path) -> None:
    setup = setup_of(project)
    world = open_world(TINY)
    nodes = nodes_of(world.solver.network, world.tables)
    forth, back = Stress(setup, world), Stress(setup, world)
    forth.base()
    changes = {node.key: forth.changes(node) for node in nodes}
    one = {node.key: forth._solve(changes[node.key]) for node in nodes}
    other = {node.key: back._solve(changes[node.key]) for node in reversed(nodes)}
    for key, arrays in one.items():
        assert {k: v.tobytes() for k, v in arrays.items()} == {
            k: v.tobytes() for k, v in other[key].items()
        }, key


def test_who_and_ranks(project: Path) -> None:
    setup = setup_of(project)
    everybody = stress_test(setup, ["all"], quiet=True)
    europe = stress_test(setup, ["all"], ["auto/EUR"], quiet=True)
    assert list(everybody.nodes["rank"]) == list(range(1, len(everybody.nodes) + 1))
    assert sorted(everybody.nodes["rank_by_first_stop"]) == list(everybody.nodes["rank"])
    assert everybody.nodes["lost_value_usd"].is_monotonic_decreasing
    assert set(europe.customers["customer"]) == {"auto-bev-eur"}
    mine = everybody.customers.set_index(["node", "customer"])["lost_value_usd"]
    for row in europe.nodes.to_dict("records"):
        assert row["lost_value_usd"] == mine.get((row["node"], "auto-bev-eur"), 0.0)
    sums = everybody.sectors.groupby("node")["lost_value_usd"].sum()
    for row in everybody.nodes.to_dict("records"):
        assert row["lost_value_usd"] == pytest.approx(sums[row["node"]])


def test_what_a_scenario_changes_itself_is_not_broken(project: Path) -> None:
    (project / "scenarios" / "own.yaml").write_text(
        "name: own\ntitle: A mine at half\nextends: calm\nchanges:\n"
        "  - what: site_capacity\n    where: {site: china-mine}\n    value: 0.5\n"
        "    unit: share\n    why: made up\n    source: assumption\n"
    )
    setup = setup_of(project, "own")
    with pytest.raises(InvalidInput) as caught:
        stress_test(setup, ["site:china-mine"], quiet=True)
    assert [found.code for found in caught.value.problems] == ["STRESS-102"]
    found = stress_test(setup, ["site"], quiet=True)
    assert "site:china-mine" not in set(found.nodes["node"])


def test_all_that_is_unknown_is_said_at_once(project: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        stress_test(setup_of(project), ["site:china-mien", "lane:CHN-EUU"], ["autoo"], quiet=True)
    problems = {found.code + found.hint for found in caught.value.problems}
    assert problems == {
        'STRESS-101Nearest: "site:china-mine".',
        'STRESS-101Nearest: "lane:CHN-EUR".',
        'STRESS-103Nearest: "auto".',
    }
