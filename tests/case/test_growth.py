"""How plans grow, and what follows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain.case.case import build_case
from supplychain.case.growth import growth_over
from supplychain.dataset import Tables, read_tables
from supplychain.network.build_network import build_network
from supplychain.network.entities import GrowthPath, Network
from supplychain.network.growth_paths import multiples
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import BASE, CENTRAL, DEMANDS, HIGH, LOW, Calendar, calendar_of

PATH = GrowthPath((date(2025, 7, 1), date(2026, 7, 1)), (0.9, 0.8), (1.2, 1.5), (1.4, 2.0))
SEGMENT, REGION = "auto-bev", "EUR"
DAYS = ("2025-07-01", "2026-07-01", "2027-07-01")


def growing(tables: Tables, rows: list[tuple[str, str, str, float]]) -> Tables:
    """The same tables with rows (segment, region, day, growth), a tenth either way."""
    frame = pd.DataFrame(
        [
            {
                "segment": segment, "region": region, "day": pd.Timestamp(day), "value": growth,
                "low": 0.9 * growth, "high": 1.1 * growth, "unit": "ratio", "kind": "assumed",
                "source": "assumption", "note": "",
            }
            for segment, region, day, growth in rows
        ]
    )  # fmt: skip
    return replace(tables, frames={**tables.frames, "demand_growth": frame})


@pytest.fixture(scope="module")
def grown(tables: Tables) -> Tables:
    rows = [(SEGMENT, "ANY", day, 1.1 + 0.1 * i) for i, day in enumerate(DAYS)]
    rows += [(SEGMENT, REGION, day, 1.5 + 0.5 * i) for i, day in enumerate(DAYS)]
    return growing(tables, rows)


def test_a_path_is_hit_on_its_days_and_grows_by_one_rate_between() -> None:
    """From 1 in the middle of the base year; flat before it and after the last day."""
    for end, first, last in ((LOW, 0.9, 0.8), (CENTRAL, 1.2, 1.5), (HIGH, 1.4, 2.0)):
        found = multiples(PATH, end, [date(2024, 1, 1), *PATH.days, date(2030, 1, 7)])
        assert found == pytest.approx([1.0, first, last, last])
    weeks = [date(2025, 7, 7) + timedelta(weeks=i) for i in range(50)]
    rates = np.diff(np.log(multiples(PATH, CENTRAL, weeks)))
    assert rates == pytest.approx(np.full(49, np.log(1.5 / 1.2) * 7.0 / 365.0))


def test_without_days_nothing_grows() -> None:
    assert multiples(GrowthPath(), CENTRAL, [date(2024, 1, 1), date(2028, 1, 3)]).tolist() == [1, 1]


def test_a_region_of_its_own_goes_before_any(grown: Tables) -> None:
    network = build_network(grown)
    paths = {c.name: c.growth for c in network.customers if c.segment == SEGMENT}
    assert paths.pop(f"{SEGMENT}-{REGION.lower()}").central == (1.5, 2.0, 2.5)
    assert {path.central for path in paths.values()} == {(1.1, 1.2000000000000002, 1.3)}
    assert all(c.growth == GrowthPath() for c in network.customers if c.segment != SEGMENT)


def test_the_base_year_is_told_exactly(network: Network, grown: Tables) -> None:
    """Nothing of the paths is left under `base`, and nothing without rows under any demand."""
    calendar = Calendar(date(2026, 9, 28), 5, 60)
    still = growth_over(build_network(grown), BASE, calendar)
    assert (still.customers == 1.0).all()
    assert (still.lines == 1.0).all()
    for demand in DEMANDS:
        same = growth_over(network, demand, calendar)
        for name in ("customers", "deliveries", "feeds", "capacity"):
            assert getattr(same, name) == pytest.approx(getattr(still, name)), name
        assert same.licensed == pytest.approx(still.licensed)
        assert same.user_shares == pytest.approx(still.user_shares)


def test_usual_trade_grows_as_the_plans_it_serves(grown: Tables) -> None:
    """A delivery as its customer's plan when it arrives; what is upstream between all it serves."""
    network = build_network(grown)
    found = growth_over(network, CENTRAL, Calendar(date(2026, 9, 28), 5, 60))
    for i, d in enumerate(network.deliveries):
        own, plan = found.deliveries[i], found.customers[d.customer]
        assert own[: 60 - d.transit_weeks] == pytest.approx(plan[d.transit_weeks : 60])
    most = found.customers.max(axis=0)
    assert (found.lines >= 1.0 - 1e-9).all()
    assert (found.lines <= most * 1.02).all()
    makers = [i for i, x in enumerate(network.lines) if x.stage == "magnet-making"]
    assert (found.lines[makers].max(axis=0) > 1.05).all()


def test_the_parts_of_a_class_add_up_to_it(grown: Tables) -> None:
    """And the segment that grows has no smaller part for it."""
    network = build_network(grown)
    found = growth_over(network, HIGH, Calendar(date(2026, 9, 28), 5, 60))
    sums = np.zeros_like(found.licensed)
    np.add.at(sums, [u.category for u in network.end_users], found.user_shares)
    trades = np.array([k.usual_t_per_week for k in network.categories]) > 0.0
    assert sums[trades] == pytest.approx(np.ones_like(sums[trades]))
    rises = [
        (found.user_shares[i], u.share)
        for i, u in enumerate(network.end_users)
        if u.name == SEGMENT
        and 0.0 < u.share < 1.0
        and network.categories[u.category].destination == REGION
    ]
    assert all((later >= usual * (1.0 - 1e-9)).all() for later, usual in rises)
    assert rises


@pytest.mark.parametrize(("setting", "demand"), [((), CENTRAL), (("demand=low",), LOW)])
def test_plans_stocks_and_purchases_of_a_case_start_at_the_plan_of_the_week(
    grown: Tables, load: Any, setting: tuple[str, ...], demand: str
) -> None:
    scenario = load("", list(setting))
    assert scenario.demand == demand
    network = build_network(grown)
    case = build_case(network, grown, scenario)
    base = build_case(network, grown, load("", ["demand=base"]))
    row = network.customer_index[f"{SEGMENT}-{REGION.lower()}"]
    days = [scenario.monday(0), scenario.monday(40)]
    growth = multiples(network.customers[row].growth, demand, days)
    plans = case.known().plan[row]
    assert [plans[0], plans[40]] == pytest.approx(network.customers[row].plan_per_week * growth)
    for i, cover in enumerate(network.covers):
        if cover.customer == row and cover.need_t_per_week:
            assert case.opening_cover[i] == pytest.approx(base.opening_cover[i] * growth[0])


def test_a_change_of_plan_is_on_top_of_growth(grown: Tables, load: Any) -> None:
    network = build_network(grown)
    plain = build_case(network, grown, load("")).known().plan
    half = build_case(network, grown, load("", ["plan@sector:auto=0.5"])).known().plan
    auto = [i for i, c in enumerate(network.customers) if c.sector == "auto"]
    assert half[auto] == pytest.approx(0.5 * plain[auto])


@pytest.fixture(scope="module")
def real() -> Tables:
    return read_tables()


def test_each_shipped_segment_has_paths_that_go_on(real: Tables) -> None:
    network = build_network(real)
    assert [c.name for c in network.customers if not c.growth.days] == []
    for c in network.customers:
        path = c.growth
        assert all(a <= b <= h for a, b, h in zip(path.low, path.central, path.high, strict=True))


def test_shipped_scenarios_grow_and_the_fit_of_2025_does_not(real: Tables) -> None:
    for name, demand in (
        ("truce", CENTRAL), ("open", CENTRAL), ("record", CENTRAL),
        ("hindcast-2025", BASE), ("hindcast-2023", BASE), ("hindcast-2010", BASE),
    ):  # fmt: skip
        assert load_scenario(name, real).demand == demand, name
    early = load_scenario("open", real, settings=["horizon.start=2024-01-01"])
    assert early.demand == BASE


def test_magnets_outside_china_grow_by_what_is_known_of_plants(real: Tables) -> None:
    """Capacity beyond 2024, kt: 0.8 to 3 in 2026, 2.6 to 7 in 2027, 4.5 to 13 in 2028."""
    network = build_network(real)
    scenario = load_scenario(
        "open", real, settings=["horizon.start=2024-01-01", "horizon.weeks=260"]
    )
    case = build_case(network, real, scenario)
    rows = [
        i
        for i, x in enumerate(network.lines)
        if x.process.startswith("magnet-ndfeb") and x.region != "CHN"
    ]
    weekly = case.known().line_capacity[rows].sum(axis=0)
    made = [float(weekly[52 * n : 52 * (n + 1)].sum()) / 1000.0 for n in range(5)]
    for year, (low, high) in {2: (0.8, 3.0), 3: (2.6, 7.0), 4: (4.5, 13.0)}.items():
        assert low <= made[year] - made[0] <= high, (year, made)


def test_calendars_of_growth_reach_back_to_the_first_entry(real: Tables) -> None:
    scenario = load_scenario("truce", real)
    calendar = calendar_of(scenario, scenario.weeks)
    network = build_network(real)
    found = growth_over(network, scenario.demand, calendar)
    assert found.customers.shape == (len(network.customers), calendar.weeks)
    assert found.customers[:, 0] == pytest.approx(np.ones(len(network.customers)))
    assert found.since(calendar.before).customers.shape[1] == calendar.span
