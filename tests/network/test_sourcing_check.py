"""A planner's own sourcing beside what the lanes carry."""

from __future__ import annotations

from pathlib import Path

from supplychain.dataset import read_tables
from supplychain.files import shipped
from supplychain.network.build_network import build_network
from supplychain.network.sourcing_check import overfull_lanes

HEAD = "customer,material,origin,value,low,high,unit,kind,source,note\n"


def warned(folder: Path, *shares: tuple[str, float]) -> list[str]:
    """What is said of a European maker of electric cars that buys by these shares."""
    folder.mkdir()
    rows = [
        f"auto-bev-eur,ndfeb-heavy,{origin},{share},{share},{share},share,assumed,assumption,own"
        for origin, share in shares
    ]
    (folder / "sourcing.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    tables = read_tables(shipped("data"), [folder])
    return overfull_lanes(tables, build_network(tables))


def test_more_than_the_lane_carries_is_said(tmp_path: Path) -> None:
    said = warned(tmp_path / "much", ("CHN", 0.0), ("JPN", 1.0))
    assert len(said) == 1
    assert said[0].startswith("sourcing of ndfeb-heavy from JPN to EUR asks for ")


def test_what_the_lane_carries_is_no_warning(tmp_path: Path) -> None:
    assert warned(tmp_path / "usual", ("CHN", 0.999), ("JPN", 0.001)) == []


def test_without_an_overlay_nothing_is_said() -> None:
    tables = read_tables()
    assert overfull_lanes(tables, build_network(tables)) == []
