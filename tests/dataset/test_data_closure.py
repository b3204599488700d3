"""What the tiny world adds up to, by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from supplychain.dataset import closure, read_tables
from supplychain.dataset.data_closure import Adjusted, ElementBalance

if TYPE_CHECKING:
    from tests.dataset.conftest import World


def test_shares_and_world_production(world: World) -> None:
    found = closure(read_tables(world.data))
    assert found.china_share == {
        "mining": 1.0,
        "refining": 1.0,
        "heavy_separation": 1.0,
        "ndfeb_magnets": pytest.approx(5000 / 5500),
    }
    assert found.world_ndfeb_t == 5500
    assert found.exports_t == {"EUR": 1500, "USA": 50}


def test_shares_count_magnet_elements_only(world: World) -> None:
    """A European mine of the same ore, 5,000 t, and separation of half of it."""
    for name, run in (("mine-ore", "5000"), ("separation-oxides", "2500")):
        line = f"china-{name}"
        world.twin("lines", line, line=f"europe-{name}", site="europe-magnets")
        cells = {"line": f"europe-{name}", "value": run, "low": "0", "high": "9000"}
        for quantity in ("capacity", "usual_run", "ramp", "start_share"):
            value = {"usual_run": run, "start_share": "1", "ramp": "52"}.get(quantity, "6000")
            cells.update(value=value, high=value)
            world.twin("line_numbers", f"{line} {quantity}", **cells)
    found = closure(read_tables(world.data))
    assert found.china_share["mining"] == pytest.approx(10000 / 15000)
    assert found.china_share["refining"] == pytest.approx(10000 / 12500)
    assert found.china_share["heavy_separation"] == pytest.approx(10000 / 12500)


def test_refining_counts_all_oxides_and_nothing_else(world: World) -> None:
    """Europe recycles 200 t and splits 1,000 t of feed into 100 t of oxide and 50 t of feed."""
    for process, stage, run in (("sorting", "separation", 1000), ("scrap", "recycling", 200)):
        world.twin("processes", "separation", process=process, stage=stage)
        for quantity in ("lead_time", "cost"):
            world.twin("process_numbers", f"separation {quantity}", process=process)
        world.twin("lines", "china-mine-ore", line=process, site="europe-magnets", process=process)
        for quantity in ("capacity", "usual_run", "ramp", "start_share"):
            value = {"start_share": "1", "ramp": "52"}.get(quantity, f"{run}")
            cells = {"line": process, "value": value, "low": "0"}
            cells["high"] = cells["value"]
            world.twin("line_numbers", f"china-mine-ore {quantity}", **cells)
    flows = [
        ("sorting", "needs", "ore-bayan-obo", "1"),
        ("sorting", "makes", "ore-bayan-obo", "0.05"),
        ("sorting", "makes", "ndpr-oxide", "0.1"),
        ("scrap", "makes", "ndpr-oxide", "1"),
    ]
    for process, role, material, value in flows:
        cells = {"process": process, "role": role, "material": material}
        world.twin("process_flows", "mining makes", **cells, value=value, low=value, high=value)
    found = closure(read_tables(world.data))
    china = 10000 * (0.187 + 0.00935)
    assert found.china_share["refining"] == pytest.approx(china / (china + 100 + 200))
    ndpr = {element.element: element for element in found.elements}["ndpr"]
    assert ndpr.mined_t == pytest.approx(2000)
    assert ndpr.made_t == pytest.approx(1970)
    assert ndpr.recycled_t == pytest.approx(200)


def test_elements_from_mine_to_use(world: World) -> None:
    """Use: 5,500 t of magnets, of which 0.33 NdPr and 0.016 Dy."""
    elements = closure(read_tables(world.data)).elements
    assert elements[0] == ElementBalance("dy", 100, pytest.approx(93.5), 0, pytest.approx(88))
    assert elements[2] == ElementBalance("ndpr", 2000, pytest.approx(1870), 0, pytest.approx(1815))


def test_adjusted_rows_come_with_the_largest_change_first(world: World) -> None:
    world.set("arcs", "ndfeb-heavy EUR USA", value="0", raw="3")
    world.set("arcs", "ndfeb-heavy CHN USA", raw="0")
    found = closure(read_tables(world.data)).adjusted
    assert found == (
        Adjusted("arcs", "ndfeb-heavy, CHN, USA", 0, 50, "t/a", None),
        Adjusted("arcs", "ndfeb-heavy, EUR, USA", 3, 0, "t/a", -1.0),
        Adjusted(
            "line_numbers",
            "china-magnets-heavy, usual_run",
            5600,
            5000,
            "t/a",
            pytest.approx(5000 / 5600 - 1),
        ),
        Adjusted(
            "line_numbers",
            "china-mine-ore, usual_run",
            9900,
            10000,
            "t/a",
            pytest.approx(10000 / 9900 - 1),
        ),
    )


def test_targets_hold_or_not(world: World) -> None:
    world.set("closure_targets", "world-ndfeb", value="213", low="200", high="220", unit="kt/a")
    found = {target.target: target for target in closure(read_tables(world.data)).targets}
    assert found["china-share-ndfeb"].ok
    assert found["exports-EUR"].ok
    target = found["world-ndfeb"]
    assert (target.found, target.wanted, target.ok) == (5500, 213000, False)
    world.set("closure_targets", "world-ndfeb", value="5", low="4", high="5.4", unit="kt/a")
    targets = closure(read_tables(world.data)).targets
    assert [t.ok for t in targets if t.target == "world-ndfeb"] == [False]


def test_a_world_without_mines_has_no_share(world: World) -> None:
    world.set("line_numbers", "china-mine-ore usual_run", value="0", low="0")
    found = closure(read_tables(world.data))
    assert found.china_share["mining"] is None
    assert [t.ok for t in found.targets if t.target == "china-share-mining"] == [False]


def test_it_can_be_written_as_json_without_nan(world: World) -> None:
    json.dumps(closure(read_tables(world.data)).as_json(), allow_nan=False)
