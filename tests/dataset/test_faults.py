"""One planted fault per code; `faults.txt` holds what a user reads about each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from supplychain.reference.problem_codes import DATA_CODES

if TYPE_CHECKING:
    from tests.dataset.conftest import World


def _bytes(world: World, name: str, content: bytes) -> None:
    (world.data / name).write_bytes(content)


def _header(world: World, table: str, old: str, new: str) -> None:
    path = world.path(table)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def _no_folder(world: World) -> None:
    world.data.rename(world.root / "elsewhere")


def _no_process_needs(world: World) -> None:
    world.drop("process_flows", "separation needs")


def _no_makes(world: World) -> None:
    world.drop("process_flows", "mining makes")
    world.twin("process_flows", "separation needs", process="mining")


PLANTS: dict[str, Callable[[World], object]] = {
    "no folder": _no_folder,
    "missing file": lambda w: w.path("arcs").unlink(),
    "misnamed file": lambda w: w.path("arcs").rename(w.data / "arks.csv"),
    "stray file": lambda w: _bytes(w, "prices.xlsx", b""),
    "unknown region": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", destination="EUU"),
    "unknown control beside ANY": lambda w: w.set(
        "regime_parameters", "slow ANY ANY military approval_share", control="ALL"
    ),
    "target of an unknown region": lambda w: w.set(
        "closure_targets", "exports-EUR", target="exports-EUU"
    ),
    "file that cannot be opened": lambda w: (
        w.path("arcs").unlink(),
        w.path("arcs").symlink_to("nowhere"),
    ),
    "file of another encoding": lambda w: _bytes(
        w, "regions.csv", "region,name,countries,note\nEUR,Européen,a,\n".encode("latin-1")
    ),
    "empty file": lambda w: _bytes(w, "stocks.csv", b""),
    "binary file": lambda w: _bytes(w, "stocks.csv", b"\x00\x01"),
    "semicolons": lambda w: _bytes(w, "stocks.csv", b"region;material;quantity\n"),
    "comma in a text": lambda w: _header(
        w, "sources", "Made up for the tests", "Made up, for the tests"
    ),
    "quote in a text": lambda w: _header(
        w, "sources", "Made up for the tests", '"Made up" for the tests'
    ),
    "missing column": lambda w: _header(w, "stocks", "quantity,", ""),
    "misspelt column": lambda w: _header(w, "sources", "confidence", "confidance"),
    "column twice": lambda w: _header(w, "stocks", "kind,source,note", "kind,source,source"),
    "key twice": lambda w: w.twin("arcs", "ndfeb-heavy CHN EUR"),
    "unknown status": lambda w: w.set("lines", "china-mine-ore", status="runing"),
    "identifier with capitals": lambda w: w.set(
        "events", "announcement-18", event="Announcement 18"
    ),
    "region with small letters": lambda w: w.twin("regions", "EUR", region="Europe"),
    "unknown quantity": lambda w: w.set("line_numbers", "china-mine-ore ramp", quantity="rampe"),
    "unknown assumption": lambda w: w.set(
        "assumptions", "far_period_weeks", assumption="far_periods_weeks"
    ),
    "blank number": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", value=""),
    "blank text": lambda w: w.set("sites", "europe-magnets", country=" "),
    "blank date": lambda w: w.set("controls", "cn-2025-18-magnets", announced=""),
    "blank unit": lambda w: w.set("stocks", "EUR", unit=""),
    "decimal comma": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", value="1 500,0"),
    "not a number": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", value="NaN"),
    "too large for a number": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", high="1e999"),
    "unknown unit": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", unit="kt/y"),
    "unit of something else": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", unit="t"),
    "negative capacity": lambda w: w.set("line_numbers", "china-mine-ore capacity", low="-12000"),
    "percent without its sign": lambda w: w.set(
        "sourcing", "guided-weapon-usa", value="100", high="100"
    ),
    "date in words": lambda w: w.set("lines", "china-mine-ore", start="4 April 2025"),
    "date that does not exist": lambda w: w.set("lines", "china-mine-ore", start="2025-02-30"),
    "low above value": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", low="1501"),
    "high below value": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", high="1499"),
    "unknown kind": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", kind="guessed"),
    "assumption without a range": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", low=""),
    "no source": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", source=""),
    "unknown source": lambda w: w.set("arcs", "ndfeb-heavy CHN EUR", source="assumption;asumption"),
    "more mass out than in": lambda w: w.set(
        "process_flows", "separation makes ndpr-oxide", value="0.21", high="0.21"
    ),
    "more elements than material": lambda w: w.set(
        "material_content", "ore-bayan-obo lace", value="0.8", high="0.8"
    ),
    "material without elements": lambda w: w.twin("materials", "dy-oxide", material="tb-oxide"),
    "product out of nothing": _no_process_needs,
    "process without product": _no_makes,
    "run above capacity": lambda w: w.set(
        "line_numbers", "europe-magnets-heavy usual_run", value="601", high="601"
    ),
    "line without capacity": lambda w: w.drop("line_numbers", "europe-magnets-heavy capacity"),
    "assumption missing": lambda w: w.drop("assumptions", "far_period_weeks"),
    "run before the start": lambda w: w.set("lines", "europe-magnets-heavy", start="2025-01-01"),
    "arc without a lane": lambda w: w.drop("lanes", "EUR USA transit"),
    "lane by air without a price": lambda w: w.twin(
        "lanes", "CHN EUR transit", quantity="air_transit", value="1", low="1", high="1"
    ),
    "transit beyond all bounds": lambda w: w.set(
        "lanes", "CHN EUR transit", value="1e30", high="1e30"
    ),
    "arc inside a region": lambda w: w.twin("arcs", "dy-oxide CHN EUR", destination="CHN"),
    "change of a route that is not there": lambda w: w.set(
        "arc_changes", "ndpr-oxide CHN EUR", destination="USA"
    ),
    "change of a route in the base year": lambda w: w.set(
        "arc_changes", "ndpr-oxide CHN EUR", start="2024-12-31"
    ),
    "growth in the base year": lambda w: w.set("demand_growth", "auto-bev ANY", day="2024-12-31"),
    "off-take above all": lambda w: w.twin(
        "line_numbers",
        "europe-magnets-heavy start_share",
        quantity="offtake",
        value="1.1",
        high="1.1",
    ),
    "customer that plans nothing": lambda w: w.set(
        "customer_numbers", "auto-bev-eur plan", value="0", low="0"
    ),
    "stock beyond all bounds": lambda w: w.set("stocks", "EUR dy-oxide", value="1e10", high="1e10"),
    "customer named otherwise": lambda w: w.set("customers", "auto-bev-eur", region="USA"),
    "customer without needs": lambda w: w.drop("intensities", "guided-weapon"),
    "customer out of reach": lambda w: (
        w.drop("arcs", "ndfeb-heavy CHN EUR"),
        w.drop("arcs", "ndfeb-heavy EUR EUR"),
    ),
    "customer without cover": lambda w: w.drop("covers", "auto-bev-eur ndfeb-heavy opening_cover"),
    "recipe without speed": lambda w: w.drop("recipes", "auto-bev thrifted max_share"),
    "recipe called normal": lambda w: w.twin(
        "recipes", "auto-bev thrifted max_share", recipe="normal"
    ),
    "purchases short of all": lambda w: w.set(
        "sourcing", "guided-weapon-usa", value="0.9", low="0.9"
    ),
    "purchase without an arc": lambda w: w.set("sourcing", "guided-weapon-usa", origin="USA"),
    "late dearer than lost": lambda w: (
        w.set("segment_numbers", "auto-bev make_up", value="26", high="26"),
        w.set("segment_numbers", "auto-bev late_cost", value="0.05", high="0.05"),
    ),
    "rule on a recipe that is not there": lambda w: w.set(
        "recipe_rules", "auto-bev thrifted", segment="guided-weapon"
    ),
    "rule older than its control": lambda w: w.set(
        "recipe_rules", "auto-bev thrifted", since="2025-04-03"
    ),
    "control of nothing": lambda w: w.twin("controls", "cn-2025-18-magnets", control="cn-2025-61"),
    "control that ends before it begins": lambda w: w.set(
        "controls", "cn-2025-18-magnets", until="2025-04-03"
    ),
    "event out of order": lambda w: w.set("events", "announcement-18", announced="2025-04-05"),
    "regimes of a state short of one": lambda w: w.set(
        "regime_states", "tightened slow", value="0.5"
    ),
    "companion without a regime": lambda w: w.set(
        "regime_states", "tightened slow", companion_regime=""
    ),
    "regime without a parameter": lambda w: (
        w.drop("regime_parameters", "slow ANY ANY ANY review"),
        w.drop("regime_parameters", "slow ANY ANY ANY approval_share"),
        w.drop("regime_parameters", "embargo ANY ANY ANY throughput"),
    ),
    "gap between spells": lambda w: w.set("regime_spells", "metals 2025-01-06", until="2025-03-31"),
    "spell that changes nothing": lambda w: w.set(
        "regime_spells", "metals 2025-04-07", state="open"
    ),
    "spell that ends before it begins": lambda w: w.set(
        "regime_spells", "metals 2025-04-07", until="2025-04-07"
    ),
    "site without a line": lambda w: w.twin("sites", "europe-magnets", site="europe-mine"),
    "loss steps short of the plan": lambda w: w.set(
        "assumptions", "loss_step_4_share", value="0.3", low="0.3"
    ),
    "loss steps not convex": lambda w: w.set(
        "assumptions", "loss_step_2_weight", value="0.9", low="0.9"
    ),
    "periods of no length": lambda w: w.set("assumptions", "far_period_weeks", value="0", low="0"),
    "tangents at one share": lambda w: w.set(
        "assumptions", "firm_layer_2_share", value="0.05", low="0.05"
    ),
    "overlay removes what is not there": lambda w: w.mine(
        "arcs", "ndfeb-heavy CHN EUR", origin="USA", remove="yes"
    ),
    "overlay with another word for yes": lambda w: w.mine(
        "arcs", "ndfeb-heavy CHN EUR", remove="true"
    ),
    "overlay without tables": lambda w: (w.root / "mine").mkdir(),
    "overlay with a fault": lambda w: w.mine("arcs", "ndfeb-heavy CHN EUR", value="-5"),
    "overlay with a company of all output": lambda w: _carved(w, "1000000", "1000"),
    "overlay with a company of all value": lambda w: _carved(w, "40000", "500000"),
    "overlay with a company of all need": lambda w: _carved(w, "500000", "1000"),
}


def _carved(w: World, plan: str, value: str) -> None:
    """Weapons of Europe, 5 kg each, carved out of its million cars of 2 kg and 15,000 USD."""
    name = "guided-weapon-eur"
    row = {"customer": name, "segment": "guided-weapon", "region": "EUR", "note": ""}
    w.write("customers", [row], "mine")
    numbers = [r for r in w.rows("customer_numbers") if r["customer"] == "guided-weapon-usa"]
    amounts = ((plan, "plan"), (value, "value_added"))
    w.write(
        "customer_numbers",
        [
            {**numbers[0], "customer": name, "quantity": quantity, "value": amount, "low": amount,
             "high": amount, "raw": amount, "unit": "unit/a" if quantity == "plan" else "USD/unit"}
            for amount, quantity in amounts
        ],
        "mine",
    )  # fmt: skip
    covers = [r for r in w.rows("covers") if r["customer"] == "guided-weapon-usa"]
    w.write("covers", [{**r, "customer": name} for r in covers], "mine")
    out_of = {"company": "guided-weapon", "segment": "auto-bev", "region": "EUR", "note": ""}
    w.write("companies", [out_of], "mine")


def _told() -> dict[str, list[str]]:
    """What `faults.txt` says: a line with the name of each fault, then one line per problem."""
    told: dict[str, list[str]] = {}
    for line in (Path(__file__).parent / "faults.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            told[list(told)[-1]].append(line.strip())
        elif line:
            told[line] = []
    return told


@pytest.mark.parametrize("name", PLANTS)
def test_each_fault_is_told_with_place_and_remedy(name: str, world: World) -> None:
    PLANTS[name](world)
    assert world.sentences(overlay=name.startswith("overlay")) == _told()[name]


def test_every_fault_told_is_planted_and_every_code_met() -> None:
    assert list(_told()) == list(PLANTS)
    assert {line.split()[0] for lines in _told().values() for line in lines} == set(DATA_CODES)
